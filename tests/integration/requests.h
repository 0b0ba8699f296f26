// Requests in protobuf's text format, which can express everything that a client could send, including errors.
#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/util/message_differencer.h>

#include <string>
#include <string_view>

#include "journeyfeed/customerjourney/v1/customer_journey_service.grpc.pb.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session_service.grpc.pb.h"

namespace journeyfeed::testing {

namespace sessions = journeyrunsession::v1;
namespace journeys = customerjourney::v1;

// Throws std::invalid_argument for a text that does not parse: an error in the test.
void ParseText(std::string_view text, google::protobuf::Message& message);

template <typename Message>
Message Parse(std::string_view text) {
  Message message;
  ParseText(text, message);
  return message;
}

// `text` as a value in text format, quoted and escaped.
std::string Quote(std::string_view text);

std::string NewId();  // a UUID that no record has

// `count` copies of a letter (one UTF-16 unit each) or of an astral character (two units each, four bytes).
std::string Letters(std::size_t count);
std::string Astral(std::size_t count);

// The columns that a session requires.
inline const std::string kSession = R"( name: "n" journey_run_id: "r" session: "s" )";

}  // namespace journeyfeed::testing
