#include "services/call/raw_service.h"

#include <gmock/gmock.h>

#include <functional>
#include <stdexcept>
#include <string>

#include "journeyfeed/entity/v1/entity_messages.pb.h"
#include "tests/unit/call/call_harness.h"

namespace journeyfeed::call {
namespace {

using testing::DeleteCall;
using testing::kSessionService;
namespace pb = testing::pb;

TEST(RawService, RefusesWiringThatDoesNotFitTheDescriptor) {
  Metrics metrics(std::make_shared<prometheus::Registry>());
  EXPECT_THROW(RawService("journeyfeed.v1.NoSuchService", metrics, {}), std::logic_error);
  RawService service(kSessionService, metrics, {});
  const auto ignore = [](auto) {};
  EXPECT_THROW((service.Unary<pb::DeleteRequest, pb::DeleteResponse>("Remove", ignore)), std::logic_error);
  EXPECT_THROW((service.Unary<pb::CreateRequest, pb::DeleteResponse>("Delete", ignore)), std::logic_error);
  EXPECT_THROW((service.Unary<pb::RetrieveEntityChangesRequest, pb::RetrieveEntityChangesResponse>(
                   "RetrieveEntityChanges", ignore)),
               std::logic_error);
  service.Unary<pb::DeleteRequest, pb::DeleteResponse>("Delete", ignore);
  EXPECT_THROW((service.Unary<pb::DeleteRequest, pb::DeleteResponse>("Delete", ignore)), std::logic_error);
}

std::string MessageOfThrow(const std::function<void()>& wire) {
  try {
    wire();
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(RawService, NamesTheMethodsThatNothingServes) {
  Metrics metrics(std::make_shared<prometheus::Registry>());
  RawService service(kSessionService, metrics, {});
  service.Unary<pb::DeleteRequest, pb::DeleteResponse>("Delete", [](auto) {});
  const std::string problem = MessageOfThrow([&] { service.RequireAllMethods(); });
  EXPECT_THAT(problem, ::testing::HasSubstr("no handler serves Create, CreateMultiple"));
  EXPECT_THAT(problem, ::testing::Not(::testing::HasSubstr("Delete,")));
}

TEST(RawService, TakesTheCommonFormOfAMessageOnlyForAnEntity) {
  Metrics metrics(std::make_shared<prometheus::Registry>());
  const auto ignore = [](auto) {};
  const auto wire = [&](entity::v1::TableType table) {
    return MessageOfThrow([&] {
      RawService service(kSessionService, metrics, {}, table);
      service.Unary<entity::v1::CreateRequest, entity::v1::CreateResponse>("Create", ignore);
    });
  };
  EXPECT_EQ(wire(entity::v1::TABLE_TYPE_ELASTIC), "nothing was thrown");
  EXPECT_THAT(wire(entity::v1::TABLE_TYPE_UNSPECIFIED), ::testing::HasSubstr("another type"));
  EXPECT_THAT(wire(entity::v1::TABLE_TYPE_STANDARD),
              ::testing::HasSubstr("CreateResponse.partition_id: only tables of the other type have this field"));
}

}  // namespace
}  // namespace journeyfeed::call
