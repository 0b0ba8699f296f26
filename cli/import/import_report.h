// Reports the outcome of an import's lines while it runs.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "cli/failure.h"
#include "cli/input/file_io.h"
#include "cli/output/output.h"
#include "cli/output/row_progress.h"

namespace journeyfeed::cli {

struct ImportTotals {
  std::int64_t lines = 0;     // read and not blank
  std::int64_t imported = 0;  // = created + updated
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t failed = 0;
};

// Thread-safe. Writes failing lines as soon as they are known and keeps only the number of the first one.
class ImportReport {
 public:
  ImportReport(int output, const OutputOptions& options, RowProgress& progress)
      : out_(output), options_(options), progress_(progress) {}

  void Read(double share);  // one more line; `share` of the input read so far, negative: unknown
  void Imported(bool created);
  // JSON: {"line":17,"error":{"code","reason","message","violations":[{"field","reason","description"}]}}.
  // Table: line 17: INVALID_ARGUMENT / STRING_LENGTH_TOO_LONG (0x80044331): ...
  void Failed(std::int64_t line, const CommandFailure& failure);

  // The last line: {"lines","imported","created","updated","failed","run_id"}; one sentence in a table.
  Outcome<void> Finish(const std::string& run_id);

  ImportTotals totals() const;
  // The exit code of the first failing line; nothing if none failed.
  std::optional<int> exit_code() const;
  // Set if the output cannot be written.
  std::optional<CommandFailure> broken() const;

 private:
  void Write(const std::string& line);

  mutable std::mutex mutex_;  // guards the following members
  LineOutput out_;
  const OutputOptions options_;
  RowProgress& progress_;
  ImportTotals totals_;
  std::optional<double> share_;
  std::optional<std::pair<std::int64_t, int>> first_failed_;  // line and exit code
  std::optional<CommandFailure> broken_;
};

}  // namespace journeyfeed::cli
