// Loads that begin anew, one case at a time; model_test.cc has the rest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "journeyfeed/client/channel.h"
#include "journeyfeed/client/typed.h"
#include "tests/unit/cli/fake_service.h"
#include "tests/unit/client/copy.h"

namespace journeyfeed::client::testing {
namespace {

using cli::testing::FakeService;
using cli::testing::FakeSessions;
using journeyrunsession::v1::JourneyRunSession;
using ::testing::ElementsAre;
using ::testing::Pair;
using Response = FakeSessions::Response;

struct Told {
  std::string id;
  std::int64_t version;
  bool removed = false;
};

// Messages in the order of a stream; the token is the number of the message.
class Script {
 public:
  Script& Load(const std::vector<Told>& told) { return Add(entity::v1::CHANGE_PHASE_INITIAL_LOAD, told); }
  Script& Then(const std::vector<Told>& told) { return Add(entity::v1::CHANGE_PHASE_CHANGES, told); }
  Script& Consistent() {
    messages_.back().set_consistent(true);
    return *this;
  }
  Script& Resync() {
    messages_.back().set_resync(true);
    return *this;
  }
  const std::vector<Response>& messages() const { return messages_; }

 private:
  Script& Add(entity::v1::ChangePhase phase, const std::vector<Told>& told) {
    Response& message = messages_.emplace_back();
    message.set_phase(phase);
    message.set_data_token(std::to_string(messages_.size()));
    for (const Told& one : told) {
      auto& change = *message.add_changes();
      change.set_version_number(one.version);
      if (one.removed) {
        change.mutable_removed_item()->set_id(one.id);
      } else {
        change.mutable_new_or_updated_entity()->set_id(one.id);
      }
    }
    return *this;
  }

  std::vector<Response> messages_;
};

class MarkAndSweep : public ::testing::Test {
 protected:
  // A consumer that begins where the copy is and is killed after `count` batches of the script; 0: of all.
  void Follow(const Script& script, std::size_t count = 0) {
    service_.sessions.stream = [&](int, const auto&, auto& writer, auto&) {
      for (const Response& message : script.messages()) writer.Write(message);
      return grpc::Status::OK;
    };
    FeedConsumer consumer(MakeChannel(service_.address, grpc::InsecureChannelCredentials()),
                          {.service = ServiceOf<JourneyRunSession>(), .follow = false});
    std::size_t seen = 0;
    ASSERT_TRUE(consumer.Run(copy_.place(), [&](const Batch& batch) {
      copy_.Apply(batch);
      resyncs_ += batch.resync ? 1 : 0;
      return ++seen == count ? Next::kStop : Next::kContinue;
    }));
  }

