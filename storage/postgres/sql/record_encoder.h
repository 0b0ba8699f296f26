// Encodes a PostgreSQL row in binary form as the entity's protobuf message in wire form, without a message object in
// between.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/dictionary/dictionary.h"
#include "storage/postgres/connection/binary.h"

namespace journeyfeed::postgres {

// Immutable, thread-safe.
class RecordEncoder {
 public:
  // `first_column`: the result column at which {{read_columns}} begins.
  RecordEncoder(const dictionary::Entity& entity, int first_column);

  // Encodes the columns in `columns` (bit set) that are not null, and always id, partition and version.
  std::string Encode(const Row& row, std::uint64_t columns) const;

  Uuid Id(const Row& row) const { return row.Id(id_column_); }
  std::int64_t Version(const Row& row) const { return row.Int8(version_column_); }

 private:
  struct Field {
    int column;            // in the result
    std::uint32_t number;  // of the proto field
    std::uint64_t bit;
    dictionary::ColumnType type;
    bool always;
  };
  std::vector<Field> fields_;
  int id_column_ = 0;
  int version_column_ = 0;
};

}  // namespace journeyfeed::postgres
