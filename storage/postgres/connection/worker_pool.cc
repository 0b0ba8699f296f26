#include "storage/postgres/connection/worker_pool.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "storage/base/guarded.h"
#include "storage/postgres/connection/sql_state.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;
namespace pb = entity::v1;

constexpr auto kRetryPause = 200ms;

Failure Stopping() { return Unavailable("the server is shutting down"); }

Failure Overloaded() {
  return {.reason = pb::ERROR_REASON_OVERLOADED, .message = "too many reads are waiting", .retry_after = 100ms};
}

}  // namespace

Result<Connection*> ReconnectingConnection::Get() {
  if (connection_ && connection_->Alive()) return connection_.get();
  connection_.reset();
  const auto now = std::chrono::steady_clock::now();
  if (now < retry_at_) return std::unexpected(Unavailable("the database cannot be reached"));
  auto opened = Connection::Open(conninfo_, options_, kConnectTimeout, stop_);
  if (!opened) {
    retry_at_ = std::chrono::steady_clock::now() + kRetryPause;
    spdlog::debug("no connection to the database: {}", opened.error().message);
    return std::unexpected(Unavailable("the database cannot be reached"));
  }
  if (opened_) opened_->Increment();
  if (auto admitted = admit_ ? admit_(**opened) : Result<void>(); !admitted) {
    retry_at_ = std::chrono::steady_clock::now() + kRetryPause;
    return std::unexpected(admitted.error());
  }
  connection_ = std::move(*opened);
  return connection_.get();
}

WorkerPool::WorkerPool(std::string conninfo, std::string options, int workers, std::size_t queue_limit,
                       PoolMetrics metrics)
    : conninfo_(std::move(conninfo)), options_(std::move(options)), queue_limit_(queue_limit), metrics_(metrics) {
  if (metrics_.sessions) metrics_.sessions->Set(workers);
  for (int i = 0; i < workers; ++i) {
    workers_.emplace_back([this](std::stop_token stop) { RunTasks(stop); });
  }
}

void WorkerPool::Stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
  }
  for (auto& worker : workers_) worker.request_stop();
  workers_.clear();  // joins
  for (Entry& entry : std::exchange(queue_, {})) Refuse(entry.task, Stopping());
  for (auto& [when, entry] : std::exchange(later_, {})) Refuse(entry.task, Stopping());
}

Failure WorkerPool::WhyRefused() {
  const std::scoped_lock lock(mutex_);
  return stopped_ ? Stopping() : Overloaded();
}

void WorkerPool::Refuse(const Task& task, Failure why) {
  Guarded("a read that is refused", [&] { task(std::unexpected(std::move(why))); });
}

void WorkerPool::Enqueue(Deadline deadline, Task task) {
  {
    const std::scoped_lock lock(mutex_);
    if (!stopped_ && queue_.size() < queue_limit_) {
      queue_.push_back({deadline, std::move(task), std::chrono::steady_clock::now()});
      if (metrics_.waiting) metrics_.waiting->Set(static_cast<double>(queue_.size()));
      wake_.notify_one();
      return;
    }
  }
  Refuse(task, WhyRefused());
}

void WorkerPool::EnqueueAt(std::chrono::steady_clock::time_point when, Deadline deadline, Task task) {
  {
    const std::scoped_lock lock(mutex_);
    if (!stopped_ && later_.size() < queue_limit_) {
      later_.emplace(when, Entry{deadline, std::move(task), when});
      wake_.notify_one();
      return;
    }
  }
  Refuse(task, WhyRefused());
}

void WorkerPool::TakeDue(std::chrono::steady_clock::time_point now) {
  while (!later_.empty() && later_.begin()->first <= now) {
    queue_.push_back(std::move(later_.begin()->second));
    later_.erase(later_.begin());
    wake_.notify_one();
  }
}

// Waits for the next entry; returns nothing when the pool ends.
std::optional<WorkerPool::Entry> WorkerPool::Next(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    TakeDue(std::chrono::steady_clock::now());
    if (!queue_.empty()) {
      Entry entry = std::move(queue_.front());
      queue_.pop_front();
      if (metrics_.waiting) metrics_.waiting->Set(static_cast<double>(queue_.size()));
      return entry;
    }
    if (later_.empty()) {
      wake_.wait(lock, stop, [this] { return !queue_.empty() || !later_.empty(); });
      continue;
    }
    // A copy: another thread may take the entry while this one waits.
    const auto due = later_.begin()->first;
    wake_.wait_until(lock, stop, due,
                     [this, due] { return !queue_.empty() || (!later_.empty() && later_.begin()->first < due); });
  }
  return std::nullopt;
}

void WorkerPool::RunTasks(std::stop_token stop) {
  ReconnectingConnection connection(conninfo_, options_, metrics_.connections);
  while (auto entry = Next(stop)) {
    const auto now = std::chrono::steady_clock::now();
    if (metrics_.wait_time) metrics_.wait_time->Observe(std::chrono::duration<double>(now - entry->arrived).count());
    if (entry->deadline < now) {
      Refuse(entry->task, Failure{.reason = pb::ERROR_REASON_DEADLINE_EXCEEDED,
                                  .message = "deadline exceeded while the read was queued"});
    } else {
      if (metrics_.busy) metrics_.busy->Increment();
      // After an exception the state of the connection is unknown.
      if (!Guarded("a read", [&] { Attempt(*entry, connection); })) connection.Drop();
      if (metrics_.busy) metrics_.busy->Decrement();
    }
  }
}

void WorkerPool::Attempt(const Entry& entry, ReconnectingConnection& connection) {
  if (!entry.task(connection.Get())) entry.task(connection.Get());
}

}  // namespace journeyfeed::postgres
