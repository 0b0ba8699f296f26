// etcd: puts and a watch of a range of keys. Its own defaults, so durable, with one member.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/contenders/child.h"
#include "tests/bench/contenders/contender.h"
#include "tests/support/files.h"

namespace journeyfeed::bench {

class Etcd final : public Contender {
 public:
  // `program`: an absolute path.
  explicit Etcd(std::string program);

  std::string name() const override { return "etcd"; }
  http2::Address address() const override { return {"127.0.0.1", port_}; }
  pid_t server() const override { return child_->pid(); }
  http2::Call Follow(const Partition& partition) const override;
  http2::Call Write(const std::vector<std::string>& texts, const Partition& partition) override;
  void RestartServer() override;

 private:
  void Start();

  const std::string program_;
  testing::TempDir directory_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Child> child_;
  std::uint64_t keys_ = 0;
};

}  // namespace journeyfeed::bench
