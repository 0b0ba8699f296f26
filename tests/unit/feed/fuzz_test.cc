// A short run of tests/fuzz/token without a fuzzer: real bodies, cut, joined and modified at random, always the same
// ones.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "services/feed/token.h"
#include "services/feed/token_text.h"
#include "storage/dictionary/dictionary.h"
#include "storage/postgres/feed/position.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace journeyfeed::feed {
namespace {

void RunOnce(std::string_view text) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

// The part between the format and the authentication code.
std::string BodyOf(const std::string& token) {
  const std::string bytes = FromBase64Url(token).value();
  return bytes.substr(2, bytes.size() - 2 - kCodeBytes);
}

std::vector<std::string> Bodies() {
  const TokenCodec codec([] { return std::vector<std::pair<std::uint8_t, std::string>>{{1, "any"}}; });
  std::vector<std::string> bodies;
  const CommitPoint point = postgres::EncodePoint({.history = 7, .timeline = 1, .seq = 300, .nonce = 5});
  for (const auto* entity : dictionary::AllEntities()) {
    postgres::Position position{.history = 7, .timeline = 1, .seq = 300, .high_water = 305, .high_water_nonce = -1};
    bodies.push_back(BodyOf(codec.EncodeData(*entity, 42, postgres::EncodePosition(position))));
    position.load =
        postgres::LoadPosition{.block = 9, .offset = 3, .end_block = 12, .file_node = 16387, .rows_done = 20};
    bodies.push_back(BodyOf(codec.EncodeData(*entity, 42, postgres::EncodePosition(position))));
    position.load = postgres::LoadPosition{.last_id = Uuid::FromName("last"), .rows_done = 3};
    bodies.push_back(BodyOf(codec.EncodeData(*entity, 42, postgres::EncodePosition(position))));
    bodies.push_back(BodyOf(codec.EncodeReadYourWrites(*entity, point)));
    bodies.push_back(BodyOf(codec.EncodePage(*entity, 42, {.as_of = {17}, .values = {std::nullopt, "", "text"}})));
  }
  return bodies;
}

TEST(FuzzTokenTest, SurvivesBentBodies) {
  const std::vector<std::string> bodies = Bodies();
  std::mt19937 random(20242);
  const auto pick = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  for (int i = 0; i < 20'000; ++i) {
    std::string body = bodies[pick(bodies.size())];
    for (std::size_t changes = pick(4); changes > 0; --changes) {
      const std::string& other = bodies[pick(bodies.size())];
      const std::size_t at = pick(body.size() + 1);
      switch (pick(4)) {
        case 0:
          body.insert(at, other.substr(pick(other.size())));
          break;
        case 1:
          body.erase(at, pick(8));
          break;
        case 2:
          body.insert(at, pick(10), '\xff');
          break;
        default:
          if (at < body.size()) body[at] = static_cast<char>(pick(256));
      }
    }
    RunOnce(body);
  }
}

}  // namespace
}  // namespace journeyfeed::feed
