// The longest text for every limit in UTF-16 units: letters, and astral characters of two units each.
#include <gtest/gtest.h>

#include "tests/integration/bad_input.h"

namespace journeyfeed::testing {
namespace {

struct Limit {
  std::string entity;
  std::string column;
  std::size_t units;
};

const Limit kLimits[] = {{"s.", "partition_id", 100},
                         {"s.", "name", 100},
                         {"s.", "journey_run_id", 100},
                         {"s.", "session", 1'048'575},
                         {"j.", "name", 100},
                         {"j.", "insights_placeholder", 100},
                         {"j.", "purpose", 1'000},
                         {"j.", "description", 5'000},
                         {"j.", "customer_journey_designer_state", 100'000},
                         {"j.", "workflow_definition", 1'048'576},
                         {"j.", "validation_results", 1'048'576}};

// The other required columns of the entity.
std::string Rest(const Limit& limit) {
  std::string rest;
  for (const std::string column : {"name", "journey_run_id", "session"}) {
    if (column == limit.column || (limit.entity == "j." && column != "name")) continue;
    rest += column + ": 'x' ";
  }
  return rest;
}

std::string Stored(const Limit& limit, const std::string& bytes) {
  const bool session = limit.entity == "s.";
  const auto read = [&](const auto& record) {
    std::string scratch;
    const auto* field = record.GetDescriptor()->FindFieldByName(limit.column);
    return record.GetReflection()->GetStringReference(record, field, &scratch);
  };
  if (session) {
    sessions::CreateResponse created;
    created.ParseFromString(bytes);
    return read(created.representation());
  }
  journeys::CreateResponse created;
  created.ParseFromString(bytes);
  return read(created.representation());
}

class TextLimits : public ::testing::TestWithParam<Limit> {
 protected:
  RawAnswer Create(const std::string& text) {
    const Limit& limit = GetParam();
    const std::string method = limit.entity + "Create";
    return CallRaw(TheService().server.channel(), PathOf(method),
                   Encode(method, "target { " + Rest(limit) + limit.column + ": " + Quote(text) +
                                      " } return_representation: true"));
  }
};

TEST_P(TextLimits, IsAccepted) {
  const std::size_t units = GetParam().units;
  for (const std::string& text : {Letters(units), Astral(units / 2) + Letters(units % 2)}) {
    const RawAnswer answer = Create(text);
    ASSERT_TRUE(answer.ending.ok()) << answer.ending;
    EXPECT_TRUE(Stored(GetParam(), answer.responses.at(0)) == text) << "not stored byte for byte";
  }
}

TEST_P(TextLimits, OnePastItIsRefused) {
  const std::size_t units = GetParam().units;
  const std::string before = StateOf(TheService().database_url);
  for (const std::string& text : {Letters(units + 1), Astral((units + 1) / 2) + Letters((units + 1) % 2)}) {
    const RawAnswer answer = Create(text);
    EXPECT_EQ(answer.ending.code, grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(answer.ending.reason, "STRING_LENGTH_TOO_LONG");
    EXPECT_TRUE(answer.ending.Violates("target." + GetParam().column)) << answer.ending;
    ExpectFullError(answer.ending);
  }
  EXPECT_EQ(StateOf(TheService().database_url), before);
}

INSTANTIATE_TEST_SUITE_P(Columns, TextLimits, ::testing::ValuesIn(kLimits), [](const auto& instance) {
  return (instance.param.entity == "s." ? "session_" : "journey_") + instance.param.column;
});

}  // namespace
}  // namespace journeyfeed::testing
