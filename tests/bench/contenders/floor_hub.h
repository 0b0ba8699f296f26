// The followers of a floor, and the thread that sends to all of them.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace journeyfeed::bench {

using SharedBuffer = std::shared_ptr<const grpc::ByteBuffer>;

class FloorHub;

// One follower's stream. Every buffer that it is sent is delivered, in order. gRPC owns it.
class FloorStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  FloorStream(FloorHub& hub, SharedBuffer first);

  void Send(const SharedBuffer& buffer);

 private:
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;
  void FinishOnce();

  FloorHub& hub_;
  std::mutex mutex_;                // guards the following members
  std::deque<SharedBuffer> queue_;  // the first is being written
  bool finished_ = false;
};

// Thread-safe.
class FloorHub {
 public:
  // Rests between two buffers like a LiveChannel with its default settings: six times what the last one took, at most
  // `longest_rest`.
  explicit FloorHub(std::chrono::milliseconds longest_rest);
  // All streams have ended.
  ~FloorHub();

  // Sends `changes`, which are serialised fields of a response, to all streams soon.
  void Publish(const std::string& changes);

  // A new stream, whose first message shows that it is live.
  FloorStream* Follow();
  void Leave(FloorStream* stream);

 private:
  void SendUntilStopped(const std::stop_token& stop);

  const std::chrono::milliseconds longest_rest_;
  std::mutex mutex_;  // guards changes_
  std::condition_variable_any published_;
  std::string changes_;
  std::mutex streams_mutex_;  // guards streams_; taken without mutex_
  std::set<FloorStream*> streams_;
  std::jthread sender_;
};

}  // namespace journeyfeed::bench
