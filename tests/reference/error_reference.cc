#include "tests/reference/error_reference.h"

#include <google/protobuf/descriptor.h>

#include "google/rpc/code.pb.h"
#include "journeyfeed/entity/v1/error_reason.pb.h"
#include "storage/dictionary/error_reason.h"

namespace journeyfeed::reference {
namespace {

using entity::v1::ErrorReason;

constexpr char kErrorsPage[] = R"(# Errors

Generated from the enum `ErrorReason` (`proto/journeyfeed/entity/v1/error_reason.proto`): change it there, then
`build/bin/journeyfeed-reference errors > docs/errors.md`.

Every error has a `google.rpc.ErrorInfo` with the domain `journeyfeed` and the reason; Dataverse's code is its metadata `code`.
Bad fields are all listed in one `google.rpc.BadRequest`. Where a later attempt can succeed there is a `google.rpc.RetryInfo`: wait
at least that long. `journeyctl` prints all of it, and what to do; its exit code is the number of the gRPC code.
)";

constexpr char kHead[] =
    "| reason | gRPC code | code | when | what to do |\n"
    "|---|---|---|---|---|\n";

// A table cell, in which no pipe ends it.
std::string Cell(const std::string& text) {
  std::string cell;
  for (const char c : text) cell += c == '|' ? std::string("\\|") : std::string(1, c);
  return cell;
}

std::string Row(ErrorReason reason) {
  const entity::v1::ErrorDefinition& error = dictionary::DescribeReason(reason);
  const std::string hex = dictionary::HexCode(reason);
  const std::string code = hex.empty() ? "" : "`" + hex + "` " + error.dataverse_name();
  return "| `" + dictionary::ReasonName(reason) + "` | " + google::rpc::Code_Name(error.grpc_code()) + " (" +
         std::to_string(error.grpc_code()) + ") | " + Cell(code) + " | " + Cell(error.when()) + " | " +
         Cell(error.action()) + " |\n";
}

}  // namespace

std::string ErrorReference() {
  std::string of_dataverse, own;
  const google::protobuf::EnumDescriptor* reasons = entity::v1::ErrorReason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<ErrorReason>(reasons->value(i)->number());
    if (reason == entity::v1::ERROR_REASON_UNSPECIFIED) continue;
    (dictionary::HexCode(reason).empty() ? own : of_dataverse) += Row(reason);
  }
  std::string page = kErrorsPage;
  page.append("\n## Errors that Dataverse has too\n\n").append(kHead).append(of_dataverse);
  return page.append("\n## Errors of journeyfeed\n\n").append(kHead).append(own);
}

}  // namespace journeyfeed::reference
