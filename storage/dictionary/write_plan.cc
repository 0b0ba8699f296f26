#include "storage/dictionary/write_plan.h"

#include "storage/dictionary/mask.h"
#include "storage/dictionary/planner.h"

namespace journeyfeed::dictionary {
namespace {

namespace proto = google::protobuf;

// The whole row: what is absent becomes null.
Result<WritePlan> PlanReplacement(const Entity& entity, const proto::Message& target, const proto::FieldMask* mask,
                                  const WritePaths& paths) {
  Planner planner(entity, target, paths);
  planner.TakeKey(true);
  if (mask != nullptr) planner.Refuse(std::string(paths.mask), "is not allowed: the whole record is replaced");
  planner.TakePresent(&Column::valid_for_update, entity::v1::ERROR_REASON_UN_MANAGED_IDS_XML_INVALID_UPDATE);
  planner.Assign(ColumnsWhere(entity, [](const Column& column) { return column.valid_for_update; }));
  planner.RefuseCleared();
  return std::move(planner).Finish();
}

}  // namespace

void WritePlan::Assign(const Entity& entity, const Column& column, Value value) {
  values[static_cast<std::size_t>(&column - entity.columns.data())] = std::move(value);
  set |= column.bit();
}

Result<WritePlan> PlanCreate(const Entity& entity, const proto::Message& target, const WritePaths& paths) {
  Planner planner(entity, target, paths);
  planner.TakeKey(false);
  planner.Assign(
      planner.TakePresent(&Column::valid_for_create, entity::v1::ERROR_REASON_UN_MANAGED_IDS_XML_INVALID_CREATE));
  planner.CompleteOwner(true);
  planner.FillDefaults();
  planner.RefuseMissing(planner.MissingColumns());
  return std::move(planner).Finish();
}

Result<WritePlan> PlanUpdate(const Entity& entity, const proto::Message& target, const proto::FieldMask* mask,
                             const WritePaths& paths) {
  Planner planner(entity, target, paths);
  planner.TakeKey(true);
  planner.Assign(planner.TakeUpdate(mask));
  planner.CompleteOwner(false);
  planner.RefuseCleared();
  return std::move(planner).Finish();
}

Result<WritePlan> PlanUpsert(const Entity& entity, const proto::Message& target, const proto::FieldMask* mask,
                             const WritePaths& paths) {
  if (entity.elastic) return PlanReplacement(entity, target, mask, paths);
  Planner planner(entity, target, paths);
  planner.TakeKey(true);
  planner.Assign(planner.TakeUpdate(mask));
  planner.CompleteOwner(false);
  planner.RefuseCleared();
  planner.plan().missing_for_create = planner.MissingColumns();
  return std::move(planner).Finish();
}

Failure MissingForCreate(const Entity& entity, const WritePlan& plan, std::string_view target_path) {
  std::vector<FieldViolation> violations;
  for (const Column& column : entity.columns) {
    if ((plan.missing_for_create & column.bit()) != 0) violations.push_back(MissingColumn(column, target_path));
  }
  return InvalidFields(std::move(violations));
}

}  // namespace journeyfeed::dictionary
