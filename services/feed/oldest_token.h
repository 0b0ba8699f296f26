// An expired token's failure names the oldest position that can still be used. The store says it in numbers; callers
// get a token of their own view.
#pragma once

#include "services/feed/token.h"
#include "storage/status.h"

namespace journeyfeed::feed {

// Replaces the metadata "oldest_position" of EXPIRED_VERSION_STAMP ("incarnation/timeline/seq/nonce") by
// "oldest_data_token". A consumer that continues from it misses what happened between its own token and that one:
// right for one that acts on events, wrong for one that keeps a copy. Every other status stays as it is.
Status WithOldestToken(Status status, const TokenCodec& tokens, const dictionary::Entity& entity, std::uint64_t view);

}  // namespace journeyfeed::feed
