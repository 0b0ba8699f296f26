#include "storage/postgres/feed/position.h"

#include <cstring>

#include "storage/base/byte_reader.h"
#include "storage/wire.h"

namespace journeyfeed::postgres {
namespace {

namespace pb = entity::v1;
using wire::AppendVarint;

// The first byte of a position.
enum Kind : char { kChanges = 'C', kLoad = 'L', kPartitionLoad = 'P' };

Kind KindOf(const Position& position) {
  if (!position.load) return kChanges;
  return position.load->last_id ? kPartitionLoad : kLoad;
}

Failure Unreadable(const char* field, ErrorReason reason) {
  return InvalidFields({{field, "the token was issued by another release", reason}});
}

void PutHistory(std::string& out, std::int64_t history, std::int32_t timeline) {
  PutFixed64(out, static_cast<std::uint64_t>(history));
  AppendVarint(out, static_cast<std::uint64_t>(timeline));
}

void PutLoad(std::string& out, const LoadPosition& load) {
  AppendVarint(out, static_cast<std::uint64_t>(load.rows_done));
  if (load.last_id) {
    out.append(reinterpret_cast<const char*>(load.last_id->bytes.data()), load.last_id->bytes.size());
    return;
  }
  AppendVarint(out, load.block);
  AppendVarint(out, load.offset);
  AppendVarint(out, load.end_block);
  AppendVarint(out, static_cast<std::uint64_t>(load.file_node));
  PutFixed64(out, static_cast<std::uint64_t>(load.system_identifier));
}

LoadPosition ReadLoad(ByteReader& reader, Kind kind) {
  LoadPosition load;
  load.rows_done = static_cast<std::int64_t>(reader.Varint());
  if (kind == kPartitionLoad) {
    Uuid id;
    const std::string_view bytes = reader.TakeBytes(id.bytes.size());
    if (!bytes.empty()) std::memcpy(id.bytes.data(), bytes.data(), bytes.size());
    load.last_id = id;
    return load;
  }
  load.block = static_cast<std::uint32_t>(reader.Varint());
  load.offset = static_cast<std::uint32_t>(reader.Varint());
  load.end_block = static_cast<std::uint32_t>(reader.Varint());
  load.file_node = static_cast<std::int64_t>(reader.Varint());
  load.system_identifier = static_cast<std::int64_t>(reader.Fixed64());
  return load;
}

// Unsigned, because the numbers of a senseless position may wrap.
std::uint64_t Distance(std::int64_t from, std::int64_t to) {
  return static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
}

std::int64_t Ahead(std::int64_t from, std::uint64_t distance) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(from) + distance);
}

}  // namespace

ChangePosition EncodePosition(const Position& position) {
  std::string bytes{KindOf(position)};
  PutHistory(bytes, position.history, position.timeline);
  AppendVarint(bytes, static_cast<std::uint64_t>(position.seq));
  AppendVarint(bytes, Distance(position.seq, position.high_water));
  PutFixed64(bytes, static_cast<std::uint64_t>(position.high_water_nonce));
  if (position.load) PutLoad(bytes, *position.load);
  return {std::move(bytes)};
}

PageEnd EndAt(const Position& position) {
  return {.position = EncodePosition(position),
          .seq = position.seq,
          .loading = position.load.has_value(),
          .consistent = position.consistent(),
          .rows_done = position.load ? position.load->rows_done : 0,
          .history = position.history ^ (std::int64_t{position.timeline} << 48)};
}

Result<Position> DecodePosition(const ChangePosition& position) {
  ByteReader reader(position.bytes);
  const auto kind = static_cast<Kind>(reader.Byte());
  Position read;
  read.history = static_cast<std::int64_t>(reader.Fixed64());
  read.timeline = static_cast<std::int32_t>(reader.Varint());
  read.seq = static_cast<std::int64_t>(reader.Varint());
  read.high_water = Ahead(read.seq, reader.Varint());
  read.high_water_nonce = static_cast<std::int64_t>(reader.Fixed64());
  if (kind == kLoad || kind == kPartitionLoad) {
    read.load = ReadLoad(reader, kind);
  } else if (kind != kChanges) {
    return std::unexpected(Unreadable("data_version", pb::ERROR_REASON_FEED_TOKEN_INVALID));
  }
  if (!reader.Complete()) return std::unexpected(Unreadable("data_version", pb::ERROR_REASON_FEED_TOKEN_INVALID));
  return read;
}

CommitPoint EncodePoint(const LogPoint& point) {
  std::string bytes;
  PutHistory(bytes, point.history, point.timeline);
  AppendVarint(bytes, static_cast<std::uint64_t>(point.seq));
  PutFixed64(bytes, static_cast<std::uint64_t>(point.nonce));
  return {std::move(bytes)};
}

Result<LogPoint> DecodePoint(const CommitPoint& point) {
  ByteReader reader(point.bytes);
  LogPoint read;
  read.history = static_cast<std::int64_t>(reader.Fixed64());
  read.timeline = static_cast<std::int32_t>(reader.Varint());
  read.seq = static_cast<std::int64_t>(reader.Varint());
  read.nonce = static_cast<std::int64_t>(reader.Fixed64());
  if (!reader.Complete()) return std::unexpected(Unreadable("session_token", pb::ERROR_REASON_SESSION_TOKEN_INVALID));
  return read;
}

ChangePosition RestartLoad(const ChangePosition& position) {
  auto read = DecodePosition(position);
  if (!read) return position;  // the next page refuses it
  read->load = LoadPosition{};
  return EncodePosition(*read);
}

CommitPoint LaterPoint(const CommitPoint& a, const CommitPoint& b) {
  const auto first = DecodePoint(a), second = DecodePoint(b);
  return first && second && first->history == second->history && first->seq > second->seq ? a : b;
}

PageEnd EndBefore(const PageEnd& end, std::int64_t seq) {
  auto read = DecodePosition(end.position);
  if (!read) return end;  // of this release, so it can be read
  read->seq = seq;
  return EndAt(*read);
}

}  // namespace journeyfeed::postgres
