#include "tests/bench/contenders/etcd.h"

#include "storage/wire.h"

namespace journeyfeed::bench {
namespace {

// Field numbers of etcdserverpb, whose definitions are not part of this repository.
constexpr std::uint32_t kPutKey = 1, kPutValue = 2, kTxnSuccess = 2, kRequestOpPut = 2;
constexpr std::uint32_t kWatchCreate = 1, kCreateKey = 1, kCreateRangeEnd = 2;

// Every key of a partition is below its prefix, and every prefix is of the same length.
std::string Prefix(const Contender::Partition& partition) { return "feed/" + partition.value_or("all") + "/"; }

}  // namespace

Etcd::Etcd(std::string program) : program_(std::move(program)) { Start(); }

void Etcd::Start() {
  port_ = FreePort();
  const std::string client = "http://127.0.0.1:" + std::to_string(port_);
  const std::string peer = "http://127.0.0.1:" + std::to_string(FreePort());
  child_ = std::make_unique<Child>(
      std::vector<std::string>{program_, "--name", "bench", "--data-dir", directory_ / "data", "--listen-client-urls",
                               client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
                               "--initial-advertise-peer-urls", peer, "--initial-cluster", "bench=" + peer,
                               "--log-level", "error", "--logger", "zap"},
      directory_ / "log");
  AwaitServing(*this);
}

void Etcd::RestartServer() {
  child_.reset();
  Start();
}

http2::Call Etcd::Follow(const Partition& partition) const {
  std::string create, request;
  std::string end = partition ? Prefix(partition) : "feed/";
  wire::AppendBytes(create, kCreateKey, end);
  ++end.back();  // the first key that does not begin so
  wire::AppendBytes(create, kCreateRangeEnd, end);
  wire::AppendBytes(request, kWatchCreate, create);
  return {.path = "/etcdserverpb.Watch/Watch", .message = request, .ends = false};
}

http2::Call Etcd::Write(const std::vector<std::string>& texts, const Partition& partition) {
  std::vector<std::string> puts;
  for (const std::string& text : texts) {
    std::string& put = puts.emplace_back();
    wire::AppendBytes(put, kPutKey, Prefix(partition) + std::to_string(++keys_));
    wire::AppendBytes(put, kPutValue, text);
  }
  if (puts.size() == 1) return {.path = "/etcdserverpb.KV/Put", .message = puts.front()};
  std::string transaction;
  for (const std::string& put : puts) {
    std::string operation;
    wire::AppendBytes(operation, kRequestOpPut, put);
    wire::AppendBytes(transaction, kTxnSuccess, operation);
  }
  return {.path = "/etcdserverpb.KV/Txn", .message = transaction};
}

}  // namespace journeyfeed::bench
