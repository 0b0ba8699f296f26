#include "storage/postgres/record_encoder.h"

#include "storage/postgres/sql_template.h"

namespace journeyfeed::postgres {
namespace {

using dictionary::ColumnType;

constexpr std::uint32_t kVarint = 0;
constexpr std::uint32_t kLengthDelimited = 2;

void AppendVarint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

void AppendTag(std::string& out, std::uint32_t number, std::uint32_t wire_type) { AppendVarint(out, number << 3 | wire_type); }

void AppendBytes(std::string& out, std::uint32_t number, std::string_view bytes) {
  AppendTag(out, number, kLengthDelimited);
  AppendVarint(out, bytes.size());
  out.append(bytes);
}

void AppendUuid(std::string& out, std::uint32_t number, std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  AppendTag(out, number, kLengthDelimited);
  out.push_back(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    const auto byte = static_cast<unsigned char>(bytes[i]);
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
}

void AppendTimestamp(std::string& out, std::uint32_t number, Timestamp time) {
  constexpr std::int64_t kMicros = 1000000;
  std::int64_t seconds = time.micros / kMicros;
  std::int64_t micros = time.micros % kMicros;
  if (micros < 0) {
    micros += kMicros;
    --seconds;
  }
  std::string body;
  if (seconds != 0) {
    AppendTag(body, 1, kVarint);
    AppendVarint(body, static_cast<std::uint64_t>(seconds));
  }
  if (micros != 0) {
    AppendTag(body, 2, kVarint);
    AppendVarint(body, static_cast<std::uint64_t>(micros) * 1000);
  }
  AppendBytes(out, number, body);
}

void AppendInteger(std::string& out, std::uint32_t number, std::int64_t value) {
  AppendTag(out, number, kVarint);
  AppendVarint(out, static_cast<std::uint64_t>(value));
}

}  // namespace

RecordEncoder::RecordEncoder(const dictionary::Entity& entity, int first_column) {
  int index = first_column;
  for (const dictionary::Column* column : ReadColumns(entity)) {
    if (column->name == "id") id_column_ = index;
    if (column->name == "version_number") version_column_ = index;
    const bool always = column->name == "id" || column->name == "partition_id" || column->name == "version_number";
    fields_.push_back({index++, static_cast<std::uint32_t>(column->number), column->bit(), column->type, always});
  }
}

std::string RecordEncoder::Encode(const Row& row, std::uint64_t columns) const {
  std::string out;
  out.reserve(256);
  for (const Field& field : fields_) {
    if ((!field.always && (columns & field.bit) == 0) || row.IsNull(field.column)) continue;
    switch (field.type) {
      case ColumnType::kUniqueIdentifier:
      case ColumnType::kLookup:
      case ColumnType::kOwner:
        AppendUuid(out, field.number, row.Bytes(field.column));
        break;
      case ColumnType::kString:
      case ColumnType::kMemo:
      case ColumnType::kEntityName:
        AppendBytes(out, field.number, row.Bytes(field.column));
        break;
      case ColumnType::kInteger:
      case ColumnType::kPicklist:
      case ColumnType::kState:
      case ColumnType::kStatus:
        AppendInteger(out, field.number, row.Int4(field.column));
        break;
      case ColumnType::kBigInt:
        AppendInteger(out, field.number, row.Int8(field.column));
        break;
      case ColumnType::kBoolean:
        AppendInteger(out, field.number, row.Bool(field.column) ? 1 : 0);
        break;
      case ColumnType::kDateTime:
        AppendTimestamp(out, field.number, row.Time(field.column));
        break;
    }
  }
  return out;
}

}  // namespace journeyfeed::postgres
