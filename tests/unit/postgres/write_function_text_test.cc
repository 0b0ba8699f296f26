// The text of the write functions has a version, which tells servers of several versions whose text may stay.
#include <gtest/gtest.h>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session.pb.h"
#include "storage/postgres/sql/statements.h"

namespace journeyfeed::postgres {
namespace {

// If this fails, the text changed. If a release contains the old text, raise kWriteFunctionVersion and read in
// storage/postgres/README.md what a new text must keep. In any case put the new digests here.
TEST(WriteFunctionText, IsThatOfItsVersion) {
  const auto digest = [](const google::protobuf::Descriptor* entity) {
    return Uuid::FromName(WriteFunctionDdl(dictionary::Describe(entity))).ToString();
  };
  EXPECT_EQ(kWriteFunctionVersion, 1);
  EXPECT_EQ(digest(journeyrunsession::v1::JourneyRunSession::descriptor()), "738414a6-1bfc-8697-9f22-1ba722d2c020");
  EXPECT_EQ(digest(customerjourney::v1::CustomerJourney::descriptor()), "4ddcabb1-2754-82a5-bd3d-65d4b4d0ee1c");
}

// Statements pass parameters by position: the migrator's signature must match the generated text.
TEST(WriteFunctionText, HasTheParametersOfItsSignature) {
  for (const dictionary::Entity* entity : dictionary::AllEntities()) {
    const std::string ddl = WriteFunctionDdl(*entity);
    const std::string head = ddl.substr(0, ddl.find("\n  out "));
    std::string types;
    for (std::size_t at = head.find(" p_"); at != std::string::npos; at = head.find(" p_", at + 1)) {
      const std::size_t type = head.find(' ', at + 1) + 1;
      types += (types.empty() ? "" : ", ") + head.substr(type, head.find("[]", type) - type) + "[]";
    }
    EXPECT_EQ(WriteFunctionSignature(*entity), "journeyfeed.write_" + entity->table + "(" + types + ")");
  }
}

}  // namespace
}  // namespace journeyfeed::postgres
