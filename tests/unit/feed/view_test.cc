// What the columns of a request mean for tokens, also across a release that adds a column.
#include "services/feed/view.h"

#include <gtest/gtest.h>

#include "services/feed/token.h"
#include "storage/dictionary/mask.h"
#include "tests/unit/feed/entities.h"

namespace journeyfeed::feed {
namespace {

using dictionary::Entity;

// The entity in a later release.
Entity WithOneMore(const Entity& entity) {
  Entity later = entity;
  dictionary::Column column = entity.columns.back();
  column.number = 60;
  column.name = column.logical_name = "added_later";
  later.columns.push_back(column);
  return later;
}

AskedColumns All(const Entity& entity) { return {.set = dictionary::AllColumns(entity), .all = true}; }
AskedColumns List(std::uint64_t set) { return {.set = set}; }

std::uint64_t Without(const Entity& entity, std::initializer_list<const char*> names) {
  std::uint64_t set = dictionary::AllColumns(entity);
  for (const char* name : names) set &= ~entity.Find(name)->bit();
  return set;
}

View Data(std::optional<std::string> partition = {}) {
  return [partition](std::uint64_t columns) { return ViewOf(columns, partition); };
}

// How a token of one request covers the other request.
Coverage Between(const Entity& issuer, const AskedColumns& issued, const Entity& reader, const AskedColumns& asked) {
  return CoverageOf(reader, asked, Data()(InTokens(issuer, issued)), Data(), 2);
}

// Tokens with these numbers are in use: they never change, whatever columns are added.
TEST(ViewTest, AllColumnsIsOneNumberForEver) {
  EXPECT_EQ(InTokens(Session(), All(Session())), 0xFFFEU);
  EXPECT_EQ(InTokens(Journey(), All(Journey())), 0x3FFF'FFFF'FFFEU);
}

TEST(ViewTest, ATokenOfAllColumnsIsGoodAcrossAReleaseThatAddsOne) {
  for (const Entity* entity : {&Session(), &Journey()}) {
    const Entity later = WithOneMore(*entity);
    ASSERT_NE(dictionary::AllColumns(later), dictionary::AllColumns(*entity));
    EXPECT_EQ(Between(*entity, All(*entity), later, All(later)), Coverage::kWhole) << "also from the first release";
    EXPECT_EQ(Between(later, All(later), *entity, All(*entity)), Coverage::kWhole) << "and back, in a rolling update";
    EXPECT_EQ(ViewOf(InTokens(later, All(later)), {}), ViewOf(InTokens(*entity, All(*entity)), {}));
    // A caller that lists columns requests these in every release.
    const AskedColumns list = List(dictionary::AllColumns(*entity));
    EXPECT_EQ(Between(*entity, list, later, list), Coverage::kWhole);
    EXPECT_EQ(Between(later, List(dictionary::AllColumns(later)), later, All(later)), Coverage::kWhole);
    EXPECT_EQ(Between(later, All(later), later, List(dictionary::AllColumns(later))), Coverage::kWhole);
  }
}

TEST(ViewTest, AListThatLacksAFewColumnsIsAPartOfAll) {
  const Entity& entity = Journey();
  const auto of_all = [&](std::uint64_t list) { return Between(entity, List(list), entity, All(entity)); };
  EXPECT_EQ(of_all(Without(entity, {})), Coverage::kWhole);
  EXPECT_EQ(of_all(Without(entity, {"purpose"})), Coverage::kPart);
  EXPECT_EQ(of_all(Without(entity, {"name", "import_sequence_number"})), Coverage::kPart);
  EXPECT_EQ(of_all(Without(entity, {"name", "purpose", "description"})), Coverage::kNone);
  EXPECT_EQ(CoverageOf(entity, All(entity), ViewOf(Without(entity, {"name", "purpose"}), {}), Data(), 1),
            Coverage::kNone);
}

TEST(ViewTest, OtherwiseColumnsAndPartitionAreTheSameOrNot) {
  const Entity& entity = Session();
  const AskedColumns list = List(Without(entity, {"name"}));
  EXPECT_EQ(Between(entity, list, entity, list), Coverage::kWhole);
  EXPECT_EQ(Between(entity, All(entity), entity, list), Coverage::kNone);
  EXPECT_EQ(Between(entity, List(Without(entity, {"name", "session"})), entity, list), Coverage::kNone);
  const std::uint64_t all = InTokens(entity, All(entity));
  EXPECT_EQ(CoverageOf(entity, All(entity), ViewOf(all, "a"), Data(), 2), Coverage::kNone);
  EXPECT_EQ(CoverageOf(entity, All(entity), ViewOf(all, {}), Data("a"), 2), Coverage::kNone);
  EXPECT_EQ(CoverageOf(entity, All(entity), ViewOf(all, "a"), Data("a"), 2), Coverage::kWhole);
  EXPECT_EQ(CoverageOf(entity, All(entity), ViewOf(list.set, "a"), Data("a"), 2), Coverage::kPart);
  EXPECT_EQ(CoverageOf(entity, All(entity), ViewOf(list.set, "a"), Data("b"), 2), Coverage::kNone);
}

}  // namespace
}  // namespace journeyfeed::feed
