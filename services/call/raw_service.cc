#include "services/call/raw_service.h"

#include <algorithm>
#include <stdexcept>

#include "journeyfeed/entity/v1/options.pb.h"

namespace journeyfeed::call {
namespace {

const google::protobuf::ServiceDescriptor& FindService(const std::string& full_name) {
  const auto* found = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(full_name);
  if (!found) throw std::logic_error("no proto of this program declares the service " + full_name);
  return *found;
}

bool HoldsRecordOrRows(const google::protobuf::Descriptor& request) {
  for (int i = 0; i < request.field_count(); ++i) {
    const auto* type = request.field(i)->message_type();
    if (!type) continue;
    if (request.field(i)->is_repeated() || type->options().HasExtension(entity::v1::table)) return true;
  }
  return false;
}

std::size_t MaxRequestBytes(const google::protobuf::Descriptor& request, const Policy& policy, RequestSize size) {
  const bool large = size == RequestSize::kLarge || HoldsRecordOrRows(request);
  return large ? policy.max_message_bytes : std::min(policy.max_message_bytes, kMaxPlainBytes);
}

}  // namespace

RawService::RawService(const std::string& full_name, Metrics& metrics, const Policy& policy)
    : descriptor_(FindService(full_name)) {
  for (int i = 0; i < descriptor_.method_count(); ++i) {
    const auto& method = *descriptor_.method(i);
    slots_.push_back(
        std::make_unique<Slot>(Slot{&method, Method{full_name, method.name(), "/" + full_name + "/" + method.name(),
                                                    metrics.ForMethod(method), policy, 0}}));
  }
}

std::vector<std::string> RawService::MissingMethods() const {
  std::vector<std::string> missing;
  for (const auto& slot : slots_) {
    if (!slot->handled) missing.push_back(slot->method.name);
  }
  return missing;
}

const Method& RawService::Declare(const std::string& name, const google::protobuf::Descriptor* request,
                                  const google::protobuf::Descriptor* response, bool streaming, RequestSize size) {
  for (const auto& slot : slots_) {
    if (slot->method.name != name) continue;
    const auto& descriptor = *slot->descriptor;
    const bool fits = descriptor.input_type() == request && descriptor.output_type() == response &&
                      descriptor.server_streaming() == streaming && !descriptor.client_streaming();
    if (!fits) throw std::logic_error("the handler's types differ from those of the method " + slot->method.path);
    if (slot->handled) throw std::logic_error("two handlers for the method " + slot->method.path);
    slot->handled = true;
    slot->method.max_request_bytes = MaxRequestBytes(*request, slot->method.policy, size);
    return slot->method;
  }
  throw std::logic_error("the service " + full_name() + " has no method " + name);
}

void RawService::AddRaw(const Method& method, grpc::internal::RpcMethod::RpcType type,
                        grpc::internal::MethodHandler* handler) {
  AddMethod(new grpc::internal::RpcServiceMethod(method.path.c_str(), type, nullptr));
  MarkMethodRawCallback(registered_++, handler);
}

}  // namespace journeyfeed::call
