#include "storage/dictionary/mask.h"

#include <gtest/gtest.h>

#include "tests/unit/dictionary/records.h"

namespace journeyfeed::dictionary {
namespace {

using Lines = std::vector<std::string>;

google::protobuf::FieldMask Mask(std::initializer_list<const char*> paths) {
  google::protobuf::FieldMask mask;
  for (const char* path : paths) mask.add_paths(path);
  return mask;
}

Lines Read(const Entity& entity, const google::protobuf::FieldMask& mask) {
  const auto columns = ParseColumns(entity, mask, "columns");
  return columns ? Names(entity, *columns) : Listed(columns);
}

TEST(Mask, ColumnsHaveTwoNames) {
  EXPECT_EQ(Read(Sessions(), Mask({"ttl_in_seconds", "msdynmkt_name"})),
            (Lines{"id", "partition_id", "name", "ttl_in_seconds", "version_number"}));
}

TEST(Mask, ALookupIsAlsoNamedAsTheWebApiReadsIt) {
  EXPECT_EQ(Read(Journeys(), Mask({"_ownerid_value", "_msdyncrm_contentsettingsid_value"})),
            (Lines{"id", "content_settings_id", "owner_id", "version_number"}));
  // Only for lookups, and only by their logical name.
  EXPECT_EQ(Read(Journeys(), Mask({"_statuscode_value", "_owner_id_value", "__value", "_value"})).size(), 4U);
}

TEST(Mask, AFloodOfPathsIsOneViolation) {
  google::protobuf::FieldMask mask;
  for (int i = 0; i < 10001; ++i) mask.add_paths("a");
  const auto columns = ParseColumns(Sessions(), mask, "columns");
  ASSERT_FALSE(columns);
  ASSERT_EQ(columns.error().violations.size(), 1u);
  EXPECT_EQ(columns.error().violations[0].field, "columns.paths");
  EXPECT_EQ(columns.error().violations[0].description, "10001 paths, of at most 10000");
}

TEST(Mask, KeyAndVersionAreAlwaysRead) {
  EXPECT_EQ(Read(Sessions(), Mask({"name"})), (Lines{"id", "partition_id", "name", "version_number"}));
  EXPECT_EQ(Read(Journeys(), Mask({"name"})), (Lines{"id", "name", "version_number"}));
}

TEST(Mask, EmptyAndStarReadAll) {
  EXPECT_EQ(Read(Sessions(), Mask({})).size(), Sessions().columns.size());
  EXPECT_EQ(Read(Sessions(), Mask({"name", "*"})).size(), Sessions().columns.size());
}

TEST(Mask, AllUnknownNamesAreListed) {
  EXPECT_EQ(Read(Sessions(), Mask({"nam", "name", "session.x", "", "Name"})),
            (Lines{"QUERY_BUILDER_NO_ATTRIBUTE columns.paths[0]", "QUERY_BUILDER_NO_ATTRIBUTE columns.paths[2]",
                   "QUERY_BUILDER_NO_ATTRIBUTE columns.paths[3]", "QUERY_BUILDER_NO_ATTRIBUTE columns.paths[4]"}));
}

TEST(Mask, HugeNamesAreNotRepeated) {
  const auto columns = ParseColumns(Sessions(), Mask({std::string(1'000'000, 'x').c_str()}), "columns");
  ASSERT_FALSE(columns);
  EXPECT_LT(columns.error().violations[0].description.size(), 100u);
}

}  // namespace
}  // namespace journeyfeed::dictionary
