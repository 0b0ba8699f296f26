// What the writing commands share.
#pragma once

#include "cli/commands/options.h"

namespace journeyfeed::cli {

using WriteMethod = grpc::Status (EntityClient::*)(grpc::ClientContext*, const WriteRequest&, WriteResult&);

// Sends the write and prints its result. Every write carries a request id, a fresh one unless it was given, so that an
// attempt whose answer was lost can be repeated; an error after which the outcome is open tells it.
// Precondition: request.reference is set, except for Create and Upsert.
Outcome<void> SendWrite(WriteMethod method, WriteRequest request, const WriteArguments& arguments, EntityClient& client,
                        const Options& options, Io& io);

}  // namespace journeyfeed::cli
