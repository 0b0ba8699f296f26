#include "storage/base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace journeyfeed {
namespace {

using namespace std::string_literals;

TEST(Utf8, CountsUtf16Units) {
  EXPECT_EQ(Utf16Length(""), 0u);
  EXPECT_EQ(Utf16Length("abc"), 3u);
  EXPECT_EQ(Utf16Length("\u00e4\u20ac"), 2u);
  EXPECT_EQ(Utf16Length("\U0001F600"), 2u);
  EXPECT_EQ(Utf16Length("a\U0001F600b"), 4u);
  EXPECT_EQ(Utf16Length("\uFFFF\U00010000"), 3u);
}

TEST(Utf8, AcceptsEveryWellFormedLength) {
  // The limits of each form, at every position of the eight-byte steps.
  for (const char* character :
       {"\x7f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff"}) {
    for (std::size_t before = 0; before < 17; ++before) {
      EXPECT_TRUE(IsValidUtf8(std::string(before, 'x') + character + "yz")) << before;
    }
  }
  EXPECT_TRUE(IsValidUtf8(""));
  EXPECT_TRUE(IsValidUtf8(std::string(1, '\0')));
}

TEST(Utf8, RefusesWhatIsNotUtf8) {
  const char* bad[] = {"\x80",
                       "\xbf",
                       "\xc0\x80",
                       "\xc1\xbf",
                       "\xc3",
                       "\xe0\x9f\xbf",
                       "\xed\xa0\x80",
                       "\xe2\x82",
                       "\xf0\x8f\xbf\xbf",
                       "\xf4\x90\x80\x80",
                       "\xf5\x80\x80\x80",
                       "\xff",
                       "\xe2\x28\xa1",
                       "\xf0\x9f\x98\x28"};
  for (const char* bytes : bad) {
    for (std::size_t before = 0; before < 17; ++before) {
      EXPECT_FALSE(IsValidUtf8(std::string(before, 'x') + bytes)) << before << " " << bytes;
      EXPECT_FALSE(IsValidUtf8(std::string(before, 'x') + bytes + "xyz")) << before << " " << bytes;
    }
  }
}

TEST(Utf8, IsCutBetweenCharacters) {
  const std::string text = "aé€😀";  // of 1, 2, 3 and 4 bytes
  const std::size_t ends[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  for (std::size_t most = 0; most < std::size(ends); ++most) {
    EXPECT_EQ(Utf8Prefix(text, most), text.substr(0, ends[most])) << most;
  }
  EXPECT_EQ(Utf8Prefix("", 0), "");
  const std::size_t begins[] = {10, 10, 10, 10, 6, 6, 6, 3, 3, 1, 0, 0};
  for (std::size_t most = 0; most < std::size(begins); ++most) {
    EXPECT_EQ(Utf8Suffix(text, most), text.substr(begins[most])) << most;
  }
  EXPECT_EQ(Utf8Length(text), 4u);
}

TEST(Utf8, DecodesTheFirstCharacter) {
  EXPECT_EQ(FirstCharacter("a").size, 1u);
  EXPECT_EQ(FirstCharacter("é").size, 2u);
  EXPECT_EQ(FirstCharacter("€").size, 3u);
  EXPECT_EQ(FirstCharacter("😀").size, 4u);
  EXPECT_EQ(FirstCharacter("\xF4\x8F\xBF\xBF").size, 4u);  // U+10FFFF
  EXPECT_EQ(FirstCharacter("\0"s).size, 1u);
  EXPECT_EQ(FirstCharacter("é").value, U'é');
  EXPECT_EQ(FirstCharacter("€x").value, U'€');
  EXPECT_EQ(FirstCharacter("😀").value, U'😀');
}

TEST(Utf8, DecodesNothingOfWhatIsNotUtf8) {
  for (const auto& text : {""s, "\x80"s, "\xC0\x80"s, "\xC3"s, "\xE0\x80\x80"s, "\xED\xA0\x80"s, "\xE2\x82"s,
                           "\xF0\x80\x80\x80"s, "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xFF"s}) {
    EXPECT_EQ(FirstCharacter(text).size, 0u) << text.size();
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
