// What became of the lines of an import, told while it runs.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "cli/failure.h"
#include "cli/file_io.h"
#include "cli/output.h"
#include "cli/row_progress.h"

namespace journeyfeed::cli {

struct ImportTotals {
  std::int64_t lines = 0;     // that were read and not blank
  std::int64_t imported = 0;  // = created + updated
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t failed = 0;
};

// Thread-safe. Failing lines are written as they are known, so that nothing is kept of them but their number of the
// first.
class ImportReport {
 public:
  ImportReport(int output, const OutputOptions& options, RowProgress& progress)
      : out_(output), options_(options), progress_(progress) {}

  void Read(double share);  // one more line; `share` of the input that is read, negative: not known
  void Imported(bool created);
  // JSON: {"line":17,"error":{"code","reason","message","violations":[{"field","reason","description"}]}}.
  // Table: line 17: INVALID_ARGUMENT / STRING_LENGTH_TOO_LONG (0x80044331): ...
  void Failed(std::int64_t line, const Failure& failure);

  // The last line: {"lines","imported","created","updated","failed","run_id"}; as a table one sentence.
  Outcome<void> Finish(const std::string& run_id);

  ImportTotals totals() const;
  // Of the first failing line; nothing when none failed.
  std::optional<int> exit_code() const;
  // The output cannot be written.
  std::optional<Failure> broken() const;

 private:
  void Write(const std::string& line);

  mutable std::mutex mutex_;  // guards everything below
  LineOutput out_;
  const OutputOptions options_;
  RowProgress& progress_;
  ImportTotals totals_;
  std::optional<double> share_;
  std::optional<std::pair<std::int64_t, int>> first_failed_;  // line and exit code
  std::optional<Failure> broken_;
};

}  // namespace journeyfeed::cli
