// Sets of columns that callers name by a FieldMask: by proto name, logical name or, of a lookup, "_logicalname_value".
#pragma once

#include <google/protobuf/field_mask.pb.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "storage/dictionary/dictionary.h"
#include "storage/failure.h"

namespace journeyfeed::dictionary {

// Which columns a read returns: the named ones, with the key and the version number, which are always returned; all of
// them for "*" or an empty mask. `path` is where the mask is in the request ("columns"). All unknown names are listed.
Result<std::uint64_t> ParseColumns(const Entity& entity, const google::protobuf::FieldMask& mask,
                                   std::string_view path);

// What "*" and an empty mask stand for.
std::uint64_t AllColumns(const Entity& entity);
bool AsksForAll(const google::protobuf::FieldMask& mask);

// The key and the version number.
bool IsAlwaysReturned(const Entity& entity, const Column& column);
std::uint64_t AlwaysReturned(const Entity& entity);

// A column that a mask names, and where ("update_mask.paths[2]").
struct MaskedColumn {
  const Column* column;
  std::string path;
};

// The columns that a mask names, in its order; "*" is not among them. Adds a violation for each unknown name.
std::vector<MaskedColumn> NamedColumns(const Entity& entity, const google::protobuf::FieldMask& mask,
                                       std::string_view path, std::vector<FieldViolation>& violations);

// Whether the mask is "*", or has it among others.
bool HasWildcard(const google::protobuf::FieldMask& mask);

// The bits of the columns for which the predicate holds.
template <typename Predicate>
std::uint64_t ColumnsWhere(const Entity& entity, Predicate&& predicate) {
  std::uint64_t columns = 0;
  for (const Column& column : entity.columns) {
    if (predicate(column)) columns |= column.bit();
  }
  return columns;
}

// Id, and partition of an elastic entity.
bool IsKey(const Entity& entity, const Column& column);

}  // namespace journeyfeed::dictionary
