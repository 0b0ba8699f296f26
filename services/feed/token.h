// Data tokens, read-your-writes tokens (`session_token`) and page tokens: opaque, URL-safe, authenticated. A data token
// is a position of the store, bound to entity and view (columns, partition); a read-your-writes token is a commit of
// the store, bound to its entity. A page token is bound to entity and query and says where a page ended.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/store.h"

namespace journeyfeed::feed {

// The number of the view that a data token is bound to. `columns`: the number that stands for the columns (view.h).
std::uint64_t ViewOf(std::uint64_t columns, const std::optional<std::string>& partition_id);

// Whether a token issued for `issued` is valid for a request.
using Accepts = std::function<bool(std::uint64_t issued)>;

// Thread-safe if `keys` and `lacks` are.
class TokenCodec {
 public:
  // Secrets by key id; the last one signs, all verify. It may be empty until the database was reached: then every call
  // fails with SERVICE_UNAVAILABLE.
  using Keys = std::function<std::vector<std::pair<std::uint8_t, std::string>>()>;
  // True: no key has this id. False: that is not known yet, and the token gets SERVICE_UNAVAILABLE.
  using Lacks = std::function<bool(std::uint8_t id)>;

  explicit TokenCodec(
      Keys keys, Lacks lacks = [](std::uint8_t) { return true; })
      : keys_(std::move(keys)), lacks_(std::move(lacks)) {}

  std::string EncodeData(const dictionary::Entity& entity, std::uint64_t view, const ChangePosition& position) const;
  // FEED_TOKEN_INVALID: damaged, of another database, or of another entity. FEED_TOKEN_VIEW_MISMATCH. Whether the
  // position can be used is decided when the store reads from it.
  Result<ChangePosition> DecodeData(const dictionary::Entity& entity, const Accepts& view,
                                    std::string_view token) const;
  Result<ChangePosition> DecodeData(const dictionary::Entity& entity, std::uint64_t view,
                                    std::string_view token) const {
    return DecodeData(entity, Accepts([view](std::uint64_t issued) { return issued == view; }), token);
  }

  std::string EncodeReadYourWrites(const dictionary::Entity& entity, const CommitPoint& point) const;
  // SESSION_TOKEN_INVALID: damaged, of another database, or of another entity.
  Result<CommitPoint> DecodeReadYourWrites(const dictionary::Entity& entity, std::string_view token) const;

  // `query`: what the token is bound to, any number that differs between queries.
  std::string EncodePage(const dictionary::Entity& entity, std::uint64_t query, const PagePosition& position) const;
  // QUERY_BUILDER_INVALID_PAGING_COOKIE: damaged, of another database, entity or query.
  Result<PagePosition> DecodePage(const dictionary::Entity& entity, const Accepts& query, std::string_view token) const;
  Result<PagePosition> DecodePage(const dictionary::Entity& entity, std::uint64_t query, std::string_view token) const {
    return DecodePage(entity, Accepts([query](std::uint64_t issued) { return issued == query; }), token);
  }

 private:
  std::string Seal(std::string body) const;
  // Returns the body if the token is authentic.
  Result<std::string> Open(std::string_view token, ErrorReason invalid) const;

  const Keys keys_;
  const Lacks lacks_;
};

// One whose keys are those that the store has at each call. Thread-safe; the store must outlive it.
TokenCodec MakeTokenCodec(Store& store);

}  // namespace journeyfeed::feed
