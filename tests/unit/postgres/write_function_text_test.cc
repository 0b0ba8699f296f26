// The text of the write functions has a version, by which servers of several versions know whose text may stay.
#include <gtest/gtest.h>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session.pb.h"
#include "storage/postgres/statements.h"

namespace journeyfeed::postgres {
namespace {

// When this fails, the text changed. Was the version released with the text before? Then raise kWriteFunctionVersion
// and read storage/postgres/README.md on what a new text must keep. In any case put the new digests here.
TEST(WriteFunctionText, IsThatOfItsVersion) {
  const auto digest = [](const google::protobuf::Descriptor* entity) {
    return Uuid::FromName(WriteFunctionDdl(dictionary::Describe(entity))).ToString();
  };
  EXPECT_EQ(kWriteFunctionVersion, 1);
  EXPECT_EQ(digest(journeyrunsession::v1::JourneyRunSession::descriptor()), "e387592b-fb62-82db-afe4-0061b9a078d9");
  EXPECT_EQ(digest(customerjourney::v1::CustomerJourney::descriptor()), "cd3673f2-517b-8a20-a193-8fbe80e10d65");
}

// Statements call by position: what the migrator looks for must be what the text makes.
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
