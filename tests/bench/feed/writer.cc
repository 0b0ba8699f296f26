#include "tests/bench/feed/writer.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace journeyfeed::bench {
namespace {

using http2::EventLoop;

int MakeTimer() {
  const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (timer < 0) throw std::system_error(errno, std::generic_category(), "timerfd_create");
  return timer;
}

}  // namespace

std::string PartitionName(int partition) { return "p" + std::to_string(partition); }

Writer::Writer(EventLoop& loop, Contender& contender, const WriteLoad& load)
    : loop_(loop),
      contender_(contender),
      load_(load),
      timer_(MakeTimer()),
      connection_(loop, contender.address(), *this, {.turn = EventLoop::Turn::kUrgent}),
      written_to_(static_cast<std::size_t>(std::max(1, load.partitions))) {
  loop_.Add(timer_, EPOLLIN, *this, EventLoop::Turn::kUrgent);
}

Writer::~Writer() {
  loop_.Remove(timer_);
  ::close(timer_);
}

void Writer::SetTimer(std::chrono::nanoseconds period) {
  const timespec time{.tv_sec = period.count() / 1000000000, .tv_nsec = period.count() % 1000000000};
  const itimerspec setting{.it_interval = time, .it_value = time};
  ::timerfd_settime(timer_, 0, &setting, nullptr);
}

void Writer::Start() {
  stopped_ = false;
  SetTimer(std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 * load_.per_call / load_.records_per_second)));
}

void Writer::Stop() {
  stopped_ = true;
  due_ = 0;
  SetTimer({});
}

void Writer::OnReady(std::uint32_t) {
  std::uint64_t periods = 0;
  if (::read(timer_, &periods, sizeof periods) != sizeof periods) return;
  if (!stopped_) due_ += periods;
  SendDue();
}

void Writer::SendDue() {
  while (due_ > 0 && in_flight_ < load_.in_flight && !connection_.broken()) {
    --due_;
    Send();
  }
}

void Writer::Send() {
  const std::size_t batch = batches_.size();
  const auto now = Clock::now();
  batches_.push_back({.sent = now, .answered = {}});
  Mark mark{.sent = now.time_since_epoch(), .batch = static_cast<std::uint32_t>(batch), .place = 0};
  std::vector<std::string> texts;
  for (int i = 0; i < load_.per_call; ++i, ++mark.place) texts.push_back(MarkedText(mark, load_.text_bytes));
  Contender::Partition partition;
  if (load_.partitions > 0) partition = PartitionName(static_cast<int>(PartitionOf(batch)));
  ++in_flight_;
  connection_.Open(contender_.Write(texts, partition));
}

void Writer::OnMessage(http2::Connection&, std::size_t call, std::string_view, Clock::time_point read_at) {
  Batch& batch = batches_[call];
  batch.answered = read_at;
  written_ += static_cast<std::uint64_t>(load_.per_call);
  for (int i = 0; i < load_.per_call; ++i)
    written_to_[PartitionOf(call)].Add(
        {.batch = static_cast<std::uint32_t>(call), .place = static_cast<std::uint32_t>(i)});
  if (answers_ != nullptr) answers_->Record(read_at - batch.sent);
}

void Writer::OnEnd(http2::Connection&, std::size_t call, const http2::CallEnd& end) {
  --in_flight_;
  if (!batches_[call].answered && failed_++ == 0) problem_ = "a write ended with " + end.status + " " + end.message;
  SendDue();
}

std::optional<Writer::Clock::time_point> Writer::AnsweredAt(std::uint32_t batch) const {
  return batch < batches_.size() ? batches_[batch].answered : std::nullopt;
}

const Tally& Writer::WrittenTo(int partition) const { return written_to_[static_cast<std::size_t>(partition)]; }

}  // namespace journeyfeed::bench
