// Reads RetrieveMultiple page by page.
#pragma once

#include <cstdint>
#include <optional>

#include "cli/client/channel.h"
#include "cli/client/entity_client.h"
#include "cli/failure.h"

namespace journeyfeed::cli {

// Holds one page at a time. One thread.
class Pages {
 public:
  // `limit`: the most records in all.
  Pages(EntityClient& client, const Connection& connection, QueryRequest request,
        std::optional<std::int64_t> limit = {})
      : client_(client), connection_(connection), request_(std::move(request)), left_(limit) {}

  // Whether there is another page, as far as known.
  bool HasNext() const { return !ended_ && left_ != 0; }

  // Returns the next page, which may be empty. Precondition: HasNext.
  Outcome<QueryPage> Next();

  // Whether records remain beyond the limit.
  bool cut_off() const { return !ended_ && left_ == 0; }

 private:
  EntityClient& client_;
  const Connection& connection_;
  QueryRequest request_;  // for the next page
  std::optional<std::int64_t> left_;
  bool ended_ = false;
};

}  // namespace journeyfeed::cli
