#include "services/utf8.h"

#include <gtest/gtest.h>

namespace journeyfeed {
namespace {

using namespace std::string_literals;

TEST(Utf8, KnowsWellFormedSequences) {
  EXPECT_EQ(Utf8SequenceLength("a"), 1u);
  EXPECT_EQ(Utf8SequenceLength("é"), 2u);
  EXPECT_EQ(Utf8SequenceLength("€"), 3u);
  EXPECT_EQ(Utf8SequenceLength("😀"), 4u);
  EXPECT_EQ(Utf8SequenceLength("\xF4\x8F\xBF\xBF"), 4u);  // U+10FFFF
  EXPECT_EQ(Utf8SequenceLength("\0"s), 1u);
}

TEST(Utf8, RefusesWhatIsNot) {
  for (const auto& text : {""s, "\x80"s, "\xC0\x80"s, "\xC3"s, "\xE0\x80\x80"s, "\xED\xA0\x80"s, "\xE2\x82"s,
                           "\xF0\x80\x80\x80"s, "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xFF"s}) {
    EXPECT_EQ(Utf8SequenceLength(text), 0u) << text.size();
  }
}

TEST(Utf8, ReplacesAndShortens) {
  EXPECT_EQ(ValidUtf8("a\xFFz", 100), "a\xEF\xBF\xBDz");
  EXPECT_EQ(ValidUtf8("abcdef", 6), "abcdef");
  EXPECT_EQ(ValidUtf8("abcdefg", 6), "abc…");
  EXPECT_EQ(ValidUtf8("ééééé", 8), "éé…");
  EXPECT_EQ(ValidUtf8("😀😀", 4), "…");
  EXPECT_EQ(ValidUtf8("", 3), "");
}

}  // namespace
}  // namespace journeyfeed
