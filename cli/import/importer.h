// An import: lines in, batches out, several in flight, memory bounded whatever the size of the input.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "cli/client/batch_sender.h"
#include "cli/import/import_line.h"
#include "cli/import/import_report.h"
#include "cli/input/line_reader.h"

namespace journeyfeed::cli {

// Batches are consecutive lines. They are cut by rows and bytes, and before a second line for the same record. A line
// whose record is in flight waits, so that the lines of one record are applied in order. At most twice as many batches
// exist as are in flight. One run; the constructor's arguments must outlive it.
class Importer {
 public:
  Importer(EntityClient& client, const Connection& connection, const ImportOptions& options, ImportReport& report)
      : client_(client), options_(options), report_(report), sender_(client, connection, options, report) {}

  // Returns when every line is reported, or with the reason why not. `size` of the input in bytes; 0: unknown.
  Outcome<void> Import(LineReader& lines, std::int64_t size, const std::stop_token& stop);

  // The first line whose outcome is unknown; nothing if all are known. Valid after Run.
  std::optional<std::int64_t> first_open_line() const { return first_open_line_; }

 private:
  Outcome<void> ReadAll(LineReader& lines, std::int64_t size, const std::stop_token& stop);
  void Collect(ImportLine line);
  void Submit();
  // Blocks until no submitted batch contains `key`.
  void AwaitKey(const std::string& key);
  void Work(const std::stop_token& stop);
  // Stops before `line`, or where the reader stopped.
  Outcome<void> Abandon(const std::optional<InputLine>& line);
  void Leave(std::int64_t line);  // under mutex_
  bool IsOver() const;

  EntityClient& client_;
  const ImportOptions& options_;
  ImportReport& report_;
  BatchSender sender_;
  ImportBatch collected_;           // used only by the reading thread
  std::set<std::string> its_keys_;  // used only by the reading thread

  mutable std::mutex mutex_;  // guards the following members
  std::condition_variable changed_;
  std::deque<ImportBatch> queue_;
  std::multiset<std::string> submitted_keys_;
  bool complete_ = false;  // nothing more is submitted
  std::optional<CommandFailure> failure_;
  std::optional<std::int64_t> first_open_line_;
};

}  // namespace journeyfeed::cli
