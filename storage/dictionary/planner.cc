#include "storage/dictionary/planner.h"

#include <algorithm>

#include "storage/dictionary/mask.h"
#include "storage/dictionary/row.h"
#include "storage/dictionary/state.h"
#include "storage/dictionary/validate.h"

namespace journeyfeed::dictionary {
namespace {

namespace proto = google::protobuf;

bool IsStateOrStatus(const Column& column) {
  return column.type == ColumnType::kState || column.type == ColumnType::kStatus;
}

// Null would mean "nobody" or "nowhere": these always have a value, which the server keeps.
bool IsNeverNull(const Column& column) {
  return IsStateOrStatus(column) || column.type == ColumnType::kOwner || column.type == ColumnType::kEntityName;
}

bool IsRequired(const Column& column) {
  return column.writable() && (column.required_level != RequiredLevel::kNone || column.type == ColumnType::kStatus);
}

}  // namespace

FieldViolation MissingColumn(const Column& column, std::string_view path) {
  return {std::string(path) + "." + column.name, "is required", entity::v1::ERROR_REASON_REQUIRED_FIELD_MISSING};
}

Planner::Planner(const Entity& entity, const proto::Message& target, const WritePaths& paths)
    : entity_(entity), target_(target), paths_(paths), present_(PresentColumns(entity, target)) {
  plan_.values.resize(entity.columns.size());
}

void Planner::TakeKey(bool id_required) {
  const Column& id = entity_.primary_id();
  const Column* partition = entity_.partition_id();
  Validate(id.bit() | (partition != nullptr ? partition->bit() : 0));
  plan_.has_id = IsPresent(id);
  if (!plan_.has_id && id_required) violations_.push_back(MissingColumn(id, paths_.target));
  const Value value = GetColumn(target_, id);
  if (const Uuid* uuid = std::get_if<Uuid>(&value)) {
    plan_.key.id = *uuid;
    if (uuid->IsNil()) Refuse(std::string(paths_.target) + "." + id.name, "must not be the nil UUID");
  }
  if (partition == nullptr || !IsPresent(*partition)) return;
  std::string text = std::get<std::string>(GetColumn(target_, *partition));
  if (!plan_.has_id || text != plan_.key.id.ToString()) plan_.key.partition_id = std::move(text);
}

std::uint64_t Planner::TakePresent(bool Column::*valid, ErrorReason reason) {
  std::uint64_t taken = 0;
  for (const Column& column : entity_.columns) {
    if (!IsPresent(column) || IsKey(entity_, column)) continue;
    if (column.*valid) {
      taken |= column.bit();
    } else {
      violations_.push_back({std::string(paths_.target) + "." + column.name, "cannot be set by this message", reason});
    }
  }
  return taken;
}

std::uint64_t Planner::TakeMasked(const proto::FieldMask& mask) {
  std::uint64_t taken = 0;
  for (const MaskedColumn& item : NamedColumns(entity_, mask, paths_.mask, violations_)) {
    if (item.column->valid_for_update) {
      taken |= item.column->bit();
    } else {
      violations_.push_back({item.path, item.column->name + " cannot be set by this message",
                             entity::v1::ERROR_REASON_UN_MANAGED_IDS_XML_INVALID_UPDATE});
    }
  }
  return HasWildcard(mask) ? taken | Wildcard() : taken;
}

std::uint64_t Planner::TakeUpdate(const proto::FieldMask* mask) {
  if (mask != nullptr && !mask->paths().empty()) return TakeMasked(*mask);
  return TakePresent(&Column::valid_for_update, entity::v1::ERROR_REASON_UN_MANAGED_IDS_XML_INVALID_UPDATE);
}

void Planner::Assign(std::uint64_t columns) {
  Validate(columns);
  for (std::size_t i = 0; i < entity_.columns.size(); ++i) {
    const Column& column = entity_.columns[i];
    if ((columns & column.bit()) != 0) plan_.values[i] = GetColumn(target_, column);
  }
  plan_.set |= columns;
  CompleteState(entity_, plan_.values, plan_.set, paths_.target, violations_);
}

void Planner::CompleteOwner(bool created) {
  const Column* owner = entity_.FindByType(ColumnType::kOwner);
  const Column* type = entity_.FindByType(ColumnType::kEntityName);
  if (owner == nullptr || type == nullptr) return;
  if (IsSet(*owner)) {
    if (!IsSet(*type)) plan_.Assign(entity_, *type, *type->default_value);
    return;
  }
  if (!IsSet(*type) || (created && GetColumn(target_, *type) == *type->default_value)) return;
  violations_.push_back({std::string(paths_.target) + "." + type->name, "can only be set together with " + owner->name,
                         entity::v1::ERROR_REASON_INVALID_OWNER_ID});
}

void Planner::RefuseCleared() {
  for (std::size_t i = 0; i < entity_.columns.size(); ++i) {
    const Column& column = entity_.columns[i];
    // A present value that could not be read is reported already.
    const bool cleared = IsSet(column) && !IsPresent(column) && std::holds_alternative<std::monostate>(plan_.values[i]);
    if (!cleared || !IsRequired(column)) continue;
    if (column.default_value && !IsStateOrStatus(column)) {
      plan_.values[i] = *column.default_value;
    } else {
      violations_.push_back(MissingColumn(column, paths_.target));
    }
  }
}

void Planner::FillDefaults() {
  for (const Column& column : entity_.columns) {
    if (column.default_value && column.writable() && !IsSet(column))
      plan_.Assign(entity_, column, *column.default_value);
  }
}

std::uint64_t Planner::MissingColumns() const {
  return ColumnsWhere(entity_, [&](const Column& column) {
    return IsRequired(column) && !IsNeverNull(column) && !IsKey(entity_, column) && !column.default_value &&
           !IsSet(column);
  });
}

void Planner::RefuseMissing(std::uint64_t columns) {
  for (const Column& column : entity_.columns) {
    if ((columns & column.bit()) != 0) violations_.push_back(MissingColumn(column, paths_.target));
  }
}

void Planner::Refuse(std::string path, std::string description) {
  violations_.push_back({std::move(path), std::move(description), entity::v1::ERROR_REASON_INVALID_ARGUMENT});
}

Result<WritePlan> Planner::Finish() && {
  if (!violations_.empty()) return std::unexpected(InvalidFields(std::move(violations_)));
  return std::move(plan_);
}

// State, status and owner are never null: a caller who means "all" and leaves them out keeps them.
std::uint64_t Planner::Wildcard() const {
  return ColumnsWhere(entity_, [&](const Column& column) {
    return column.valid_for_update && (IsPresent(column) || !IsNeverNull(column));
  });
}

void Planner::Validate(std::uint64_t columns) {
  ValidateColumns(entity_, target_, columns, paths_.target, violations_);
}

}  // namespace journeyfeed::dictionary
