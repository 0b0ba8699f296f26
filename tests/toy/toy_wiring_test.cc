// A service that does not fit its handlers is refused with its name before anything listens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "services/entity_services.h"
#include "tests/toy/toy_service.h"

namespace journeyfeed::testing {
namespace {

using ::testing::HasSubstr;

// Why the toy cannot be served by this service; "" when it can.
std::string RefusalOf(const std::string& service) {
  dictionary::Entity entity = dictionary::Describe(toy::Toy::descriptor());
  entity.service = "journeyfeed.toy.v1." + service;
  postgres::PostgresStore store({}, [](const Failure&) {});
  OwnedServiceParts parts(store);
  Metrics metrics(std::make_shared<prometheus::Registry>());
  try {
    MakeEntityService(entity, parts.References(), metrics, {});
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return "";
}

TEST(ToyWiring, ItsOwnServiceFits) { EXPECT_EQ(RefusalOf("ToyService"), ""); }

TEST(ToyWiring, AMethodThatNothingServesIsNamed) {
  EXPECT_EQ(RefusalOf("DancingToyService"), "journeyfeed.toy.v1.DancingToyService: no handler serves Dance");
}

TEST(ToyWiring, AMessageThatIsMissingIsNamed) {
  EXPECT_THAT(RefusalOf("PartialToyService"), HasSubstr("PartialToyService has no method Create"));
}

TEST(ToyWiring, AServiceThatNoProtoDeclaresIsNamed) {
  EXPECT_THAT(RefusalOf("LostToyService"), HasSubstr("journeyfeed.toy.v1.LostToyService"));
}

}  // namespace
}  // namespace journeyfeed::testing
