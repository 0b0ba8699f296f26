// How a WritePlan is made, step by step; the messages that are made of the steps are in write_plan.cc.
#pragma once

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/dictionary/write_plan.h"

namespace journeyfeed::dictionary {

// The violation of a required column that has no value.
FieldViolation MissingColumn(const Column& column, std::string_view path);

// One plan in the making. Every step adds what it finds wrong; Finish gives the plan or all of that. Lives within one
// call.
class Planner {
 public:
  Planner(const Entity& entity, const google::protobuf::Message& target, const WritePaths& paths);

  // Takes the key out of the target.
  void TakeKey(bool id_required);

  // The present columns besides the key; those for which `valid` does not hold are violations of the given reason.
  std::uint64_t TakePresent(bool Column::*valid, ErrorReason reason);

  // What Update and a merging Upsert assign: the columns that the mask lists, or the present ones.
  std::uint64_t TakeUpdate(const google::protobuf::FieldMask* mask);

  // Validates and assigns columns and completes the state.
  void Assign(std::uint64_t columns);

  // An owner without a type is a user; a type is nothing without its owner. `created`: without an owner the acting user
  // becomes it.
  void CompleteOwner(bool created);

  // Assigned nulls of required columns become defaults, or violations.
  void RefuseCleared();

  // Assigns the defaults of columns that are not assigned.
  void FillDefaults();

  // The required columns that are neither assigned nor filled when a record is created.
  std::uint64_t MissingColumns() const;

  void RefuseMissing(std::uint64_t columns);
  void Refuse(std::string path, std::string description);

  WritePlan& plan() { return plan_; }
  Result<WritePlan> Finish() &&;

 private:
  bool IsPresent(const Column& column) const { return (present_ & column.bit()) != 0; }
  bool IsSet(const Column& column) const { return (plan_.set & column.bit()) != 0; }
  void Validate(std::uint64_t columns);
  std::uint64_t TakeMasked(const google::protobuf::FieldMask& mask);
  std::uint64_t Wildcard() const;

  const Entity& entity_;
  const google::protobuf::Message& target_;
  const WritePaths& paths_;
  const std::uint64_t present_;
  WritePlan plan_;
  std::vector<FieldViolation> violations_;
};

}  // namespace journeyfeed::dictionary
