// BulkDelete requests that are refused delete nothing.
#include "tests/bulk/deletions.h"
#include "tests/integration/bad_input.h"

namespace journeyfeed::testing {
namespace {

TEST(BulkDeleteRefusal, WhatWouldDeleteTooMuchOrIsWrong) {
  MakeSession();
  MakeJourney();
  std::vector<BadCase> cases;
  for (const std::string entity : {"s.", "j."}) {
    const std::string method = entity + "BulkDelete";
    cases.push_back({"nothing", method, "", "INVALID_ARGUMENT", "filter"});
    cases.push_back({"dry", method, "dry_run: true", "INVALID_ARGUMENT", "filter"});
    cases.push_back({"both", method, "all: true filter: \"name eq 'x'\"", "INVALID_ARGUMENT", "all"});
    cases.push_back({"blank", method, "filter: ' '", "QUERY_BUILDER_BAD_CONDITION", "filter"});
    cases.push_back({"blank", method, "all: true filter: ' '", "QUERY_BUILDER_BAD_CONDITION", "filter"});
    cases.push_back({"prefix", method, "filter: '$filter='", "QUERY_BUILDER_BAD_CONDITION", "filter"});
    cases.push_back({"column", method, "filter: 'nope eq 1'", "QUERY_BUILDER_NO_ATTRIBUTE", "filter"});
    cases.push_back({"cut", method, "filter: 'name eq'", "QUERY_BUILDER_BAD_CONDITION", "filter"});
    cases.push_back({"function", method, "filter: 'Microsoft.Dynamics.CRM.Above(1)'",
                     "QUERY_BUILDER_INVALID_CONDITION_OPERATOR", "filter"});
    cases.push_back(
        {"injection", method, "filter: \"name eq 'x' or true; delete\"", "QUERY_BUILDER_NO_ATTRIBUTE", "filter"});
    std::string many = "version_number eq 1";
    for (int i = 0; i < 500; ++i) many += " or version_number eq 1";
    cases.push_back({"many", method, "filter: '" + many + "'", "TOO_MANY_CONDITIONS_IN_QUERY", "filter"});
  }
  cases.push_back({"alone", "s.BulkDelete", "partition_id: 'p'", "INVALID_ARGUMENT", "filter"});
  cases.push_back({"bad", "s.BulkDelete", "all: true partition_id: 'a/b'", "INVALID_ARGUMENT", "partition_id"});
  ExpectRefused(cases);
}

TEST(BulkDeleteRefusal, AJourneyHasNoPartition) {
  const std::string journey = MakeJourney();
  // The field number that a session's request would have here.
  const auto answer = CallRaw(TheService().server.channel(), PathOf("j.BulkDelete"),
                              Encode("s.BulkDelete", "partition_id: 'p' dry_run: true"));
  EXPECT_EQ(answer.ending.code, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Journeys().Get(journey).id(), journey);
}

}  // namespace
}  // namespace journeyfeed::testing
