// Updates that change nothing, in every status and by every message: where callers may not change a record they leave
// no trace on it.
#include <gtest/gtest.h>

#include <functional>

#include "tests/lifecycle/journeys.h"

namespace journeyfeed::testing {
namespace {

using Stub = journeys::CustomerJourneyService::Stub;
bool IsReadOnly(int status) { return status == kGoingLive || status == kStopping; }

// What only a change may modify, and the log.
std::string TraceOf(const std::string& id) {
  return Query(Url(),
               "select concat_ws(' ', version_number, modified_by, modified_on, modified_on_behalf_by, (select count(*)"
               " from journeyfeed.customer_journey_log where record_id = t.id)) from journeyfeed.customer_journey t"
               " where id = '" +
                   id + "'");
}

std::string WriterOf(const std::string& id) {
  return Query(Url(),
               "select concat_ws(' ', modified_by, modified_on_behalf_by) from journeyfeed.customer_journey"
               " where id = '" +
                   id + "'");
}

std::string ModifiedOn(const std::string& id) {
  return Query(Url(), "select modified_on from journeyfeed.customer_journey where id = '" + id + "'");
}

// Each sends a target with the id and `more`, with another message.
using Message = std::function<Ending(const std::string& id, const std::string& more, const Headers& headers)>;
struct Way {
  const char* name;
  Message send;
};

template <typename Request, typename Response>
Ending SendMany(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const std::string& id,
                const std::string& more, const Headers& headers) {
  return Journeys().Send(method, Parse<Request>("targets { " + Target(id, more) + " }"), headers).ending;
}

const std::vector<Way>& Ways() {
  static const std::vector<Way> ways = {
      {"Update", [](const auto& id, const auto& more,
                    const auto& headers) { return Journeys().Update(Target(id, more), headers).ending; }},
      {"Update with if_match",
       [](const auto& id, const auto& more, const auto& headers) {
         const std::string version = std::to_string(Journeys().Get(id).version_number());
         return Journeys().Update(Target(id, more) + "if_match: " + Quote(version), headers).ending;
       }},
      {"Upsert", [](const auto& id, const auto& more,
                    const auto& headers) { return Journeys().Upsert(Target(id, more), headers).ending; }},
      {"UpdateMultiple", [](const auto& id, const auto& more,
                            const auto& headers) { return SendMany(&Stub::UpdateMultiple, id, more, headers); }},
      {"UpsertMultiple", [](const auto& id, const auto& more,
                            const auto& headers) { return SendMany(&Stub::UpsertMultiple, id, more, headers); }},
  };
  return ways;
}

TEST(Unchanged, AnUpdateOfNothingIsRefusedWhereNothingMayBeSet) {
  const std::string other = NewId();
  for (int status = 0; status < kStatuses; ++status) {
    for (const Way& way : Ways()) {
      const std::string cell = std::string(way.name) + " in " + kLabels[status];
      const std::string id = MakeJourney();
      const Hold hold(Url(), id);
      PutInto(Url(), id, status);
      const std::string before = TraceOf(id);
      const Ending ending = way.send(id, "", {{"x-user-id", other}});
      if (!IsReadOnly(status)) {
        EXPECT_TRUE(ending.ok()) << cell << ending;
        EXPECT_EQ(WriterOf(id), other) << cell;
        continue;
      }
      EXPECT_EQ(ending.code, grpc::StatusCode::FAILED_PRECONDITION) << cell;
      EXPECT_EQ(ending.reason, "CANNOT_UPDATE_BECAUSE_IT_IS_READ_ONLY") << cell << ending;
      EXPECT_EQ(TraceOf(id), before) << cell;
    }
  }
}

// It is accepted, so that a call that asks for a status can be repeated; but the first caller stays the one who asked.
TEST(Unchanged, ARepeatedStatusLeavesTheWriterWhereNothingMayBeSet) {
  const std::string other = NewId(), delegate = NewId();
  for (int status = 0; status < kStatuses; ++status) {
    for (const Way& way : Ways()) {
      const std::string cell = std::string(way.name) + " in " + kLabels[status];
      const std::string id = MakeJourney();
      const Hold hold(Url(), id);
      PutInto(Url(), id, status);
      const std::string writer = WriterOf(id), time = ModifiedOn(id);
      const Ending ending = way.send(id, "status_code: " + std::to_string(Code(status)),
                                     {{"x-user-id", delegate}, {"x-on-behalf-of", other}});
      EXPECT_TRUE(ending.ok()) << cell << ending;
      EXPECT_EQ(StatusOf(Url(), id), status) << cell;
      EXPECT_EQ(WriterOf(id) == writer, IsReadOnly(status)) << cell << ' ' << WriterOf(id);
      EXPECT_EQ(ModifiedOn(id) == time, IsReadOnly(status)) << cell;
    }
  }
}

TEST(Unchanged, AVersionThatDiffersIsSaidBefore) {
  const std::string id = MakeJourney();
  const Hold hold(Url(), id);
  PutInto(Url(), id, kGoingLive);
  EXPECT_EQ(Journeys().Update(Target(id) + "if_match: '999999'").ending.reason, "CONCURRENCY_VERSION_MISMATCH");
  EXPECT_EQ(Journeys().Update(Target(NewId())).ending.reason, "OBJECT_DOES_NOT_EXIST");
}

}  // namespace
}  // namespace journeyfeed::testing
