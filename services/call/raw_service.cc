#include "services/call/raw_service.h"

#include <algorithm>
#include <stdexcept>

#include "services/call/wire_form.h"

namespace journeyfeed::call {
namespace {

using google::protobuf::Descriptor;

const google::protobuf::ServiceDescriptor& FindService(const std::string& full_name) {
  const auto* found = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(full_name);
  if (!found) throw std::logic_error("no proto of this program declares the service " + full_name);
  return *found;
}

bool HoldsRecordOrRows(const Descriptor& request) {
  for (int i = 0; i < request.field_count(); ++i) {
    const auto* type = request.field(i)->message_type();
    if (!type) continue;
    if (request.field(i)->is_repeated() || type->options().HasExtension(entity::v1::table)) return true;
  }
  return false;
}

std::size_t MaxRequestBytes(const Descriptor& request, const Policy& policy, RequestSize size) {
  const bool large = size == RequestSize::kLarge || HoldsRecordOrRows(request);
  return large ? policy.max_message_bytes : std::min(policy.max_message_bytes, kMaxPlainBytes);
}

}  // namespace

RawService::RawService(const std::string& full_name, Metrics& metrics, const Policy& policy,
                       entity::v1::TableType table)
    : descriptor_(FindService(full_name)), table_(table) {
  for (int i = 0; i < descriptor_.method_count(); ++i) {
    const auto& method = *descriptor_.method(i);
    slots_.push_back(std::make_unique<Slot>(Slot{&method, Method{.service = full_name,
                                                                 .name = method.name(),
                                                                 .path = "/" + full_name + "/" + method.name(),
                                                                 .metrics = metrics.ForMethod(method),
                                                                 .policy = policy,
                                                                 .request_type = method.input_type()}}));
  }
}

void RawService::RequireAllMethods() const {
  std::string missing;
  for (const auto& slot : slots_) {
    if (!slot->handled) missing += (missing.empty() ? "" : ", ") + slot->method.name;
  }
  if (!missing.empty()) throw std::logic_error(full_name() + ": no handler serves " + missing);
}

const Method& RawService::Declare(const std::string& name, const Descriptor* request, const Descriptor* response,
                                  bool streaming, RequestSize size) {
  const auto found = std::ranges::find_if(slots_, [&](const auto& slot) { return slot->method.name == name; });
  if (found == slots_.end()) throw std::logic_error("the service " + full_name() + " has no method " + name);
  Slot& slot = **found;
  const auto& descriptor = *slot.descriptor;
  if (descriptor.server_streaming() != streaming || descriptor.client_streaming()) {
    throw std::logic_error("handler of another kind than the method " + slot.method.path);
  }
  RequireForm(slot, *descriptor.input_type(), *request);
  RequireForm(slot, *descriptor.output_type(), *response);
  if (slot.handled) throw std::logic_error("two handlers for the method " + slot.method.path);
  slot.handled = true;
  slot.method.max_request_bytes = MaxRequestBytes(*descriptor.input_type(), slot.method.policy, size);
  return slot.method;
}

void RawService::RequireForm(const Slot& slot, const Descriptor& declared, const Descriptor& handled) const {
  if (&declared == &handled) return;
  if (table_ == entity::v1::TABLE_TYPE_UNSPECIFIED) {
    throw std::logic_error("handler of another type than the method " + slot.method.path);
  }
  if (const auto difference = WireDifference(declared, handled, table_); !difference.empty()) {
    throw std::logic_error("the method " + slot.method.path + " is declared differently: " + difference);
  }
}

void RawService::AddRaw(const Method& method, grpc::internal::RpcMethod::RpcType type,
                        grpc::internal::MethodHandler* handler) {
  AddMethod(new grpc::internal::RpcServiceMethod(method.path.c_str(), type, nullptr));
  MarkMethodRawCallback(registered_++, handler);
}

}  // namespace journeyfeed::call
