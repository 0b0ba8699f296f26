#include "tests/bench/contenders/floor.h"

#include "tests/bench/contenders/session_calls.h"

namespace journeyfeed::bench {

Floor::Floor(std::string program) : program_(std::move(program)) { Start(); }

void Floor::Start() {
  port_ = FreePort();
  child_ =
      std::make_unique<Child>(std::vector<std::string>{program_, kCommand, std::to_string(port_)}, directory_ / "log");
  AwaitServing(*this);
}

void Floor::RestartServer() {
  child_.reset();
  Start();
}

http2::Call Floor::Follow(const Partition& partition) const { return session_calls::Follow(partition); }

http2::Call Floor::Write(const std::vector<std::string>& texts, const Partition& partition) {
  return session_calls::Create(texts, partition);
}

}  // namespace journeyfeed::bench
