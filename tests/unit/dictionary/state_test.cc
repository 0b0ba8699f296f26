#include "storage/dictionary/state.h"

#include <gtest/gtest.h>

#include "tests/unit/dictionary/records.h"

namespace journeyfeed::dictionary {
namespace {

// Row: from; column: to; in the order of the values.
constexpr bool kAllowed[8][8] = {
    // Draft Live Stopped Editable Expired Error GoingLive Stopping
    {true, false, false, false, true, false, true, false},    // Draft
    {false, true, true, true, false, true, true, true},       // Live
    {false, false, true, false, true, false, true, false},    // Stopped
    {false, true, false, true, false, true, true, false},     // Live, editable
    {false, false, false, false, true, false, false, false},  // Expired
    {false, false, false, false, false, true, true, true},    // Error
    {false, true, false, false, false, true, true, false},    // Going live
    {false, false, true, false, false, true, false, true},    // Stopping
};

TEST(State, TransitionsAreThoseOfTheMatrix) {
  constexpr int kFirst = 192'350'000;
  for (int from = 0; from < 8; ++from) {
    for (int to = 0; to < 8; ++to) {
      EXPECT_EQ(IsAllowedTransition(Journeys(), kFirst + from, kFirst + to), kAllowed[from][to]) << from << " " << to;
    }
  }
}

TEST(State, UnknownStatusGoesNowhere) {
  EXPECT_FALSE(IsAllowedTransition(Journeys(), 0, 192'350'000));
  EXPECT_FALSE(IsAllowedTransition(Journeys(), 192'350'000, 0));
  EXPECT_FALSE(IsAllowedTransition(Journeys(), 0, 0));
  EXPECT_FALSE(IsAllowedTransition(Sessions(), 192'350'000, 192'350'000));
}

}  // namespace
}  // namespace journeyfeed::dictionary
