// `import`, as seen by a service that refuses, loses answers and is slow.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/support/eventually.h"
#include "tests/unit/cli/fake_service.h"
#include "tests/unit/cli/harness.h"

namespace journeyfeed::cli::testing {
namespace {

using journeyfeed::testing::Eventually;
using ::testing::HasSubstr;

using JourneyRows = journey::UpsertMultipleRequest;
using SessionRows = session::UpsertMultipleRequest;

constexpr char kRunId[] = "6628bbf7-c52a-e911-a9b7-000d3a1e6adc";

std::string IdOf(int number) {
  std::string text = std::to_string(number);
  return "00000000-0000-4000-8000-" + std::string(12 - text.size(), '0') + text;
}

std::string JourneyLine(int number, const std::string& name) {
  return R"({"msdyncrm_customerjourneyid":")" + IdOf(number) + R"(","msdyncrm_name":")" + name + "\"}\n";
}

std::string JourneyLines(int count) {
  std::string lines;
  for (int i = 1; i <= count; ++i) lines += JourneyLine(i, "n" + std::to_string(i));
  return lines;
}

// A refusal of all `targets` in the service's form.
grpc::Status Refusal(const std::vector<int>& rows, const std::string& field) {
  google::rpc::Status status;
  status.set_code(grpc::StatusCode::INVALID_ARGUMENT);
  google::rpc::ErrorInfo info;
  info.set_reason("REQUIRED_FIELD_MISSING");
  status.add_details()->PackFrom(info);
  google::rpc::BadRequest bad;
  for (const int row : rows) {
    auto& violation = *bad.add_field_violations();
    violation.set_field("targets[" + std::to_string(row) + "]" + field);
    violation.set_description("is required");
    violation.set_reason("REQUIRED_FIELD_MISSING");
  }
  status.add_details()->PackFrom(bad);
  return {grpc::StatusCode::INVALID_ARGUMENT, "invalid fields", status.SerializeAsString()};
}

class ImportCommand : public ::testing::Test {
 protected:
  ImportCommand() {
    service_.journeys.upsert_rows = [this](const auto& request, auto& response) {
      {
        const std::lock_guard lock(mutex_);
        calls_.push_back(request);
      }
      if (const grpc::Status status = judge_(request); !status.ok()) return status;
      const std::lock_guard lock(mutex_);
      for (const auto& target : request.targets()) {
        stored_[target.target().id()] = target.target().name();
        response.add_results()->set_record_created(true);
      }
      return grpc::Status::OK;
    };
  }

  Ran Import(const std::string& input, Arguments more = {}) {
    more.insert(more.begin(), {"import", "journey", "-", "--address", service_.address});
    return RunCli(more, input, stop_.get_token());
  }

  std::vector<std::string> RequestIds() const {
    std::vector<std::string> ids;
    for (const auto& call : calls_) ids.push_back(call.request_id());
    return ids;
  }

