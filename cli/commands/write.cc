#include "cli/commands/write.h"

#include "cli/input/file_io.h"
#include "storage/types.h"

namespace journeyfeed::cli {
namespace {

bool IsOutcomeOpen(const CommandFailure& failure) {
  return failure.exit_code == grpc::StatusCode::UNKNOWN || failure.exit_code == grpc::StatusCode::UNAVAILABLE ||
         failure.exit_code == grpc::StatusCode::DEADLINE_EXCEEDED;
}

}  // namespace

Outcome<void> SendWrite(WriteMethod method, WriteRequest request, const WriteArguments& arguments, EntityClient& client,
                        const Options& options, Io& io) {
  request.request_id = arguments.request_id.empty() ? Uuid::MakeV7().ToString() : arguments.request_id;
  request.return_representation = arguments.return_representation;
  WriteResult result;
  result.reference = request.reference;
  auto done = Call(options.connection,
                   [&](grpc::ClientContext* context) { return (client.*method)(context, request, result); });
  if (!done) {
    if (IsOutcomeOpen(done.error())) done.error().request_id = request.request_id;
    return done;
  }
  return LineOutput(io.output).Write(WriteResultText(client.entity(), result, options.output));
}

}  // namespace journeyfeed::cli
