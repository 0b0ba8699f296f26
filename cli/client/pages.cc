#include "cli/client/pages.h"

#include <algorithm>
#include <limits>

namespace journeyfeed::cli {

Outcome<QueryPage> Pages::Next() {
  if (left_) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
    request_.page_size = static_cast<std::int32_t>(std::min(*left_, kMost));
  }
  QueryPage page;
  const auto done = Call(
      connection_, [&](grpc::ClientContext* context) { return client_.RetrieveMultiple(context, request_, page); });
  if (!done) return std::unexpected(done.error());
  request_.page_token = page.next_page_token;
  ended_ = page.next_page_token.empty();
  if (left_) *left_ -= std::min(*left_, static_cast<std::int64_t>(page.records.size()));
  return page;
}

}  // namespace journeyfeed::cli
