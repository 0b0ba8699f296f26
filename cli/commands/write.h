// What the writing commands share.
#pragma once

#include "cli/commands/options.h"

namespace journeyfeed::cli {

using WriteMethod = grpc::Status (EntityClient::*)(grpc::ClientContext*, const WriteRequest&, WriteResult&);

// Sends the write and prints its result. Every write carries a request id, a new one unless one is given, so that an
// attempt whose answer was lost can be repeated. An error that leaves the outcome unknown shows it. Precondition:
// request.reference is set, except for Create and Upsert.
Outcome<void> SendWrite(WriteMethod method, WriteRequest request, const WriteArguments& arguments, EntityClient& client,
                        const Options& options, Io& io);

}  // namespace journeyfeed::cli
