#include "storage/dictionary/text.h"

#include <gtest/gtest.h>

#include <string>

namespace journeyfeed::dictionary {
namespace {

TEST(Text, CountsUtf16Units) {
  EXPECT_EQ(Utf16Length(""), 0u);
  EXPECT_EQ(Utf16Length("abc"), 3u);
  EXPECT_EQ(Utf16Length("\u00e4\u20ac"), 2u);
  EXPECT_EQ(Utf16Length("\U0001F600"), 2u);
  EXPECT_EQ(Utf16Length("a\U0001F600b"), 4u);
  EXPECT_EQ(Utf16Length("\uFFFF\U00010000"), 3u);
}

TEST(Text, AcceptsEveryWellFormedLength) {
  // Bounds of each form, at every place of the eight-byte steps.
  for (const char* character :
       {"\x7f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff"}) {
    for (std::size_t before = 0; before < 17; ++before) {
      EXPECT_TRUE(IsValidUtf8(std::string(before, 'x') + character + "yz")) << before;
    }
  }
  EXPECT_TRUE(IsValidUtf8(""));
  EXPECT_TRUE(IsValidUtf8(std::string(1, '\0')));
}

TEST(Text, RefusesWhatIsNotUtf8) {
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

TEST(Text, IsCutBetweenCharacters) {
  const std::string text = "aé€😀";  // of 1, 2, 3 and 4 bytes
  const std::size_t ends[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  for (std::size_t most = 0; most < std::size(ends); ++most) {
    EXPECT_EQ(Beginning(text, most), text.substr(0, ends[most])) << most;
  }
  EXPECT_EQ(Beginning("", 0), "");
}

}  // namespace
}  // namespace journeyfeed::dictionary
