#include "services/call/wire_form.h"

namespace journeyfeed::call {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

bool IsRecord(const FieldDescriptor& field) {
  return field.type() == FieldDescriptor::TYPE_MESSAGE &&
         field.message_type()->options().HasExtension(entity::v1::table);
}

bool BelongsTo(const FieldDescriptor& common, entity::v1::TableType table) {
  const auto& options = common.options();
  return !options.HasExtension(entity::v1::only_of) || options.GetExtension(entity::v1::only_of) == table;
}

std::string Differs(const FieldDescriptor& field, const char* how) { return field.full_name() + ": " + how; }

std::string FieldDifference(const FieldDescriptor& declared, const FieldDescriptor& common,
                            entity::v1::TableType table) {
  if (declared.name() != common.name()) return Differs(declared, ("is to be named " + common.name()).c_str());
  if (IsRecord(declared)) {
    if (common.type() != FieldDescriptor::TYPE_BYTES) return Differs(declared, "is not to be a record");
    return declared.is_repeated() && !common.is_repeated() ? Differs(declared, "is not to be repeated") : "";
  }
  if (declared.type() != common.type())
    return Differs(declared, ("is to be of type " + std::string(common.type_name())).c_str());
  if (declared.is_repeated() != common.is_repeated())
    return Differs(declared, "is to be repeated in both or in neither");
  if (declared.has_presence() != common.has_presence())
    return Differs(declared, "is to be optional in both or in neither");
  if (declared.enum_type() != common.enum_type()) return Differs(declared, "is of another enum");
  if (!declared.message_type() || declared.message_type() == common.message_type()) return "";
  return WireDifference(*declared.message_type(), *common.message_type(), table);
}

}  // namespace

std::string WireDifference(const Descriptor& declared, const Descriptor& common, entity::v1::TableType table) {
  for (int i = 0; i < declared.field_count(); ++i) {
    const FieldDescriptor& field = *declared.field(i);
    const FieldDescriptor* same = common.FindFieldByNumber(field.number());
    if (!same) return Differs(field, "no entity has such a field");
    if (!BelongsTo(*same, table)) return Differs(field, "only tables of the other type have this field");
    if (auto difference = FieldDifference(field, *same, table); !difference.empty()) return difference;
  }
  for (int i = 0; i < common.field_count(); ++i) {
    const FieldDescriptor& field = *common.field(i);
    if (BelongsTo(field, table) && !declared.FindFieldByNumber(field.number())) {
      return declared.full_name() + ": has no field " + field.name() + " = " + std::to_string(field.number());
    }
  }
  return "";
}

}  // namespace journeyfeed::call
