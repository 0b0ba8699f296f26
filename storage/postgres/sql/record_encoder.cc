#include "storage/postgres/sql/record_encoder.h"

#include "storage/dictionary/mask.h"
#include "storage/postgres/sql/sql_template.h"
#include "storage/wire.h"

namespace journeyfeed::postgres {
using dictionary::ColumnType;

RecordEncoder::RecordEncoder(const dictionary::Entity& entity, int first_column) {
  int index = first_column;
  for (const dictionary::Column* column : ReadColumns(entity)) {
    if (column == &entity.primary_id()) id_column_ = index;
    if (column == &entity.version_number()) version_column_ = index;
    const bool always = dictionary::IsAlwaysReturned(entity, *column);
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
        wire::AppendUuid(out, field.number, row.Bytes(field.column));
        break;
      case ColumnType::kString:
      case ColumnType::kMemo:
      case ColumnType::kEntityName:
        wire::AppendBytes(out, field.number, row.Bytes(field.column));
        break;
      case ColumnType::kInteger:
      case ColumnType::kPicklist:
      case ColumnType::kState:
      case ColumnType::kStatus:
        wire::AppendInteger(out, field.number, row.Int4(field.column));
        break;
      case ColumnType::kBigInt:
        wire::AppendInteger(out, field.number, row.Int8(field.column));
        break;
      case ColumnType::kBoolean:
        wire::AppendInteger(out, field.number, row.Bool(field.column) ? 1 : 0);
        break;
      case ColumnType::kDateTime:
        wire::AppendTime(out, field.number, row.Time(field.column).micros);
        break;
    }
  }
  return out;
}

}  // namespace journeyfeed::postgres
