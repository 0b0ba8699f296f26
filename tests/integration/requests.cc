#include "tests/integration/requests.h"

#include <google/protobuf/stubs/strutil.h>
#include <google/protobuf/text_format.h>

#include <stdexcept>

#include "storage/types.h"

namespace journeyfeed::testing {

void ParseText(std::string_view text, google::protobuf::Message& message) {
  if (!google::protobuf::TextFormat::ParseFromString(std::string(text), &message)) {
    throw std::invalid_argument("not a " + message.GetTypeName() + ": " + std::string(text.substr(0, 500)));
  }
}

std::string Quote(std::string_view text) { return '"' + google::protobuf::CEscape(std::string(text)) + '"'; }

std::string NewId() { return Uuid::MakeV7().ToString(); }

std::string Letters(std::size_t count) { return std::string(count, 'a'); }

std::string Astral(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "\xF0\x9F\x98\x80";
  return text;
}

}  // namespace journeyfeed::testing
