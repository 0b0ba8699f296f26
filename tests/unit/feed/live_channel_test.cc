// Who may join a channel, what it gives whom, and when it sends its streams away.
#include "services/feed/live_channel.h"

#include <gmock/gmock.h>

#include "tests/support/eventually.h"
#include "tests/unit/feed/entities.h"
#include "tests/unit/feed/scripted_store.h"

namespace journeyfeed::testing {
namespace {

namespace pb = entity::v1;
using namespace std::chrono_literals;
using feed::LiveChannel;
using feed::Subscription;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using State = Subscription::State;

// Answers a read when the test says so.
class WaitingStore final : public ScriptedStore {
 public:
  void ReadChanges(ChangePageRequest request, Callback<ChangePage> done) override {
    const std::scoped_lock lock(mutex_);
    requests.push_back(std::move(request));
    waiting_.push_back(std::move(done));
  }
  std::size_t waiting() {
    const std::scoped_lock lock(mutex_);
    return waiting_.size();
  }
  void AnswerFirst(Result<ChangePage> page) {
    Callback<ChangePage> done;
    {
      const std::scoped_lock lock(mutex_);
      done = std::move(waiting_.front());
      waiting_.pop_front();
    }
    done(std::move(page));
  }

  std::vector<ChangePageRequest> requests;

 private:
  std::mutex mutex_;
  std::deque<Callback<ChangePage>> waiting_;
};

// Of partition and whether it ends a call.
using Entries = std::vector<std::pair<std::string, bool>>;

ChangePage PageWith(std::int64_t from, const Entries& entries) {
  const std::int64_t end = from + static_cast<std::int64_t>(entries.size());
  ChangePage page = PageAt(end, end);
  for (const auto& [partition, call_end] : entries) {
    Change& change = page.changes.emplace_back();
    change.key = {.id = Uuid::FromName(partition), .partition_id = partition};
    change.seq = change.version = ++from;
    change.call_end = call_end;
  }
  page.call_end = entries.back().second;
  return page;
}

class LiveChannelTest : public ::testing::Test {
 protected:
  ~LiveChannelTest() override {
    for (Subscription* each : {&all_, &of_a_, &of_b_}) channel_->Exit(*each);
    channel_->Stop();
  }

  void Begin(std::int64_t head) {
    for (Subscription* each : {&all_, &of_a_, &of_b_}) channel_->Enter(*each);
    ASSERT_EQ(store_.waiting(), 1U);
    store_.AnswerFirst(PageAt(head, head));
    channel_->OnDelivered(0ms);
    ASSERT_NE(channel_->epoch(), 0U);
  }
  bool Join(Subscription& subscription, const PageEnd& end) {
    return channel_->Join(subscription, end, channel_->epoch());
  }
  void BeginAndJoin(std::int64_t head) {
    Begin(head);
    for (Subscription* each : {&all_, &of_a_, &of_b_}) ASSERT_TRUE(Join(*each, EndOf(head, head)));
  }
  // Lets the channel read a page, and counts the streams that it woke.
  void Publish(const ChangePage& page) {
    channel_->OnCommit(page.next.seq);
    ASSERT_EQ(store_.waiting(), 1U);
    woken_ = 0;
    store_.AnswerFirst(page);
    channel_->OnDelivered(0ms);
  }
  // The sequence numbers of the changes that the stream gets, one list for each page.
  std::vector<std::vector<std::int64_t>> Take(Subscription& subscription) {
    std::vector<std::vector<std::int64_t>> taken;
    for (auto step = channel_->Next(subscription); step.slice; step = channel_->Next(subscription)) {
      taken.emplace_back();
      for (const Change& change : step.slice->page().changes) taken.back().push_back(change.seq);
    }
    return taken;
  }

