// A server in this process, over a separate database. It serves the toy and the entities of the product.
#pragma once

#include <grpcpp/grpcpp.h>
#include <prometheus/registry.h>

#include <future>
#include <memory>
#include <string>

#include "journeyfeed/toy/v1/toy_service.grpc.pb.h"
#include "services/call/raw_service.h"
#include "services/metrics.h"
#include "services/server.h"
#include "storage/postgres/postgres_store.h"
#include "tests/support/service_parts.h"
#include "tests/support/test_postgres.h"

namespace journeyfeed::testing {

namespace toy = journeyfeed::toy::v1;

// The registration line of the toy. Before anything asks the dictionary.
void RegisterToy();

// What the store needs for a database with the toy.
postgres::PostgresSettings ToyStoreSettings(const std::string& url);

class ToyServer {
 public:
  ToyServer();
  ~ToyServer();

  const std::string& address() const { return server_->bound().address; }
  std::shared_ptr<grpc::Channel> channel() const;
  std::unique_ptr<toy::ToyService::Stub> NewStub() const { return toy::ToyService::NewStub(channel()); }

 private:
  const std::string url_;
  Metrics metrics_{std::make_shared<prometheus::Registry>()};
  std::promise<void> ready_;
  postgres::PostgresStore store_;
  OwnedServiceParts parts_;
  std::vector<std::shared_ptr<call::RawService>> services_;
  std::unique_ptr<Server> server_;
};

// The one of this process; it ends with the process.
ToyServer& TheToyServer();
TestPostgres& ToyPostgres();

}  // namespace journeyfeed::testing
