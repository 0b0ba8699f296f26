#include "cli/import/importer.h"

#include <algorithm>
#include <utility>

namespace journeyfeed::cli {
namespace {

bool IsBlank(const InputLine& line) {
  return !line.too_long && line.text.find_first_not_of(" \t\r") == std::string::npos;
}

std::vector<std::string> KeysOf(const ImportBatch& batch) {
  std::vector<std::string> keys;
  for (const ImportLine& line : batch.lines) {
    if (!line.key.empty()) keys.push_back(line.key);
  }
  return keys;
}

}  // namespace

Outcome<void> Importer::Import(LineReader& lines, std::int64_t size, const std::stop_token& stop) {
  Outcome<void> read;
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < options_.in_flight; ++i) workers.emplace_back([this, &stop] { Work(stop); });
    read = ReadAll(lines, size, stop);
    const std::lock_guard lock(mutex_);
    complete_ = true;
    changed_.notify_all();
  }
  if (failure_) return std::unexpected(*failure_);
  if (read && first_open_line_) return std::unexpected(Interrupted("interrupted"));
  return read;
}

Outcome<void> Importer::ReadAll(LineReader& lines, std::int64_t size, const std::stop_token& stop) {
  for (;;) {
    const auto line = lines.Next(stop);
    const bool ended = line && !*line && !stop.stop_requested();
    if (!line || ended) Submit();
    if (!line) return std::unexpected(line.error());
    if (ended) return {};
    if (!*line || IsOver()) return Abandon(*line);
    if ((*line)->number < options_.from_line || IsBlank(**line)) continue;
    report_.Read(size > 0 ? static_cast<double>(lines.bytes_read()) / static_cast<double>(size) : -1);
    auto parsed = ParseImportLine(client_, options_, **line);
    if (parsed) {
      Collect(std::move(*parsed));
    } else {
      report_.Failed((*line)->number, parsed.error());
    }
  }
}

Outcome<void> Importer::Abandon(const std::optional<InputLine>& line) {
  const std::lock_guard lock(mutex_);
  if (!collected_.lines.empty()) {
    Leave(collected_.lines.front().number);
  } else if (line) {
    Leave(line->number);
  }
  return std::unexpected(Interrupted("interrupted"));
}

void Importer::Collect(ImportLine line) {
  const bool full = collected_.lines.size() >= options_.batch_rows ||
                    collected_.bytes + line.bytes > options_.batch_bytes || its_keys_.contains(line.key);
  if (full && !collected_.lines.empty()) Submit();
  if (!line.key.empty()) {
    AwaitKey(line.key);
    its_keys_.insert(line.key);
  }
  collected_.Add(std::move(line));
}

void Importer::Submit() {
  its_keys_.clear();
  ImportBatch batch = std::exchange(collected_, {});
  if (batch.lines.empty()) return;
  std::unique_lock lock(mutex_);
  const auto bound = static_cast<std::size_t>(options_.in_flight);
  changed_.wait(lock, [&] { return queue_.size() < bound || failure_; });
  for (std::string& key : KeysOf(batch)) submitted_keys_.insert(std::move(key));
  queue_.push_back(std::move(batch));
  changed_.notify_all();
}

void Importer::AwaitKey(const std::string& key) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !submitted_keys_.contains(key) || failure_; });
}

void Importer::Work(const std::stop_token& stop) {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !queue_.empty() || complete_; });
    if (queue_.empty()) return;
    ImportBatch batch = std::move(queue_.front());
    queue_.pop_front();
    changed_.notify_all();
    const bool give_up = failure_ || stop.stop_requested();
    lock.unlock();
    const std::int64_t first = batch.lines.front().number;
    const std::vector<std::string> keys = KeysOf(batch);
    Outcome<void> sent;
    if (!give_up) sent = sender_.Send(std::move(batch), stop);
    lock.lock();
    if (give_up || !sent) Leave(first);
    if (!sent && !failure_) failure_ = std::move(sent.error());
    for (const std::string& key : keys) submitted_keys_.erase(submitted_keys_.find(key));
    changed_.notify_all();
  }
}

void Importer::Leave(std::int64_t line) { first_open_line_ = std::min(first_open_line_.value_or(line), line); }

bool Importer::IsOver() const {
  const std::lock_guard lock(mutex_);
  return failure_.has_value();
}

}  // namespace journeyfeed::cli
