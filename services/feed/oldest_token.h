// The error of an expired token names the oldest position that can still be used. The store gives its bytes; callers
// get a token for their own view.
#pragma once

#include "services/feed/token.h"
#include "storage/failure.h"

namespace journeyfeed::feed {

// Replaces the metadata kOldestPosition of EXPIRED_VERSION_STAMP by "oldest_data_token". A consumer that continues from
// it misses the changes between its own token and that one: right for a consumer that acts on events, wrong for one
// that keeps a copy. Any other failure is returned unchanged.
Failure WithOldestToken(Failure failure, const TokenCodec& tokens, const dictionary::Entity& entity,
                        std::uint64_t view);

}  // namespace journeyfeed::feed