  FakeService service_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::function<grpc::Status(const JourneyRows&)> judge_ = [](const auto&) { return grpc::Status::OK; };
  std::vector<JourneyRows> calls_;
  std::map<std::string, std::string> stored_;
};

TEST_F(ImportCommand, SendsBoundedBatchesSeveralAtATime) {
  std::atomic<int> waiting = 0;
  judge_ = [&](const auto&) {
    ++waiting;
    EXPECT_TRUE(Eventually([&] { return waiting.load() >= 3; }, std::chrono::seconds(20)));
    return grpc::Status::OK;
  };
  const Ran ran = Import(JourneyLines(100), {"--batch-rows", "10", "--in-flight", "3"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(calls_.size(), 10u);
  for (const auto& call : calls_) EXPECT_EQ(call.targets_size(), 10);
  EXPECT_EQ(stored_.size(), 100u);
  const nlohmann::json total = ran.lines().at(0);
  EXPECT_EQ(total["lines"], 100);
  EXPECT_EQ(total["created"], 100);
  EXPECT_EQ(total["failed"], 0);
  std::set<std::string> ids;
  for (const std::string& id : RequestIds()) EXPECT_TRUE(ids.insert(id).second) << "each batch has its own";
}

TEST_F(ImportCommand, CutsBatchesByBytes) {
  std::string lines;
  for (int i = 1; i <= 6; ++i) {
    lines += R"({"msdyncrm_customerjourneyid":")" + IdOf(i) + R"(","msdyncrm_workflowdefinition":")" +
             std::string(1'000'000, 'x') + "\"}\n";
  }
  ASSERT_EQ(Import(lines).exit_code, 0);
  for (const auto& call : calls_) EXPECT_LE(call.ByteSizeLong(), std::size_t{4} << 20);
  EXPECT_EQ(stored_.size(), 6u);
}

TEST_F(ImportCommand, SendsAgainWithTheSameRequestIdUntilTheOutcomeIsKnown) {
  std::atomic<int> attempt = 0;
  judge_ = [&](const auto&) {
    switch (attempt++) {
      case 0:
        return MakeError(grpc::StatusCode::UNAVAILABLE, "SERVICE_UNAVAILABLE", "", {.retry_milliseconds = 10});
      case 1:
        return MakeError(grpc::StatusCode::UNKNOWN, "WRITE_OUTCOME_UNKNOWN", "lost");
      case 2:
        return MakeError(grpc::StatusCode::DEADLINE_EXCEEDED, "UN_MANAGED_IDS_SQL_TIMEOUT_ERROR", "slow");
      default:
        return grpc::Status::OK;
    }
  };
  const Ran ran = Import(JourneyLines(3));
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  ASSERT_EQ(calls_.size(), 4u);
  EXPECT_THAT(RequestIds(), ::testing::Each(calls_[0].request_id()));
}

TEST_F(ImportCommand, LeavesOutTheRowsThatARefusalNames) {
  judge_ = [](const JourneyRows& request) {
    std::vector<int> bad;
    for (int i = 0; i < request.targets_size() && bad.size() < 2; ++i) {
      if (request.targets(i).target().name() == "bad") bad.push_back(i);
    }
    return bad.empty() ? grpc::Status::OK : Refusal(bad, ".target.purpose");
  };
  std::string lines = JourneyLines(5);
  for (int i = 6; i <= 10; ++i) lines += JourneyLine(i, i % 2 == 0 ? "bad" : "good");
  const Ran ran = Import(lines);
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_EQ(stored_.size(), 7u);
  ASSERT_EQ(ran.lines().size(), 4u);
  EXPECT_EQ(ran.lines()[0]["line"], 6);
  EXPECT_EQ(ran.lines()[2]["line"], 10);
  EXPECT_EQ(ran.lines()[0]["error"]["reason"], "REQUIRED_FIELD_MISSING");
  EXPECT_EQ(ran.lines()[0]["error"]["violations"][0]["field"], "purpose");
  EXPECT_EQ(ran.lines()[3]["failed"], 3);
  EXPECT_THAT(ran.err, HasSubstr("3 of 10 lines were not imported"));
}

TEST_F(ImportCommand, FindsARefusedRowThatNobodyNamesByHalves) {
  judge_ = [](const JourneyRows& request) {
    for (const auto& target : request.targets()) {
      if (target.target().name() == "n7")
        return MakeError(grpc::StatusCode::FAILED_PRECONDITION, "INVALID_STATE_TRANSITION", "no");
    }
    return grpc::Status::OK;
  };
  const Ran ran = Import(JourneyLines(16), {"--output", "table"});
  EXPECT_EQ(ran.exit_code, 9);
  EXPECT_EQ(stored_.size(), 15u);
  EXPECT_THAT(ran.out, HasSubstr("line 7: FAILED_PRECONDITION / INVALID_STATE_TRANSITION"));
  EXPECT_THAT(ran.out, HasSubstr("15 of 16 records imported, 15 new, 0 changed; 1 failed"));
}

TEST_F(ImportCommand, NamesLinesThatAreNoRecordsAndRepeatsNothingOfThem) {
  const Ran ran =
      Import("\n" + JourneyLine(1, "a") + "{\"msdyncrm_name\":\"SECRET\n[1]\n{\"nonsense\":\"SECRET\"}\n  \n" +
             std::string(std::size_t{33} << 20, 'x') + "\n" + JourneyLine(2, "b"));
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_EQ(stored_.size(), 2u);
  std::vector<int> lines;
  for (const auto& line : ran.lines()) {
    if (line.contains("line")) lines.push_back(line["line"]);
  }
  EXPECT_THAT(lines, ::testing::ElementsAre(3, 4, 5, 7));
  EXPECT_EQ(ran.lines()[3]["error"]["reason"], "REQUEST_LENGTH_TOO_LARGE");
  EXPECT_THAT(ran.out + ran.err, ::testing::Not(HasSubstr("SECRET")));
}

TEST_F(ImportCommand, AppliesTheLinesOfARecordInTheirOrder) {
  std::string lines;
  for (int i = 0; i < 60; ++i) lines += JourneyLine(i % 3, "v" + std::to_string(i));
  ASSERT_EQ(Import(lines, {"--batch-rows", "7"}).exit_code, 0);
  for (const auto& call : calls_) {
    std::set<std::string> ids;
    for (const auto& target : call.targets()) EXPECT_TRUE(ids.insert(target.target().id()).second);
  }
  EXPECT_EQ(stored_[IdOf(0)], "v57");
  EXPECT_EQ(stored_[IdOf(2)], "v59");
}

TEST_F(ImportCommand, TakesExportedLinesAndLeavesOutWhatTheServiceDecides) {
  const Ran ran = Import(R"({"msdyncrm_customerjourneyid":"00000000-0000-4000-8000-000000000001","msdyncrm_name":"a",)"
                         R"("createdon":"2026-01-01T00:00:00Z","modifiedon":"2026-01-01T00:00:00Z","versionnumber":7,)"
                         R"("overriddencreatedon":"2026-01-01T00:00:00Z",)"
                         R"("_createdby_value":"00000000-0000-4000-8000-000000000002","msdyncrm_description":null})");
  ASSERT_EQ(ran.exit_code, 0) << ran.out;
  const auto& target = calls_.at(0).targets(0);
  EXPECT_FALSE(target.target().has_created_on() || target.target().has_version_number() ||
               target.target().has_created_by() || target.target().has_overridden_created_on());
  EXPECT_THAT(target.update_mask().paths(), ::testing::UnorderedElementsAre("name", "description")) << "a null clears";
}

TEST_F(ImportCommand, CreatesAndKeepsTheTimeOfCreationWhenAsked) {
  std::vector<journey::CreateMultipleRequest> created;
  service_.journeys.create_rows = [&](const auto& request, auto& response) {
    created.push_back(request);
    for (int i = 0; i < request.targets_size(); ++i) response.add_results();
    return grpc::Status::OK;
  };
  const std::string line = R"({"msdyncrm_name":"a","createdon":"2026-01-01T00:00:00Z"})";
  ASSERT_EQ(Import(line, {"--mode", "create"}).exit_code, 0);
  ASSERT_EQ(Import(line, {"--mode", "create", "--keep-created-on"}).exit_code, 0);
  EXPECT_FALSE(created[0].targets(0).has_overridden_created_on());
  EXPECT_EQ(created[1].targets(0).overridden_created_on().seconds(), 1767225600);
  EXPECT_EQ(Import(line, {"--keep-created-on"}).exit_code, 64);
}

TEST_F(ImportCommand, ThatIsCutShortGoesOnWhereItStoodAndRepeatsNothing) {
  const std::string lines = JourneyLines(40);
  const Arguments run = {"--batch-rows", "10", "--in-flight", "1", "--run-id", kRunId};
  judge_ = [](const JourneyRows& request) {
    return request.targets(0).target().name() == "n21" ? MakeError(grpc::StatusCode::INTERNAL, "UNEXPECTED", "no")
                                                       : grpc::Status::OK;
  };
  const Ran cut = Import(lines, run);
  EXPECT_EQ(cut.exit_code, 13);
  EXPECT_THAT(cut.err, HasSubstr("--from-line 21 --run-id " + std::string(kRunId)));
  ASSERT_EQ(calls_.size(), 3u);
  const std::string open = calls_[2].request_id();

  judge_ = [](const auto&) { return grpc::Status::OK; };
  calls_.clear();
  Arguments rest = run;
  rest.insert(rest.end(), {"--from-line", "21"});
  const Ran ran = Import(lines, rest);
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  ASSERT_EQ(calls_.size(), 2u);
  EXPECT_EQ(calls_[0].request_id(), open) << "its outcome is open: it must not be executed twice";
  EXPECT_EQ(stored_.size(), 40u);
  EXPECT_EQ(ran.lines()[0]["imported"], 20);
}

TEST_F(ImportCommand, EndsInOrderWhenItIsAskedTo) {
  judge_ = [this](const JourneyRows& request) {
    if (request.targets(0).target().name() == "n11") stop_.request_stop();
    return grpc::Status::OK;
  };
  const Ran ran = Import(JourneyLines(1000), {"--batch-rows", "10", "--in-flight", "1"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(stored_.size(), 20u);
  EXPECT_THAT(ran.err, HasSubstr("--from-line 21"));
  EXPECT_EQ(ran.lines().back()["imported"], 20);
}

TEST_F(ImportCommand, SessionsReportRowByRowAndOpenRowsAreSentAgain) {
  std::atomic<int> attempt = 0;
  std::set<std::string> ids;
  service_.sessions.upsert_rows = [&](const SessionRows& request, auto& response) {
    const bool first = attempt++ == 0;
    ids.insert(request.request_id());
    for (int i = 0; i < request.targets_size(); ++i) response.add_results()->set_record_created(i > 0);
    if (first) response.mutable_results(2)->mutable_error()->set_code(grpc::StatusCode::UNKNOWN);
    google::rpc::BadRequest bad;
    auto& violation = *bad.add_field_violations();
    violation.set_field("targets[1].target.session");
    violation.set_description("is required");
    response.mutable_results(1)->mutable_error()->set_code(grpc::StatusCode::INVALID_ARGUMENT);
    response.mutable_results(1)->mutable_error()->add_details()->PackFrom(bad);
    return grpc::Status::OK;
  };
  const Ran ran = RunCli({"import", "session", "-", "--address", service_.address},
                         "{\"msdynmkt_name\":\"a\"}\n{\"msdynmkt_name\":\"b\"}\n{\"msdynmkt_name\":\"c\"}\n");
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_EQ(attempt.load(), 2);
  EXPECT_EQ(ids.size(), 1u);
  EXPECT_EQ(ran.lines()[0]["line"], 2);
  EXPECT_EQ(ran.lines()[0]["error"]["violations"][0]["field"], "session");
  EXPECT_EQ(ran.lines()[1]["created"], 1);
  EXPECT_EQ(ran.lines()[1]["updated"], 1);
}

TEST_F(ImportCommand, NamesAFileThatIsNotThere) {
  const Ran ran = RunCli({"import", "journey", "/nonexistent", "--address", service_.address});
  EXPECT_EQ(ran.exit_code, 74);
  EXPECT_THAT(ran.err, HasSubstr("cannot read /nonexistent: No such file or directory"));
}

}  // namespace
}  // namespace journeyfeed::cli::testing
