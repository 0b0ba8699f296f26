#include "services/call/raw_service.h"

#include <gmock/gmock.h>

#include <stdexcept>

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
  EXPECT_THAT(service.MissingMethods(), ::testing::Not(::testing::Contains("Delete")));
  EXPECT_THAT(service.MissingMethods(), ::testing::Contains("Create"));
}

}  // namespace
}  // namespace journeyfeed::call
