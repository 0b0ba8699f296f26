// Threads that each own a connection and take tasks from one bounded queue.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "storage/postgres/connection.h"
#include "storage/postgres/store_metrics.h"
#include "storage/status.h"
#include "storage/store.h"

namespace journeyfeed::postgres {

// A connection that is opened when it is needed and opened again after it was lost. One thread at a time.
class ReconnectingConnection {
 public:
  // `admit` is asked about every new session: one that it refuses is not used.
  using Admission = std::function<Result<void>(Connection&)>;

  // `opened`, when given, counts connections.
  ReconnectingConnection(std::string conninfo, std::string options, prometheus::Counter* opened = nullptr,
                         Admission admit = {})
      : conninfo_(std::move(conninfo)), options_(std::move(options)), opened_(opened), admit_(std::move(admit)) {}

  // The connection, usable when last seen. Fails at once when an attempt failed a moment ago.
  Result<Connection*> Get();

 private:
  const std::string conninfo_;
  const std::string options_;
  prometheus::Counter* const opened_;
  const Admission admit_;
  std::unique_ptr<Connection> connection_;
  std::chrono::steady_clock::time_point retry_at_;
};

class WorkerPool {
 public:
  // Gets a usable connection, or why there is none. Runs on a thread of the pool.
  using Task = std::function<void(Result<Connection*>)>;

  WorkerPool(std::string conninfo, std::string options, int workers, std::size_t queue_limit, PoolMetrics metrics);
  // Ends after running every queued task with an error; running ones finish.
  ~WorkerPool();

  // Queues a task. Beyond the bound it runs at once, on the calling thread, with OVERLOADED; when its deadline has
  // passed before its turn comes, with DEADLINE_EXCEEDED. Thread-safe.
  void Submit(Deadline deadline, Task task);

  // The same at a later time. As many tasks may wait for their time as in the queue.
  void SubmitAt(std::chrono::steady_clock::time_point when, Deadline deadline, Task task);

 private:
  struct Entry {
    Deadline deadline;
    Task task;
    Deadline arrived;
  };
  void Run(std::stop_token stop);
  std::optional<Entry> Next(std::stop_token stop);
  void TakeDue(std::chrono::steady_clock::time_point now);  // under mutex_

  const std::string conninfo_;
  const std::string options_;
  const std::size_t queue_limit_;
  const PoolMetrics metrics_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Entry> queue_;                                            // guarded by mutex_
  std::multimap<std::chrono::steady_clock::time_point, Entry> later_;  // by when; guarded by mutex_
  std::vector<std::jthread> workers_;
};

}  // namespace journeyfeed::postgres
