#include "storage/base/json_text.h"

#include "storage/base/hex.h"
#include "storage/base/utf8.h"

namespace journeyfeed {
namespace {

// Length of the prefix that needs no escape: nearly always the whole text.
std::size_t PlainLength(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && text[length] >= 0x20 && text[length] != '"' && text[length] != '\\') ++length;
  return length;
}

// Appends one character that PlainLength stops at. Returns its number of bytes.
std::size_t AppendSpecial(std::string_view text, std::string& out) {
  const char c = text[0];
  const std::size_t length = FirstCharacter(text).size;
  if (c == '"' || c == '\\') {
    out.append({'\\', c});
  } else if (length == 1) {
    out.append("\\u00");
    AppendHex(static_cast<unsigned char>(c), out);
  } else if (length == 0) {
    out.append("\\ufffd");
    return 1;
  } else {
    out.append(text.substr(0, length));
  }
  return length;
}

}  // namespace

void AppendJsonString(std::string_view text, std::string& out) {
  out.push_back('"');
  while (!text.empty()) {
    std::size_t length = PlainLength(text);
    if (length > 0) {
      out.append(text.substr(0, length));
    } else {
      length = AppendSpecial(text, out);
    }
    text.remove_prefix(length);
  }
  out.push_back('"');
}

}  // namespace journeyfeed
