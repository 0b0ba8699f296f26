#include "journeyfeed/client/checkpoint.h"

#include <gtest/gtest.h>

#include <string>

namespace journeyfeed::client {
namespace {

TEST(Checkpoint, IsTheSameAfterItWasStored) {
  for (const Checkpoint& one : {Checkpoint{}, Checkpoint{.token = "a-_Z9", .generation = 7, .loading = false},
                                Checkpoint{.token = "t", .generation = 1LL << 62, .loading = true}}) {
    EXPECT_EQ(Checkpoint::FromText(one.ToText()), one) << one.ToText();
  }
  EXPECT_EQ((Checkpoint{.token = "x", .generation = 3, .loading = true}).ToText(), "1:3:load:x");
}

TEST(Checkpoint, AnotherTextIsNone) {
  for (const std::string text :
       {"", "x", "1:1:load", "2:1:load:t", "1:0:load:t", "1:-1:load:t", "1:1x:load:t", "1::load:t",
        "1:99999999999999999999:load:t", "1:1:sweep:t", "1:1:load:a b", "1:1:load:t\n"}) {
    EXPECT_FALSE(Checkpoint::FromText(text)) << text;
  }
}

TEST(Checkpoint, ReloadForgetsThePlaceAndRaisesTheGeneration) {
  const Checkpoint reloaded = Checkpoint{.token = "t", .generation = 4, .loading = false}.Reload();
  EXPECT_EQ(reloaded, (Checkpoint{.token = "", .generation = 5, .loading = true}));
}

}  // namespace
}  // namespace journeyfeed::client
