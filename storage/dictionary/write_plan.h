// What a write message assigns: the validate step of every RPC that writes a record.
#pragma once

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "storage/dictionary/dictionary.h"
#include "storage/failure.h"
#include "storage/types.h"

namespace journeyfeed::dictionary {

// The key columns are only in `key`, never in `set`. An owner is in the plan only when the caller gave one; the store
// makes the acting user the owner of a new record otherwise.
struct WritePlan {
  RecordKey key;        // canonical
  bool has_id = false;  // false: Create was given no id; `key.id` is to be made
  // By index in Entity::columns; null for columns that are in none of the sets.
  std::vector<Value> values = {};
  // Column::bit of each column that this write assigns; assigned null = cleared.
  std::uint64_t set = 0;
  // Required columns without a value: the record may be updated so, but not created. Only an Upsert that merges has
  // any; MissingForCreate makes the error.
  std::uint64_t missing_for_create = 0;

  void Assign(const Entity& entity, const Column& column, Value value);
};

// Where the parts of the write are in the request; "targets[3]" and "targets[3].update_mask" in a bulk message.
struct WritePaths {
  std::string_view target = "target";
  std::string_view mask = "update_mask";
};

// Each finds all that is wrong with the target and the mask: the failure is InvalidFields.
//
// Create: present columns are assigned, defaults fill the rest, required columns need a value, read-only columns must
// be absent.
Result<WritePlan> PlanCreate(const Entity& entity, const google::protobuf::Message& target,
                             const WritePaths& paths = {});

// Update: the id is required. Without a mask (or with an empty one) the present columns are assigned, and read-only
// ones must be absent. With a mask exactly the listed columns are assigned, absent ones cleared, and the rest of the
// target ignored; read-only columns must not be listed. "*" lists all that can be updated, except that state, status
// and owner, which are never null, stay when absent. Clearing a required column assigns its default; without a default
// it is refused.
Result<WritePlan> PlanUpdate(const Entity& entity, const google::protobuf::Message& target,
                             const google::protobuf::FieldMask* mask, const WritePaths& paths = {});

// Upsert: the id is required. An elastic record is replaced: every column that can be updated is assigned, required
// ones need a value, a mask is refused. A standard record is merged as by Update; what a new one would lack is in
// missing_for_create, and the store gives a new one the defaults of Create.
Result<WritePlan> PlanUpsert(const Entity& entity, const google::protobuf::Message& target,
                             const google::protobuf::FieldMask* mask, const WritePaths& paths = {});

// The failure of an Upsert that found no record to update and has too little to create one.
// Precondition: plan.missing_for_create is not 0.
Failure MissingForCreate(const Entity& entity, const WritePlan& plan, std::string_view target_path = "target");

}  // namespace journeyfeed::dictionary
