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
#include <stop_token>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "storage/failure.h"
#include "storage/postgres/connection/connection.h"
#include "storage/postgres/store_metrics.h"
#include "storage/store.h"

namespace journeyfeed::postgres {

// A connection that opens when it is needed and opens again after a loss. One thread at a time.
class ReconnectingConnection {
 public:
  // Called for every new connection; one that it refuses is not used.
  using Admission = std::function<Result<void>(Connection&)>;

  // `opened`, when given, counts connections. `stop` ends every wait of its connections at once.
  ReconnectingConnection(std::string conninfo, std::string options, prometheus::Counter* opened = nullptr,
                         Admission admit = {}, std::stop_token stop = {})
      : conninfo_(std::move(conninfo)),
        options_(std::move(options)),
        opened_(opened),
        admit_(std::move(admit)),
        stop_(std::move(stop)) {}

  // Returns the connection, or a new one if the server closed it while it was idle. Fails at once if an attempt failed
  // a moment ago.
  Result<Connection*> Get();

  // The next Get opens a new connection.
  void Drop() { connection_.reset(); }

 private:
  const std::string conninfo_;
  const std::string options_;
  prometheus::Counter* const opened_;
  const Admission admit_;
  const std::stop_token stop_;
  std::unique_ptr<Connection> connection_;
  std::chrono::steady_clock::time_point retry_at_;
};

class WorkerPool {
 public:
  WorkerPool(std::string conninfo, std::string options, int workers, std::size_t queue_limit, PoolMetrics metrics);
  ~WorkerPool() { Stop(); }

  // Runs every queued task with an error, and waits for running ones. A task that comes later gets that error at once.
  void Stop();

  // Queues a task, which runs on a thread of the pool and gets a usable connection or the reason why there is none. A
  // task that returns false lost its connection and runs once more with a new one; its second result has no effect. If
  // the queue is full, the task runs at once, on the calling thread, with OVERLOADED. If its deadline passes in the
  // queue, it runs with DEADLINE_EXCEEDED. Thread-safe.
  template <typename Work>
  void Submit(Deadline deadline, Work task) {
    Enqueue(deadline, AsTask(std::move(task)));
  }

  // The same at a later time. The queue's limit also holds for the tasks that wait for their time.
  template <typename Work>
  void SubmitAt(std::chrono::steady_clock::time_point when, Deadline deadline, Work task) {
    EnqueueAt(when, deadline, AsTask(std::move(task)));
  }

 private:
  using Task = std::function<bool(Result<Connection*>)>;  // false: run it again
  struct Entry {
    Deadline deadline;
    Task task;
    Deadline arrived;
  };
  template <typename Work>
  static Task AsTask(Work work) {
    if constexpr (std::is_same_v<std::invoke_result_t<Work&, Result<Connection*>>, bool>) {
      return work;
    } else {
      return [work = std::move(work)](Result<Connection*> connection) mutable { return work(connection), true; };
    }
  }
  static void Refuse(const Task& task, Failure why);
  Failure WhyRefused();
  void Enqueue(Deadline deadline, Task task);
  void EnqueueAt(std::chrono::steady_clock::time_point when, Deadline deadline, Task task);
  void RunTasks(std::stop_token stop);
  static void Attempt(const Entry& entry, ReconnectingConnection& connection);
  std::optional<Entry> Next(std::stop_token stop);
  void TakeDue(std::chrono::steady_clock::time_point now);  // under mutex_

  const std::string conninfo_;
  const std::string options_;
  const std::size_t queue_limit_;
  const PoolMetrics metrics_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool stopped_ = false;                                               // guarded by mutex_
  std::deque<Entry> queue_;                                            // guarded by mutex_
  std::multimap<std::chrono::steady_clock::time_point, Entry> later_;  // by when; guarded by mutex_
  std::vector<std::jthread> workers_;
};

}  // namespace journeyfeed::postgres
