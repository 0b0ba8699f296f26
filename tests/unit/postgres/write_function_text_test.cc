// The text of the write functions has a version, which tells servers of several versions whose text may stay.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "storage/postgres/sql/statements.h"
#include "tests/support/files.h"

namespace journeyfeed::postgres {
namespace {

std::string GoldenPath(const dictionary::Entity& entity) {
  return std::string(JOURNEYFEED_GOLDEN_DIR) + "/write_" + entity.table + ".sql";
}

// The golden files show the functions as a whole, as the database has them. If this fails, the text changed. If a release
// contains the old text, raise kWriteFunctionVersion and read in storage/postgres/README.md what a new text must keep.
// Then run this test with JOURNEYFEED_WRITE_GOLDEN=1, which writes the files, and read their diff.
TEST(WriteFunctionText, IsThatOfItsVersion) {
  EXPECT_EQ(kWriteFunctionVersion, 1);
  for (const dictionary::Entity* entity : dictionary::AllEntities()) {
    const std::string ddl = WriteFunctionDdl(*entity);
    if (std::getenv("JOURNEYFEED_WRITE_GOLDEN")) std::ofstream(GoldenPath(*entity)) << ddl;
    // Not EXPECT_EQ, whose message would have both texts.
    EXPECT_TRUE(ddl == testing::ReadFile(GoldenPath(*entity))) << GoldenPath(*entity) << " is not the text";
  }
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
