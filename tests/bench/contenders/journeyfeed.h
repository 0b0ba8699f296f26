// This service: the server of this build and a PostgreSQL of its own with the settings of the private cluster.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/contenders/contender.h"
#include "tests/support/server_process.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::bench {

class Journeyfeed final : public Contender {
 public:
  struct Options {
    std::vector<std::string> database_settings = {};  // "name=value"
    bool replica = false;                             // a second server, which is followed; the first is written to
  };

  explicit Journeyfeed(const Options& options);
  ~Journeyfeed() override;

  std::string name() const override { return "journeyfeed"; }
  http2::Address address() const override { return http2::Address::Parse(server_->address()); }
  http2::Address follow_address() const override {
    return replica_ ? http2::Address::Parse(replica_->address()) : address();
  }
  pid_t server() const override { return server_->pid(); }
  pid_t database() const override { return postgres_.pid(); }
  http2::Call Follow(const Partition& partition) const override;
  http2::Call Write(const std::vector<std::string>& texts, const Partition& partition) override;
  void RestartServer() override;

  const std::string& database_url() const { return url_; }

 private:
  testing::TestPostgres postgres_;
  std::string url_;
  std::unique_ptr<testing::ServerProcess> server_;
  std::unique_ptr<testing::ServerProcess> replica_;
};

}  // namespace journeyfeed::bench
