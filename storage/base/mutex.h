// std::mutex and std::unique_lock with the annotations of thread_safety.h.
#pragma once

#include <mutex>

#include "storage/base/thread_safety.h"

namespace journeyfeed {

class JF_CAPABILITY("mutex") Mutex {
 public:
  void lock() JF_ACQUIRE() { mutex_.lock(); }
  void unlock() JF_RELEASE() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

// Holds the mutex while it lives, except between unlock() and lock(). Wait with a std::condition_variable_any, whose
// predicate is annotated: [this]() JF_REQUIRES(mutex_) { return ready_; }.
class JF_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) JF_ACQUIRE(mutex) : lock_(mutex) {}
  ~MutexLock() JF_RELEASE() {}
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void lock() JF_ACQUIRE() { lock_.lock(); }
  void unlock() JF_RELEASE() { lock_.unlock(); }

 private:
  std::unique_lock<Mutex> lock_;
};

}  // namespace journeyfeed
