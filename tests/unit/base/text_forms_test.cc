#include <gtest/gtest.h>

#include "storage/base/hex.h"
#include "storage/base/json_text.h"

namespace journeyfeed {
namespace {

using namespace std::string_literals;

std::string JsonString(std::string_view text) {
  std::string json;
  AppendJsonString(text, json);
  return json;
}

TEST(JsonText, EscapesWhatJsonDoesNotAllow) {
  EXPECT_EQ(JsonString(""), R"("")");
  EXPECT_EQ(JsonString("plain €"), R"("plain €")");
  EXPECT_EQ(JsonString("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(JsonString("a\nb\x1f\0c"s), R"("a\u000ab\u001f\u0000c")");
  EXPECT_EQ(JsonString("a\xffz"), R"("a\ufffdz")");
}

TEST(Hex, ReadsBothCases) {
  EXPECT_EQ(HexDigit('0'), 0);
  EXPECT_EQ(HexDigit('f'), 15);
  EXPECT_EQ(HexDigit('F'), 15);
  EXPECT_EQ(HexDigit('g'), -1);
  EXPECT_EQ(HexDigit('\xff'), -1);
}

TEST(Hex, WritesUuids) {
  std::string text = "id ";
  AppendUuidText("\x01\x23\x45\x67\x89\xab\xcd\xef\xfe\xdc\xba\x98\x76\x54\x32\x10"s, text);
  EXPECT_EQ(text, "id 01234567-89ab-cdef-fedc-ba9876543210");
}

}  // namespace
}  // namespace journeyfeed
