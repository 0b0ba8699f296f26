#include "tests/bench/http2/outgoing.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace journeyfeed::bench::http2 {

void Outgoing::SendData(std::uint32_t stream, std::string data, bool ends) {
  Data entry{.bytes = std::move(data), .ends = ends, .window = stream_window_};
  if (!Frame(stream, entry)) waiting_.emplace(stream, std::move(entry));
}

bool Outgoing::Frame(std::uint32_t stream, Data& data) {
  while (data.sent < data.bytes.size()) {
    const std::int64_t window = std::min(window_, data.window);
    if (window <= 0) return false;
    const std::size_t size =
        std::min({kFramePayloadBytes, data.bytes.size() - data.sent, static_cast<std::size_t>(window)});
    const bool last = data.sent + size == data.bytes.size();
    AppendFrame(frames_, FrameType::kData, last && data.ends ? flag::kEndStream : 0, stream,
                std::string_view(data.bytes).substr(data.sent, size));
    data.sent += size;
    data.window -= static_cast<std::int64_t>(size);
    window_ -= static_cast<std::int64_t>(size);
  }
  return true;
}

void Outgoing::FrameWaiting() {
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    each = Frame(each->first, each->second) ? waiting_.erase(each) : std::next(each);
  }
}

void Outgoing::OnSettings(std::string_view payload) {
  if (const auto window = FindSetting(payload, Setting::kInitialWindowSize)) {
    for (auto& [stream, data] : waiting_) data.window += *window - stream_window_;
    stream_window_ = *window;
  }
  FrameWaiting();
}

void Outgoing::OnWindowUpdate(std::uint32_t stream, std::uint32_t increment) {
  if (stream == 0) {
    window_ += increment;
  } else if (const auto found = waiting_.find(stream); found != waiting_.end()) {
    found->second.window += increment;
  }
  FrameWaiting();
}

bool Outgoing::Flush(int fd) {
  while (sent_ < frames_.size()) {
    const ssize_t sent = ::send(fd, frames_.data() + sent_, frames_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    sent_ += static_cast<std::size_t>(sent);
  }
  frames_.clear();
  sent_ = 0;
  return true;
}

}  // namespace journeyfeed::bench::http2
