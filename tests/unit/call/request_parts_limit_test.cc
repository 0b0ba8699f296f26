#include "services/call/request_parts_limit.h"

#include <gtest/gtest.h>

#include <string>

#include "journeyfeed/customerjourney/v1/customer_journey_service.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.pb.h"
#include "services/call/wire_message.h"
#include "services/call/wire_status.h"
#include "storage/dictionary/error_reason.h"

namespace journeyfeed::call {
namespace {

namespace journeys = customerjourney::v1;
namespace sessions = journeyrunsession::v1;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Gives every field a value; times have both parts.
void FillAll(Message& message) {
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        reflection.SetString(&message, field, "x");
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        FillAll(*reflection.MutableMessage(&message, field));
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        reflection.SetInt32(&message, field, 17);
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        reflection.SetInt64(&message, field, 17);
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        reflection.SetBool(&message, field, true);
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection.SetEnumValue(&message, field, 17);
        break;
      default:
        FAIL() << field->full_name() << ": a type that no column has had";
    }
  }
}

// The largest requests that the contract allows, counted in fields. One more column must not exceed the limit.
template <typename Request>
Request OfEveryColumn() {
  Request request;
  for (int row = 0; row < 1000; ++row) {
    auto& target = *request.add_targets();
    FillAll(*target.mutable_target());
    target.set_if_match("17");
    if constexpr (requires { target.mutable_update_mask(); }) {
      const auto* record = target.target().GetDescriptor();
      for (int i = 0; i < record->field_count(); ++i) target.mutable_update_mask()->add_paths(record->field(i)->name());
    }
  }
  return request;
}

template <typename Request>
std::optional<Failure> Receive(const Request& request) {
  Request received;
  return ParseRequest(SerializeMessage(request), *Request::descriptor(), received);
}

TEST(RequestPartsLimit, AThousandRowsOfEveryColumnWithFullMasksAreWithin) {
  EXPECT_FALSE(Receive(OfEveryColumn<journeys::UpdateMultipleRequest>()));
  EXPECT_FALSE(Receive(OfEveryColumn<journeys::UpsertMultipleRequest>()));
  EXPECT_FALSE(Receive(OfEveryColumn<sessions::UpdateMultipleRequest>()));
  EXPECT_FALSE(Receive(OfEveryColumn<sessions::UpsertMultipleRequest>()));
}

TEST(RequestPartsLimit, RowsAreCounted) {
  journeys::CreateMultipleRequest request;
  for (int i = 0; i < kMostElements; ++i) request.add_targets();
  request.set_request_id("x");
  EXPECT_FALSE(Receive(request));
  request.add_targets();
  const auto refused = Receive(request);
  ASSERT_TRUE(refused);
  EXPECT_EQ(dictionary::ReasonName(refused->reason), "INVALID_ARGUMENT");
  EXPECT_EQ(refused->metadata.at(0), std::pair(std::string("max_rows"), std::to_string(kMostElements)));
}

TEST(RequestPartsLimit, FieldsAreCountedAtAllDepths) {
  sessions::UpdateMultipleRequest request;
  auto& paths = *request.add_targets()->mutable_update_mask()->mutable_paths();
  while (paths.size() < kMostParts - 2) paths.Add("a");
  EXPECT_FALSE(Receive(request));
  paths.Add("a");
  const auto refused = Receive(request);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->metadata.at(0), std::pair(std::string("max_fields"), std::to_string(kMostParts)));
}

TEST(RequestPartsLimit, UnknownFieldsAreCounted) {
  std::string bytes;
  while (bytes.size() < std::size_t{2} * (kMostParts + 1)) bytes += std::string("\x78\x01", 2);  // field 15, a number
  sessions::DeleteRequest request;
  const auto refused = ParseRequest(WrapSerialized(bytes), *request.GetDescriptor(), request);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->metadata.at(0).first, "max_fields");
}

}  // namespace
}  // namespace journeyfeed::call
