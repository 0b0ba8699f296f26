// What a connection has still to send, within the windows that its peer grants.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "tests/bench/http2/frame.h"

namespace journeyfeed::bench::http2 {

class Outgoing {
 public:
  // Frames that no window limits.
  std::string& frames() { return frames_; }

  // Queues the only data of a stream. `ends`: nothing of the client's follows on it.
  void SendData(std::uint32_t stream, std::string data, bool ends);

  void OnSettings(std::string_view payload);
  void OnWindowUpdate(std::uint32_t stream, std::uint32_t increment);
  void Forget(std::uint32_t stream) { waiting_.erase(stream); }  // the stream has ended

  bool idle() const { return sent_ == frames_.size(); }
  // Sends what the socket takes. Returns false if the connection is broken.
  bool Flush(int fd);

 private:
  struct Data {
    std::string bytes;
    std::size_t sent = 0;
    bool ends = true;
    std::int64_t window = 0;
  };

  bool Frame(std::uint32_t stream, Data& data);  // whether all of it is framed
  void FrameWaiting();

  std::string frames_;
  std::size_t sent_ = 0;  // of frames_
  std::int64_t window_ = kDefaultWindow;
  std::int64_t stream_window_ = kDefaultWindow;
  std::map<std::uint32_t, Data> waiting_;  // for a window
};

}  // namespace journeyfeed::bench::http2
