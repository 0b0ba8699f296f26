#include "services/feed/token.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "services/feed/token_text.h"
#include "storage/base/byte_reader.h"
#include "storage/wire.h"

namespace journeyfeed::feed {
namespace {

namespace pb = entity::v1;

constexpr char kFormat = 1;

// When to retry with a token whose key could not be read yet.
constexpr std::chrono::milliseconds kKeyPause = std::chrono::seconds(1);

// What a token is for; part of the authenticated bytes. In a data token, the kind of its position stands here.
enum Kind : char { kSession = 'S', kPage = 'Q' };

using wire::AppendVarint;

Failure Invalid(ErrorReason reason, std::string_view field, std::string what) {
  return InvalidFields({{std::string(field), std::move(what), reason}});
}

std::string_view FieldOf(ErrorReason reason) {
  if (reason == pb::ERROR_REASON_SESSION_TOKEN_INVALID) return "session_token";
  return reason == pb::ERROR_REASON_QUERY_BUILDER_INVALID_PAGING_COOKIE ? "page_token" : "data_version";
}

}  // namespace

std::uint64_t ViewOf(std::uint64_t columns, const std::optional<std::string>& partition_id) {
  std::string text = std::to_string(columns) + (partition_id ? "/" + *partition_id : "");
  const Uuid digest = Uuid::FromName(text);
  std::uint64_t view = 0;
  std::memcpy(&view, digest.bytes.data(), sizeof view);
  return view;
}

std::string TokenCodec::EncodeData(const dictionary::Entity& entity, std::uint64_t view,
                                   const ChangePosition& position) const {
  const std::string_view bytes = position.bytes;
  std::string body(bytes.substr(0, 1));
  AppendVarint(body, static_cast<std::uint64_t>(entity.id));
  PutFixed64(body, view);
  body += bytes.substr(std::min<std::size_t>(1, bytes.size()));
  return Seal(std::move(body));
}

Result<ChangePosition> TokenCodec::DecodeData(const dictionary::Entity& entity, const Accepts& view,
                                              std::string_view token) const {
  constexpr ErrorReason kInvalid = pb::ERROR_REASON_FEED_TOKEN_INVALID;
  const Result<std::string> body = Open(token, kInvalid);
  if (!body) return std::unexpected(body.error());
  ByteReader reader(*body);
  const auto kind = static_cast<char>(reader.Byte());
  if (kind == kSession || kind == kPage || static_cast<std::int64_t>(reader.Varint()) != entity.id) {
    return std::unexpected(Invalid(kInvalid, "data_version", "the token is not one of this entity's feed"));
  }
  if (!view(reader.Fixed64())) {
    return std::unexpected(Invalid(pb::ERROR_REASON_FEED_TOKEN_VIEW_MISMATCH, "data_version",
                                   "the token was issued for other columns or another partition"));
  }
  if (!reader.HasMore()) return std::unexpected(Invalid(kInvalid, "data_version", "the token is damaged"));
  return ChangePosition{.bytes = kind + std::string(reader.TakeRest())};
}

std::string TokenCodec::EncodeReadYourWrites(const dictionary::Entity& entity, const CommitPoint& point) const {
  std::string body{kSession};
  AppendVarint(body, static_cast<std::uint64_t>(entity.id));
  return Seal(body + point.bytes);
}

Result<CommitPoint> TokenCodec::DecodeReadYourWrites(const dictionary::Entity& entity, std::string_view token) const {
  constexpr ErrorReason kInvalid = pb::ERROR_REASON_SESSION_TOKEN_INVALID;
  const Result<std::string> body = Open(token, kInvalid);
  if (!body) return std::unexpected(body.error());
  ByteReader reader(*body);
  if (reader.Byte() != kSession || static_cast<std::int64_t>(reader.Varint()) != entity.id) {
    return std::unexpected(Invalid(kInvalid, "session_token", "the token is not a session token of this entity"));
  }
  return CommitPoint{.bytes = std::string(reader.TakeRest())};
}

std::string TokenCodec::EncodePage(const dictionary::Entity& entity, std::uint64_t query,
                                   const PagePosition& position) const {
  std::string body{kPage};
  AppendVarint(body, static_cast<std::uint64_t>(entity.id));
  PutFixed64(body, query);
  PutFixed64(body, static_cast<std::uint64_t>(position.as_of.micros));
  for (const auto& value : position.values) {
    // Zero is null; else one more than the size.
    AppendVarint(body, value ? value->size() + 1 : 0);
    if (value) body += *value;
  }
  return Seal(std::move(body));
}

Result<PagePosition> TokenCodec::DecodePage(const dictionary::Entity& entity, const Accepts& query,
                                            std::string_view token) const {
  constexpr ErrorReason kInvalid = pb::ERROR_REASON_QUERY_BUILDER_INVALID_PAGING_COOKIE;
  const Result<std::string> body = Open(token, kInvalid);
  if (!body) return std::unexpected(body.error());
  ByteReader reader(*body);
  if (reader.Byte() != kPage || static_cast<std::int64_t>(reader.Varint()) != entity.id) {
    return std::unexpected(Invalid(kInvalid, "page_token", "the token is not a page token of this entity"));
  }
  if (!query(reader.Fixed64()))
    return std::unexpected(Invalid(kInvalid, "page_token", "the token is of another query"));
  PagePosition position;
  position.as_of.micros = static_cast<std::int64_t>(reader.Fixed64());
  while (reader.HasMore()) {
    const std::uint64_t size = reader.Varint();
    position.values.push_back(size == 0 ? std::nullopt : std::optional<std::string>(reader.TakeBytes(size - 1)));
  }
  if (!reader.Complete()) return std::unexpected(Invalid(kInvalid, "page_token", "the token is damaged"));
  return position;
}

// Format, key id, body, authentication code over all of them.
std::string TokenCodec::Seal(std::string body) const {
  const auto keys = keys_();
  if (keys.empty()) return {};
  std::string bytes{kFormat, static_cast<char>(keys.back().first)};
  bytes += body;
  bytes += AuthenticationCode(keys.back().second, bytes);
  return ToBase64Url(bytes);
}

Result<std::string> TokenCodec::Open(std::string_view token, ErrorReason invalid) const {
  const auto keys = keys_();
  if (keys.empty()) return std::unexpected(Unavailable("the database is not ready"));
  const auto damaged =
      std::unexpected(Invalid(invalid, FieldOf(invalid), "the token is damaged or was issued by another database"));
  const std::optional<std::string> bytes = FromBase64Url(token);
  if (!bytes || bytes->size() < 2 + kCodeBytes || (*bytes)[0] != kFormat) return damaged;
  const std::string_view sealed = std::string_view(*bytes).substr(0, bytes->size() - kCodeBytes);
  const std::string_view code = std::string_view(*bytes).substr(sealed.size());
  const auto named = static_cast<std::uint8_t>(sealed[1]);
  const auto key = std::ranges::find(keys, named, &std::pair<std::uint8_t, std::string>::first);
  if (key == keys.end()) {
    if (lacks_(named)) return damaged;
    return std::unexpected(Unavailable("the key of the token could not be read yet", kKeyPause));
  }
  if (!SameBytes(AuthenticationCode(key->second, sealed), code)) return damaged;
  return std::string(sealed.substr(2));
}

TokenCodec MakeTokenCodec(Store& store) {
  return TokenCodec([&store] { return store.TokenKeys(); },
                    [&store](std::uint8_t id) { return store.LacksTokenKey(id); });
}

}  // namespace journeyfeed::feed
