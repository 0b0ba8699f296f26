#include "storage/dictionary/mask.h"

#include <algorithm>

namespace journeyfeed::dictionary {
namespace {

constexpr std::string_view kWildcard = "*";
// Enough for every name of a column; what is longer is not repeated to the caller.
constexpr std::size_t kLongestShownName = 64;
// Each unknown path becomes a violation with two texts: 3 MB at this limit.
constexpr int kMostPaths = 10'000;

FieldViolation UnknownColumn(const Entity& entity, const std::string& name, std::string path) {
  const bool shown = name.size() <= kLongestShownName;
  return {std::move(path), (shown ? "\"" + name + "\"" : "this") + " is not a column of " + entity.logical_name,
          entity::v1::ERROR_REASON_QUERY_BUILDER_NO_ATTRIBUTE};
}

}  // namespace

bool IsKey(const Entity& entity, const Column& column) {
  return &column == &entity.primary_id() || &column == entity.partition_id();
}

bool HasWildcard(const google::protobuf::FieldMask& mask) {
  return std::ranges::find(mask.paths(), kWildcard) != mask.paths().end();
}

std::vector<MaskedColumn> NamedColumns(const Entity& entity, const google::protobuf::FieldMask& mask,
                                       std::string_view path, std::vector<FieldViolation>& violations) {
  std::vector<MaskedColumn> named;
  if (mask.paths_size() > kMostPaths) {
    violations.push_back({std::string(path) + ".paths",
                          std::to_string(mask.paths_size()) + " paths, of at most " + std::to_string(kMostPaths),
                          entity::v1::ERROR_REASON_INVALID_ARGUMENT});
    return named;
  }
  for (int i = 0; i < mask.paths_size(); ++i) {
    const std::string& name = mask.paths(i);
    if (name == kWildcard) continue;
    std::string place = std::string(path) + ".paths[" + std::to_string(i) + "]";
    if (const Column* column = entity.FindByAnyName(name)) {
      named.push_back({column, std::move(place)});
    } else {
      violations.push_back(UnknownColumn(entity, name, std::move(place)));
    }
  }
  return named;
}

std::uint64_t AllColumns(const Entity& entity) {
  return ColumnsWhere(entity, [](const Column& column) { return column.valid_for_read; });
}

bool AsksForAll(const google::protobuf::FieldMask& mask) { return mask.paths().empty() || HasWildcard(mask); }

bool IsAlwaysReturned(const Entity& entity, const Column& column) {
  return IsKey(entity, column) || &column == &entity.version_number();
}

std::uint64_t AlwaysReturned(const Entity& entity) {
  return ColumnsWhere(entity, [&](const Column& column) { return IsAlwaysReturned(entity, column); });
}

Result<std::uint64_t> ParseColumns(const Entity& entity, const google::protobuf::FieldMask& mask,
                                   std::string_view path) {
  std::vector<FieldViolation> violations;
  const std::vector<MaskedColumn> named = NamedColumns(entity, mask, path, violations);
  if (!violations.empty()) return std::unexpected(InvalidFields(std::move(violations)));
  if (AsksForAll(mask)) return AllColumns(entity);
  std::uint64_t columns = AlwaysReturned(entity);
  for (const MaskedColumn& item : named) columns |= item.column->bit();
  return columns;
}

}  // namespace journeyfeed::dictionary