  WaitingStore store_;
  Timer timer_{"timer"};
  const feed::FeedMetrics metrics_{nullptr};
  std::size_t woken_ = 0;
  std::shared_ptr<LiveChannel> channel_ = std::make_shared<LiveChannel>(
      store_, timer_, feed::Session(), ~std::uint64_t{0}, feed::LiveSettings{.ring_bytes = 5000},
      metrics_.OfChannels(feed::Session()),
      [this](const std::shared_ptr<LiveChannel>&, const LiveChannel::Streams& streams) { woken_ += streams.size(); });
  Subscription all_;
  Subscription of_a_{.stream = {}, .partition = "a", .from = {}};
  Subscription of_b_{.stream = {}, .partition = "b", .from = {}};
};

TEST_F(LiveChannelTest, OnlyAGoodPositionOfThisEpochJoins) {
  EXPECT_FALSE(channel_->Join(all_, EndOf(10, 10), 0)) << "it has not begun";
  Begin(10);
  EXPECT_FALSE(channel_->Join(all_, EndOf(10, 10), channel_->epoch() - 1)) << "judged before it began";
  EXPECT_FALSE(Join(all_, EndOf(9, 9))) << "before the oldest page";
  EXPECT_FALSE(Join(all_, EndOf(10, 12))) << "not a state that the database had";
  PageEnd other = EndOf(10, 10);
  other.history += 1;
  EXPECT_FALSE(Join(all_, other));
  EXPECT_TRUE(Join(all_, EndOf(10, 10)));
  EXPECT_FALSE(channel_->HasNext(all_));
}

// With the tokens that it got from the channel.
TEST_F(LiveChannelTest, AStreamThatComesBackJoinsWhereAPageEnds) {
  BeginAndJoin(10);
  Publish(PageWith(10, {{"a", true}}));
  Publish(PageWith(11, {{"b", true}, {"a", false}}));
  const auto rejoins = [this](Subscription& subscription, const PageEnd& end) {
    channel_->Exit(subscription);
    channel_->Enter(subscription);
    return channel_->Rejoin(subscription, end.position);
  };
  EXPECT_TRUE(rejoins(all_, EndOf(10, 10)));
  EXPECT_THAT(Take(all_), ElementsAre(ElementsAre(11), ElementsAre(12, 13)));
  EXPECT_TRUE(rejoins(of_b_, EndOf(11, 11)));
  EXPECT_THAT(Take(of_b_), ElementsAre(ElementsAre(12)));
  EXPECT_TRUE(rejoins(of_a_, EndOf(13, 13)));
  EXPECT_FALSE(channel_->HasNext(of_a_));
  EXPECT_FALSE(rejoins(all_, EndOf(12, 13))) << "within a page";
  EXPECT_FALSE(rejoins(all_, EndOf(9, 9))) << "older than the pages";
  EXPECT_FALSE(rejoins(all_, EndOf(13, 12))) << "of another log: the row at the high water differs";
  // The end of the call that was open where it came back concerns it, in whatever partition.
  Publish(PageWith(13, {{"b", true}}));
  EXPECT_EQ(channel_->Next(of_a_).slice->page().ended_before->seq, 14);
  EXPECT_EQ(store_.waiting(), 0U) << "no page was read for any of them";
  channel_->OnCommit(20);
  store_.AnswerFirst(std::unexpected(Failing(pb::ERROR_REASON_SERVICE_UNAVAILABLE)));
  EXPECT_FALSE(rejoins(all_, EndOf(14, 14))) << "the channel does not know whether that still holds";
}

TEST_F(LiveChannelTest, AllStreamsTakeTheSamePage) {
  BeginAndJoin(10);
  Subscription other;
  channel_->Enter(other);
  ASSERT_TRUE(Join(other, EndOf(10, 10)));
  Publish(PageWith(10, {{"a", true}, {"b", true}}));
  EXPECT_EQ(channel_->Next(all_).slice, channel_->Next(other).slice);
  EXPECT_THAT(Take(of_a_), ElementsAre(ElementsAre(11)));
  EXPECT_THAT(Take(of_b_), ElementsAre(ElementsAre(12)));
  channel_->Exit(other);
}

// However many streams there are: those of other partitions are neither woken nor touched, and do not fall behind.
TEST_F(LiveChannelTest, AStreamOfAQuietPartitionStaysAtTheHead) {
  BeginAndJoin(10);
  for (std::int64_t head = 10; head < 200; ++head) {
    Publish(PageWith(head, {{"a", true}}));
    EXPECT_EQ(woken_, 2U);
    EXPECT_THAT(Take(all_), ElementsAre(ElementsAre(head + 1)));
    EXPECT_THAT(Take(of_a_), ElementsAre(ElementsAre(head + 1)));
    EXPECT_FALSE(channel_->HasNext(of_b_));
  }
  EXPECT_EQ(channel_->Exit(of_b_)->position, EndOf(200, 200).position);
}

TEST_F(LiveChannelTest, AStreamThatJoinedAheadGetsOnlyWhatFollows) {
  Begin(10);
  ASSERT_TRUE(Join(all_, EndOf(12, 12)));
  EXPECT_FALSE(channel_->HasNext(all_));
  Publish(PageWith(10, {{"a", true}}));
  EXPECT_THAT(Take(all_), IsEmpty());
  Publish(PageWith(11, {{"a", true}, {"b", true}}));
  EXPECT_EQ(woken_, 1U);
  EXPECT_THAT(Take(all_), ElementsAre(ElementsAre(13)));
}

// A page that it has already is no reason to wake it, and no reason not to wake it for the next one.
TEST_F(LiveChannelTest, AStreamThatJoinedAheadIsToldOnlyOfWhatFollows) {
  Begin(10);
  ASSERT_TRUE(Join(all_, EndOf(12, 12)));
  Publish(PageWith(10, {{"a", true}}));
  EXPECT_EQ(woken_, 0U);
  Publish(PageWith(11, {{"a", true}}));
  EXPECT_EQ(woken_, 0U);
  Publish(PageWith(12, {{"a", true}}));
  EXPECT_EQ(woken_, 1U);
  EXPECT_THAT(Take(all_), ElementsAre(ElementsAre(13)));
}

// The pages that passed it did not concern it, so nothing woke it: the first one that does must.
TEST_F(LiveChannelTest, AStreamThatJoinedAheadIsToldOfItsFirstPage) {
  Begin(10);
  ASSERT_TRUE(Join(of_b_, EndOf(12, 12)));
  Publish(PageWith(10, {{"a", true}, {"a", true}}));
  Publish(PageWith(12, {{"a", true}}));
  EXPECT_EQ(woken_, 0U);
  Publish(PageWith(13, {{"b", true}}));
  EXPECT_EQ(woken_, 1U);
  Publish(PageWith(14, {{"b", true}}));
  EXPECT_EQ(woken_, 0U) << "it was told already";
  EXPECT_THAT(Take(of_b_), ElementsAre(ElementsAre(14), ElementsAre(15)));
  Publish(PageWith(15, {{"b", true}}));
  EXPECT_EQ(woken_, 1U);
}

TEST_F(LiveChannelTest, AStreamThatDoesNotReadLeavesWithItsOwnPosition) {
  BeginAndJoin(10);
  std::int64_t head = 10;
  Publish(PageWith(head++, {{"a", true}}));
  ASSERT_THAT(Take(of_a_), ElementsAre(ElementsAre(11)));
  while (head < 100) Publish(PageWith(head++, {{"a", true}}));
  const auto step = channel_->Next(of_a_);
  EXPECT_FALSE(step.slice);
  ASSERT_TRUE(step.left);
  EXPECT_EQ(step.left->position, EndOf(11, 11).position);
  EXPECT_FALSE(channel_->Exit(of_a_)) << "it is away already";
}

// The last change that the stream got did not end its call: the page that ends it is for it, although it shows nothing.
// When another channel needs its part of the ring.
TEST_F(LiveChannelTest, ASmallerRingKeepsTheNewestPage) {
  BeginAndJoin(10);
  Publish(PageWith(10, {{"b", true}}));
  Publish(PageWith(11, {{"a", true}}));
  channel_->SetRingBytes(1);
  EXPECT_THAT(Take(of_a_), ElementsAre(ElementsAre(12)));
  const auto left = channel_->Next(all_).left;
  ASSERT_TRUE(left);
  EXPECT_EQ(left->seq, 10);
}

TEST_F(LiveChannelTest, TheEndOfACallReachesAStreamThatSawItsBeginning) {
  BeginAndJoin(10);
  Publish(PageWith(10, {{"a", false}}));
  ASSERT_THAT(Take(of_a_), ElementsAre(ElementsAre(11)));
  Publish(PageWith(11, {{"b", false}}));
  EXPECT_THAT(Take(of_a_), ElementsAre(IsEmpty()));
  Publish(PageWith(12, {{"b", true}}));
  const auto step = channel_->Next(of_a_);
  ASSERT_TRUE(step.slice);
  EXPECT_TRUE(step.slice->page().ended_before);
  EXPECT_THAT(Take(of_a_), IsEmpty());
  Publish(PageWith(13, {{"b", true}}));
  EXPECT_FALSE(channel_->HasNext(of_a_)) << "nothing is owed any more";
}

TEST_F(LiveChannelTest, ALostHistorySendsAllAwayAndBeginsAnew) {
  BeginAndJoin(10);
  Publish(PageWith(10, {{"a", true}}));
  ASSERT_THAT(Take(all_), ElementsAre(ElementsAre(11)));
  const std::uint64_t epoch = channel_->epoch();
  channel_->OnCommit(12);
  store_.AnswerFirst(std::unexpected(Failing(pb::ERROR_REASON_FEED_HISTORY_CHANGED)));
  EXPECT_EQ(channel_->epoch(), 0U);
  EXPECT_EQ(channel_->Next(all_).left->position, EndOf(11, 11).position);
  EXPECT_EQ(channel_->Next(of_a_).left->position, EndOf(10, 10).position) << "it did not take the page";
  EXPECT_EQ(channel_->Next(of_b_).left->position, EndOf(11, 11).position) << "the page did not concern it";
  ASSERT_TRUE(Eventually([&] { return store_.waiting() == 1; }));
  EXPECT_TRUE(store_.requests.back().start_at_head);
  store_.AnswerFirst(PageAt(5, 5));
  EXPECT_FALSE(channel_->Join(all_, EndOf(5, 5), epoch)) << "read before the new beginning";
  EXPECT_TRUE(Join(all_, EndOf(5, 5)));
}

TEST_F(LiveChannelTest, AFailureThatPassesKeepsTheStreams) {
  BeginAndJoin(10);
  channel_->OnCommit(11);
  store_.AnswerFirst(std::unexpected(Failing(pb::ERROR_REASON_SERVICE_UNAVAILABLE)));
  ASSERT_TRUE(Eventually([&] { return store_.waiting() == 1; })) << "it asks again";
  store_.AnswerFirst(PageWith(10, {{"a", true}}));
  EXPECT_THAT(Take(all_), ElementsAre(ElementsAre(11)));
}

TEST_F(LiveChannelTest, ProgressIsWhatWasVerifiedSince) {
  BeginAndJoin(10);
  const auto now = std::chrono::steady_clock::now();
  EXPECT_TRUE(channel_->Progress(all_, now - 1h));
  EXPECT_FALSE(channel_->Progress(all_, now));
  ASSERT_EQ(store_.waiting(), 1U) << "one statement, for all that wait";
  EXPECT_FALSE(channel_->Progress(of_b_, now));
  ASSERT_EQ(store_.waiting(), 1U);
  woken_ = 0;
  ChangePage page = PageAt(10, 10);
  page.as_of = {.micros = 77};
  page.call_end = true;
  store_.AnswerFirst(page);
  EXPECT_EQ(woken_, 2U);
  const auto shown = channel_->Progress(all_, now);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->page().as_of.micros, 77);
  EXPECT_TRUE(shown->page().call_end) << "of the log row at the head";
  EXPECT_EQ(shown->page().next.position, EndOf(10, 10).position);
  EXPECT_EQ(channel_->Progress(of_b_, now), shown) << "one message for all";
}

TEST_F(LiveChannelTest, WithoutStreamsNothingIsRead) {
  BeginAndJoin(10);
  for (Subscription* each : {&all_, &of_a_, &of_b_}) channel_->Exit(*each);
  channel_->OnCommit(11);
  EXPECT_EQ(store_.waiting(), 0U);
}

}  // namespace
}  // namespace journeyfeed::testing
