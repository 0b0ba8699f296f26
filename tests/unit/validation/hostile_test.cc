// Hostile definitions: a bounded answer in bounded memory. journeyfeed-validation-bench measures their time.
#include "tests/unit/validation/hostile.h"

#include <gmock/gmock.h>
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/unit/validation/journeys.h"

namespace {

// The heap memory of this program, now and at most.
std::atomic<std::size_t> g_held = 0;
std::atomic<std::size_t> g_most = 0;

}  // namespace

void* operator new(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  const std::size_t held = g_held += malloc_usable_size(memory);
  std::size_t most = g_most;
  while (held > most && !g_most.compare_exchange_weak(most, held)) {
  }
  return memory;
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept {
  g_held -= malloc_usable_size(memory);
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace journeyfeed::customer_journey::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

// Faults alone may take 1,000 times a few texts; the rest is the memory of a definition of this size.
constexpr std::size_t kMostMemory = 16 * 1024 * 1024;

TEST(HostileDefinition, CostsBoundedMemoryAndIsAnswered) {
  for (const auto& [name, text] : HostileDefinitions()) {
    SCOPED_TRACE(name);
    CustomerJourney journey = GoodColumns();
    journey.set_workflow_definition(text);
    const std::size_t before = g_held;
    g_most = before;
    const ValidationResult result = Validate(journey, {});
    EXPECT_LT(g_most - before, kMostMemory);
    EXPECT_FALSE(result.passed());
    EXPECT_LE(result.faults.size(), 1001u);
    EXPECT_LT(ToDataverseJson(result).size(), 1'048'576u) << "must fit into its column";
  }
}

std::vector<Fault> FaultsOfText(const std::string& text) {
  CustomerJourney journey = GoodColumns();
  journey.set_workflow_definition(text);
  return Validate(journey, {}).faults;
}

TEST(HostileDefinition, WhatIsNoJsonSaysWhere) {
  EXPECT_THAT(FaultsOfText(""), ElementsAre(Error(Rule::kDefinitionInvalid, "", {"missing"})));
  EXPECT_THAT(FaultsOfText("[{]"), ElementsAre(Error(Rule::kDefinitionInvalid, "", {"not JSON", "3"})));
  EXPECT_THAT(FaultsOfText("[] []"), ElementsAre(Error(Rule::kDefinitionInvalid, "", {"not JSON", "4"})));
  EXPECT_THAT(FaultsOfText("[1e999]"),
              Contains(Error(Rule::kDefinitionInvalid, "", {"a number is out of range", "6"})));
  EXPECT_THAT(FaultsOfText("[\"\\x\"]"), ElementsAre(Error(Rule::kDefinitionInvalid, "", {"not JSON", "4"})));
  EXPECT_THAT(FaultsOfText("[\"\xFF\"]"), ElementsAre(Error(Rule::kDefinitionInvalid, "", {"not JSON", "3"})));
}

TEST(HostileDefinition, AFieldTwiceIsTold) {
  const std::string text = GoodDefinition().dump();
  const auto with = [&](const std::string& before, const std::string& more) {
    std::string changed = text;
    return changed.insert(changed.find(before), more);
  };
  EXPECT_THAT(FaultsOfText(with("\"ActivityId\":\"lead\"", "\"ActivityId\":\"x\",")),
              ElementsAre(Error(Rule::kActivityInvalid, "lead", {"ActivityId", "there twice"})));
  EXPECT_THAT(FaultsOfText(with("\"ActivityItemId\":12,", "\"ActivityItemId\":5,")),
              ElementsAre(Error(Rule::kItemInvalid, "lead", {"0", "ActivityItemId", "there twice"})));
  // Fields that are not read may contain anything.
  EXPECT_THAT(FaultsOfText(with("\"ActivityId\":\"lead\"", "\"x\":{\"ActivityId\":[1,{\"x\":2}]},\"x\":[[[]]],")),
              ::testing::IsEmpty());
}

TEST(HostileDefinition, ManyFaultsAreCounted) {
  std::string text = "[";
  for (int i = 0; i < 5'000; ++i) text += "1,";
  const auto faults = FaultsOfText(text + "1]");
  ASSERT_EQ(faults.size(), 1001u);
  EXPECT_EQ(faults.back(), Error(Rule::kTooManyFaults, "", {"5002"}));  // and there is no root
}

TEST(HostileDefinition, TooManyActivitiesAreTooMany) {
  std::string text = "[";
  for (int i = 0; i < 10'000; ++i) text += "{},";
  EXPECT_THAT(FaultsOfText(text + "{}]"), ElementsAre(Error(Rule::kDefinitionTooLarge, "", {"activities", "10000"})));
  text.back() = ']';
  EXPECT_EQ(FaultsOfText(text).size(), 1001u);
}

TEST(HostileDefinition, LongTextsAreCutAtACharacter) {
  std::string id(99, 'a');
  id += "\xC3\xA4\xC3\xA4";
  const auto faults = FaultsOf(json::array({Tile(id, "bpf_root", "", 0, 0)}));
  EXPECT_THAT(faults, ElementsAre(Error(Rule::kAudienceMissing, std::string(99, 'a'))));
}

}  // namespace
}  // namespace journeyfeed::customer_journey::testing
