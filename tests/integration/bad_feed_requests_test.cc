// Options of RetrieveEntityChanges.
#include <gtest/gtest.h>

#include "tests/integration/bad_input.h"

namespace journeyfeed::testing {
namespace {

TEST(BadFeedRequests, OptionsOutOfRange) {
  struct {
    const char* request;
    const char* field;
  } const options[] = {
      {"progress_interval { }", "progress_interval"},
      {"progress_interval { nanos: 99999999 }", "progress_interval"},
      {"progress_interval { seconds: 3600 nanos: 1 }", "progress_interval"},
      {"progress_interval { seconds: -1 }", "progress_interval"},
      {"progress_interval { seconds: 9223372036854775807 }", "progress_interval"},
      {"progress_interval { seconds: -9223372036854775808 nanos: -2147483648 }", "progress_interval"},
      // Not a valid duration.
      {"progress_interval { seconds: 1 nanos: -1 }", "progress_interval"},
      {"progress_interval { seconds: 1 nanos: 1000000000 }", "progress_interval"},
      {"max_changes_per_message: -1", "max_changes_per_message"},
      {"max_changes_per_message: 1001", "max_changes_per_message"},
      {"max_changes_per_message: 2147483647", "max_changes_per_message"},
      {"max_changes: -1", "max_changes"},
      {"max_changes: -9223372036854775808", "max_changes"},
      {"on_expired: 3", "on_expired"},
      {"on_expired: -1", "on_expired"},
  };
  std::vector<BadCase> cases;
  for (const auto& option : options) {
    for (const char* method : {"s.RetrieveEntityChanges", "j.RetrieveEntityChanges"}) {
      cases.push_back({option.request, method, option.request, "INVALID_ARGUMENT", option.field});
      cases.push_back(
          {option.request, method, std::string("follow: true ") + option.request, "INVALID_ARGUMENT", option.field});
    }
  }
  ExpectRefused(cases);
}

TEST(BadFeedRequests, TimesToStartAt) {
  std::vector<BadCase> cases;
  for (const char* time : {"seconds: 253402300800", "seconds: -9223372036854775808", "seconds: -6847804801",
                           "nanos: -1", "seconds: 1 nanos: 1000000000", "seconds: 4102444800"}) {
    for (const char* method : {"s.RetrieveEntityChanges", "j.RetrieveEntityChanges"}) {
      const std::string request = std::string("changed_since { ") + time + " }";
      cases.push_back({request, method, request, "INVALID_DATE_TIME", "changed_since"});
    }
  }
  cases.push_back({"both", "s.RetrieveEntityChanges", "changed_since { seconds: 1 } skip_initial_load: true",
                   "INVALID_ARGUMENT", "changed_since"});
  ExpectRefused(cases);
}

TEST(BadFeedRequests, OptionsAtTheLimitAreAccepted) {
  MakeSession();
  ExpectAccepted({
      {"shortest interval", "s.RetrieveEntityChanges", "progress_interval { nanos: 100000000 }"},
      {"longest interval", "s.RetrieveEntityChanges", "progress_interval { seconds: 3600 }"},
      {"most per message", "s.RetrieveEntityChanges", "max_changes_per_message: 1000"},
      {"one per message", "s.RetrieveEntityChanges", "max_changes_per_message: 1"},
      {"one in all", "s.RetrieveEntityChanges", "max_changes: 1"},
      {"no limit", "s.RetrieveEntityChanges", "max_changes: 9223372036854775807"},
      {"earliest time", "s.RetrieveEntityChanges", "changed_since { seconds: -6847804800 }"},
      {"resync", "s.RetrieveEntityChanges", "on_expired: ON_EXPIRED_RESYNC"},
  });
}

TEST(BadFeedRequests, AllViolationsAtOnce) {
  const auto answer = CallRaw(TheService().server.channel(), PathOf("s.RetrieveEntityChanges"),
                              Encode("s.RetrieveEntityChanges",
                                     "progress_interval { } max_changes_per_message: -1 max_changes: -1"
                                     " on_expired: 9 partition_id: '' columns { paths: 'x' }"));
  for (const char* field : {"progress_interval", "max_changes_per_message", "max_changes", "on_expired", "partition_id",
                            "columns.paths[0]"}) {
    EXPECT_TRUE(answer.ending.Violates(field)) << field;
  }
  EXPECT_EQ(answer.ending.metadata.at("violations_total"), "6");
}

}  // namespace
}  // namespace journeyfeed::testing
