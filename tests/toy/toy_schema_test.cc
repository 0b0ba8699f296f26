// A database that does not have what the protos declare is refused, and the refusal names what is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/postgres/schema/migrator.h"
#include "tests/toy/toy_service.h"

namespace journeyfeed::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ToySchema : public ::testing::Test {
 protected:
  // Why a server refuses the database after the change; "" when it takes it.
  std::string RefusalAfter(const std::string& change) {
    const std::string url = ToyPostgres().CreateDatabase("schema_" + std::to_string(++count_));
    EXPECT_TRUE(Migrate(url));
    Query(url, change);
    const auto migrated = Migrate(url);
    return migrated ? "" : migrated.error().message;
  }

 private:
  static Result<postgres::Migrated> Migrate(const std::string& url) {
    return postgres::Migrate(url, true, {}, ToyStoreSettings(url).more_migrations);
  }
  inline static int count_ = 0;
};

TEST_F(ToySchema, AsDeclaredIsTaken) { EXPECT_EQ(RefusalAfter("select 1"), ""); }

TEST_F(ToySchema, AMissingSystemColumnIsNamed) {
  EXPECT_THAT(RefusalAfter("alter table journeyfeed.toy drop column modified_by"),
              HasSubstr("the column journeyfeed.toy.modified_by is missing"));
}

TEST_F(ToySchema, AColumnOfAnotherTypeIsNamed) {
  EXPECT_THAT(RefusalAfter("alter table journeyfeed.toy alter column text type integer using 0"),
              HasSubstr("the column journeyfeed.toy.text is of type integer, not text"));
}

TEST_F(ToySchema, AllThatIsMissingIsNamed) {
  EXPECT_THAT(RefusalAfter("alter table journeyfeed.toy rename to lost;"
                           " alter table journeyfeed.customer_journey drop column name cascade"),
              AllOf(HasSubstr("the table journeyfeed.toy is missing"),
                    HasSubstr("the column journeyfeed.customer_journey.name is missing")));
}

TEST_F(ToySchema, AColumnOfALaterVersionIsNoProblem) {
  EXPECT_EQ(RefusalAfter("alter table journeyfeed.toy add column colour text"), "");
}

}  // namespace
}  // namespace journeyfeed::testing
