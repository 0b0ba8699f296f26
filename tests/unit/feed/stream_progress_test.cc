// What pages mean for a stream: its phases, and the read that follows. Marks, ends and messages: change_stream_test.
#include "services/feed/stream_progress.h"

#include <gmock/gmock.h>

#include "tests/unit/feed/entities.h"
#include "tests/unit/feed/scripted_store.h"

namespace journeyfeed::testing {
namespace {

using feed::StreamProgress;
using Phase = StreamProgress::Phase;

feed::ChangeRequest Following() {
  return {.entity = &feed::Session(), .after = {}, .partition_id = {}, .follow = true, .resync_when_expired = true};
}

ChangePage LoadEnd(std::int64_t seq, std::int64_t head) {
  ChangePage page = PageAt(seq, head, 1);
  page.load_ended = true;
  return page;
}

TEST(StreamProgressTest, PhasesFollowThePages) {
  const feed::ChangeRequest request = Following();
  StreamProgress progress(request);
  EXPECT_EQ(progress.phase(), Phase::kStarting);
  const std::vector<std::pair<ChangePage, Phase>> pages = {
      {LoadPageAt(7, 1, 2), Phase::kLoading}, {LoadEnd(7, 9), Phase::kCatchingUp}, {PageAt(9, 9, 2), Phase::kLive},
      {PageAt(9, 12), Phase::kCatchingUp},    {PageAt(12, 12, 3), Phase::kLive},
  };
  for (const auto& [page, phase] : pages) {
    progress.Advance(page);
    EXPECT_EQ(progress.phase(), phase) << page.next.seq;
    EXPECT_EQ(progress.NextRead().after, page.next.position);
    EXPECT_EQ(progress.seen_head(), page.head);
  }
}

TEST(StreamProgressTest, AnExpiredPositionLoadsAgainAndSaysSoOnce) {
  const feed::ChangeRequest request = Following();
  StreamProgress progress(request);
  progress.Advance(PageAt(9, 9, 2));
  ASSERT_TRUE(progress.live());
  progress.Resync();
  EXPECT_EQ(progress.phase(), Phase::kLoading) << "a stream that was live must read at once";
  EXPECT_FALSE(progress.NextRead().after);
  const ChangePage page = LoadPageAt(20, 1, 2);
  EXPECT_TRUE(progress.Advance(page).must_send);
  EXPECT_TRUE(progress.TakeFacts(page, false).resync);
  EXPECT_FALSE(progress.TakeFacts(page, false).resync);
}

// Its token is one of the new load: a stream that ended now would hand it out without the flag.
TEST(StreamProgressTest, ALoadThatBeganAgainIsToldEvenByAPageWithoutRecords) {
  const feed::ChangeRequest request = Following();
  StreamProgress progress(request);
  progress.Advance(PageAt(9, 9, 2));
  progress.Resync();
  const ChangePage page = LoadPageAt(20, 1, 0);
  EXPECT_TRUE(progress.Advance(page).must_send);
  EXPECT_TRUE(progress.TakeFacts(page, false).resync);
  EXPECT_FALSE(progress.Advance(LoadPageAt(20, 2, 0)).must_send);
}

// A page without changes becomes a message only once: when it is the first to show that nothing follows.
TEST(StreamProgressTest, APageWithoutChangesWaitsForItsTime) {
  const feed::ChangeRequest request = Following();
  StreamProgress progress(request);
  const ChangePage quiet = PageAt(9, 9);
  EXPECT_TRUE(progress.Advance(quiet).must_send);
  progress.TakeFacts(quiet, false);
  EXPECT_FALSE(progress.Advance(PageAt(12, 12)).must_send);
  EXPECT_TRUE(progress.Advance(PageAt(13, 13, 1)).must_send);
}

TEST(StreamProgressTest, ALimitOfChangesBoundsTheNextRead) {
  feed::ChangeRequest request = Following();
  request.max_changes = 5;
  StreamProgress progress(request);
  EXPECT_EQ(progress.NextRead().max_changes, 5);
  EXPECT_FALSE(progress.Advance(PageAt(9, 20, 3)).last);
  EXPECT_EQ(progress.NextRead().max_changes, 2);
  const ChangePage rest = PageAt(11, 20, 2);
  EXPECT_TRUE(progress.Advance(rest).last);
  EXPECT_TRUE(progress.TakeFacts(rest, true).more_records);
}

}  // namespace
}  // namespace journeyfeed::testing