  FakeService service_;
  Copy copy_;
  int resyncs_ = 0;
};

TEST_F(MarkAndSweep, ARecordThatWasDeletedMeanwhileGoesWhenTheLoadIsComplete) {
  Follow(Script().Load({{"a", 1}, {"b", 2}}).Then({}).Consistent());
  Follow(Script().Load({{"a", 1}}).Resync().Then({}));
  EXPECT_THAT(copy_.versions(), ElementsAre(Pair("a", 1), Pair("b", 2))) << "not before the state is consistent";
  EXPECT_TRUE(copy_.place().loading);
  Follow(Script().Then({{"c", 9}}).Consistent());
  EXPECT_THAT(copy_.versions(), ElementsAre(Pair("a", 1), Pair("c", 9)));
  EXPECT_EQ(copy_.place(), (Checkpoint{.token = "1", .generation = 2, .loading = false}));
}

TEST_F(MarkAndSweep, ARecordThatMovedDuringTheLoadIsNeverMissing) {
  Follow(Script().Load({{"a", 1}, {"b", 2}}).Then({}).Consistent());
  const Script moved = Script().Load({{"a", 1}}).Resync().Then({}).Then({{"b", 7}}).Consistent();
  for (std::size_t killed_after = 1; killed_after <= 2; ++killed_after) {
    Follow(moved, killed_after);
    EXPECT_TRUE(copy_.versions().contains("b")) << killed_after;
  }
  Follow(moved);
  EXPECT_THAT(copy_.versions(), ElementsAre(Pair("a", 1), Pair("b", 7)));
}

TEST_F(MarkAndSweep, ALoadDuringWhichNothingChangedEndsWithItsLastPage) {
  Follow(Script().Load({{"a", 1}, {"b", 2}}).Consistent());
  EXPECT_FALSE(copy_.place().loading);
  Follow(Script().Load({{"a", 1}}).Resync().Consistent());
  EXPECT_THAT(copy_.versions(), ElementsAre(Pair("a", 1)));
}

TEST_F(MarkAndSweep, ALoadGoesOnInItsGenerationAfterAKill) {
  Follow(Script().Load({{"a", 1}, {"b", 2}, {"c", 3}}).Then({}).Consistent());
  Follow(Script().Load({{"a", 1}}).Resync(), 1);
  Follow(Script().Load({{"b", 2}}).Then({}).Consistent());  // from the token within the load
  EXPECT_EQ(service_.sessions.requests().back().data_version(), "1");
  EXPECT_EQ(resyncs_, 1);
  EXPECT_THAT(copy_.versions(), ElementsAre(Pair("a", 1), Pair("b", 2)));
}

TEST_F(MarkAndSweep, ASecondLossWithinTheLoadBeginsAnotherGeneration) {
  Follow(Script().Load({{"a", 1}, {"b", 2}}).Then({}).Consistent());
  Follow(Script().Load({{"a", 1}, {"b", 2}}).Resync(), 1);
  Follow(Script().Load({{"b", 2}}).Resync().Then({}).Consistent());  // a went between the two loads
  EXPECT_EQ(copy_.place().generation, 3);
  EXPECT_THAT(copy_.versions(), ElementsAre(Pair("b", 2)));
}

TEST_F(MarkAndSweep, WhatWasWrittenAfterTheLoadStays) {
  Follow(Script().Load({{"a", 1}}).Then({}).Consistent().Then({{"b", 2}, {"unknown", 3, true}}).Consistent());
  EXPECT_THAT(copy_.versions(), ElementsAre(Pair("a", 1), Pair("b", 2)));
  EXPECT_EQ(copy_.generation_of("b"), 1);
}

TEST_F(MarkAndSweep, AVersionOfALostHistoryIsReplacedByALowerOne) {
  Follow(Script().Load({{"a", 90}, {"b", 91}}).Then({{"a", 100}, {"c", 101}}).Consistent());
  Follow(Script().Load({{"a", 90}}).Resync().Then({{"b", 95, true}}).Consistent());
  EXPECT_THAT(copy_.versions(), ElementsAre(Pair("a", 90)));
}

TEST_F(MarkAndSweep, ChangesThatStepBehindTheLoadChangeNothing) {
  Follow(Script().Load({{"a", 5}, {"b", 6}}).Then({{"a", 3}, {"b", 4, true}}).Then({}).Consistent());
  EXPECT_THAT(copy_.versions(), ElementsAre(Pair("a", 5), Pair("b", 6)));
}

TEST_F(MarkAndSweep, ALoadThatBeginsWithoutAWordIsANewOne) {
  Follow(Script().Load({{"a", 1}, {"b", 2}}).Then({}).Consistent());
  Follow(Script().Load({{"a", 1}}).Then({}).Consistent());
  EXPECT_EQ(resyncs_, 1);
  EXPECT_THAT(copy_.versions(), ElementsAre(Pair("a", 1)));
}

TEST_F(MarkAndSweep, ACopyThatIsToBeReloadedSaysSo) {
  Follow(Script().Load({{"a", 1}, {"b", 2}}).Then({}).Consistent());
  service_.sessions.stream = [](int, const auto& request, auto& writer, auto&) {
    EXPECT_EQ(request.data_version(), "");
    EXPECT_FALSE(request.skip_initial_load());
    writer.Write(Script().Load({{"a", 1}}).messages()[0]);
    return grpc::Status::OK;
  };
  FeedConsumer consumer(MakeChannel(service_.address, grpc::InsecureChannelCredentials()),
                        {.service = ServiceOf<JourneyRunSession>(), .follow = false});
  bool resync = false;
  ASSERT_TRUE(consumer.Run(copy_.place().Reload(), [&](const Batch& batch) {
    resync = batch.resync;
    EXPECT_EQ(batch.checkpoint.generation, 2);
    return Next::kContinue;
  }));
  EXPECT_TRUE(resync);
}

}  // namespace
}  // namespace journeyfeed::client::testing
