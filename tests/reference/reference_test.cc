// The generated pages match the declarations.
#include <gtest/gtest.h>

#include "tests/reference/error_reference.h"
#include "tests/reference/setting_reference.h"
#include "tests/support/files.h"

namespace journeyfeed::reference {
namespace {

std::string Page(const std::string& name) {
  return journeyfeed::testing::ReadFile(JOURNEYFEED_DOCS "/" + name + ".md");
}

std::string Regenerate(const std::string& name) {
  return "docs/" + name + ".md is not what is declared. Write it again: build/bin/journeyfeed-reference " + name +
         " > docs/" + name + ".md";
}

TEST(Reference, ErrorsAreThoseOfTheEnum) { EXPECT_EQ(Page("errors"), ErrorReference()) << Regenerate("errors"); }

TEST(Reference, SettingsAreThoseOfTheTable) {
  EXPECT_EQ(Page("settings"), SettingReference()) << Regenerate("settings");
}

}  // namespace
}  // namespace journeyfeed::reference
