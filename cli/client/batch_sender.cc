#include "cli/client/batch_sender.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

namespace journeyfeed::cli {
namespace {

using entity::v1::RowResult;

// The timeout ends the attempts earlier.
constexpr int kAttempts = 1000;

// Whether the row is the cause, not the service: sent again, it would fail again.
bool IsOfALine(const CommandFailure& failure) {
  switch (failure.exit_code) {
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::OUT_OF_RANGE:
      return true;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:  // too large
      return !failure.retry_after;
    default:
      return false;
  }
}

// "targets[17].target.name": 17 and what comes after "targets[17]".
std::optional<std::pair<std::size_t, std::string>> RowOf(const std::string& field) {
  constexpr std::string_view kPrefix = "targets[";
  if (!field.starts_with(kPrefix)) return std::nullopt;
  const char* const begin = field.data() + kPrefix.size();
  const char* const end = field.data() + field.size();
  std::size_t row = 0;
  const auto [after, error] = std::from_chars(begin, end, row);
  if (error != std::errc() || after == end || *after != ']') return std::nullopt;
  std::string rest(after + 1, end);
  for (const std::string_view prefix : {".target.", "."}) {
    if (rest.starts_with(prefix)) return std::pair(row, rest.substr(prefix.size()));
  }
  return std::pair(row, rest);
}

// The lines that a refusal names, each with its own part of it: people cannot use a row's number within its call.
std::map<std::size_t, CommandFailure> FailuresByRow(const CommandFailure& failure, std::size_t rows) {
  std::map<std::size_t, CommandFailure> by_row;
  for (const Violation& violation : failure.violations) {
    const auto row = RowOf(violation.field);
    if (!row || row->first >= rows) continue;
    CommandFailure& own = by_row[row->first];
    if (own.code.empty()) {
      own.exit_code = failure.exit_code;
      own.code = failure.code;
      own.reason = violation.reason.empty() ? failure.reason : violation.reason;
      own.message = row->second.empty() ? violation.description : "invalid fields";
    }
    if (!row->second.empty()) own.violations.push_back({row->second, violation.description, violation.reason});
  }
  return by_row;
}

ImportBatch TakeLines(ImportBatch& batch, std::size_t first, std::size_t last) {
  ImportBatch part;
  for (std::size_t i = first; i < last; ++i) part.Add(std::move(batch.lines[i]));
  return part;
}

}  // namespace

Outcome<void> BatchSender::Send(ImportBatch batch, const std::stop_token& stop) {
  if (batch.lines.empty()) return {};
  const auto results = Call(batch, stop);
  if (results) return NoteResults(batch, *results);
  if (!IsOfALine(results.error())) return std::unexpected(results.error());
  return Divide(std::move(batch), results.error(), stop);
}

Outcome<BatchSender::Results> BatchSender::Call(const ImportBatch& batch, const std::stop_token& stop) {
  BulkRequest request{.rows = {}, .request_id = RequestIdOf(options_, client_.entity(), batch)};
  for (const ImportLine& line : batch.lines) {
    request.rows.push_back({.target = line.record.get(), .update_mask = line.mask});
  }
  Results results;
  const auto attempt = [&](grpc::ClientContext* context) -> grpc::Status {
    const grpc::Status status = options_.mode == ImportMode::kCreate
                                    ? client_.CreateMultiple(context, request, results)
                                    : client_.UpsertMultiple(context, request, results);
    if (!status.ok()) return status;
    // Rows that the service could not execute now have no outcome yet: everything is sent again, and executed rows
    // repeat their answer.
    for (const RowResult& result : results) {
      if (!result.has_error() || IsOfALine(FromRow(result.error()))) continue;
      return {static_cast<grpc::StatusCode>(result.error().code()), result.error().message(),
              result.error().SerializeAsString()};
    }
    return status;
  };
  const auto done =
      cli::Call(connection_, attempt, {.attempts = kAttempts, .after_unknown_outcome = true, .stop = stop});
  if (!done) return std::unexpected(done.error());
  return results;
}

Outcome<void> BatchSender::NoteResults(const ImportBatch& batch, const Results& results) {
  if (results.size() != batch.lines.size()) {
    CommandFailure failure;
    failure.exit_code = grpc::StatusCode::INTERNAL;
    failure.code = "INTERNAL";
    failure.message = "the service answered a different number of rows than it received";
    return std::unexpected(std::move(failure));
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].has_error()) {
      const CommandFailure failure = FromRow(results[i].error());
      const auto own = FailuresByRow(failure, results.size());
      report_.Failed(batch.lines[i].number, own.contains(i) ? own.at(i) : failure);
    } else {
      report_.Imported(options_.mode == ImportMode::kCreate || results[i].record_created());
    }
  }
  return {};
}

Outcome<void> BatchSender::Divide(ImportBatch batch, const CommandFailure& failure, const std::stop_token& stop) {
  const std::size_t rows = batch.lines.size();
  if (rows == 1) {
    const auto own = FailuresByRow(failure, rows);
    report_.Failed(batch.lines[0].number, own.empty() ? failure : own.begin()->second);
    return {};
  }
  const auto failures = FailuresByRow(failure, rows);
  if (failures.empty()) {
    ImportBatch second = TakeLines(batch, rows / 2, rows);
    if (auto sent = Send(TakeLines(batch, 0, rows / 2), stop); !sent) return sent;
    return Send(std::move(second), stop);
  }
  ImportBatch rest;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto found = failures.find(i);
    if (found == failures.end()) {
      rest.Add(std::move(batch.lines[i]));
    } else {
      report_.Failed(batch.lines[i].number, found->second);
    }
  }
  return Send(std::move(rest), stop);
}

}  // namespace journeyfeed::cli
