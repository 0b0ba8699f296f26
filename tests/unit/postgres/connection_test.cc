#include "storage/postgres/connection/connection.h"

#include <gtest/gtest.h>

#include "tests/support/test_postgres.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;

TEST(Connection, SpeaksUtf8WhateverTheDatabaseSays) {
  testing::TestPostgres cluster;
  const std::string url = cluster.CreateDatabase("latin");
  testing::Query(url, "alter database latin set client_encoding = 'LATIN1'");
  const auto connection = Connection::Open(url, "", 10s);
  ASSERT_TRUE(connection) << connection.error().message;
  const auto shown = (*connection)->ExecuteOnce("show client_encoding", {}, ResultFormat::kText, 10s);
  ASSERT_TRUE(shown) << shown.error().message;
  EXPECT_STREQ(PQgetvalue(shown->get(), 0, 0), "UTF8");
}

}  // namespace
}  // namespace journeyfeed::postgres
