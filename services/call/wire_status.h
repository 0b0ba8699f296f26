// Failure -> gRPC: the only place where an error gets its wire form.
//
// The code is the enum option of the reason. The details are one google.rpc.ErrorInfo (reason without prefix, domain
// "journeyfeed", metadata with the Dataverse code as "code" and "violations_total"), one BadRequest if there are
// violations, and one RetryInfo if retrying helps. They are valid UTF-8 and shorter than kMaxDetailsBytes, whatever the
// Failure holds, because gRPC drops the whole error above about 7.9 kB: long texts are shortened, violations that do
// not fit are left out ("violations_total" counts them all).
#pragma once

#include <grpcpp/support/status.h>

#include <cstddef>
#include <string>

#include "google/rpc/status.pb.h"
#include "storage/failure.h"

namespace journeyfeed::call {

inline constexpr std::size_t kMaxDetailsBytes = 5'900;
inline constexpr char kErrorDomain[] = "journeyfeed";

// The reason's gRPC code; INTERNAL for UNSPECIFIED and for unknown numbers.
grpc::StatusCode ReasonCode(ErrorReason reason);

// "OK", "NOT_FOUND", … Valid until the process ends.
const std::string& CodeName(grpc::StatusCode code);

// As an error inside a message (RowResult). `max_bytes` limits the encoded result; at least 1,000.
google::rpc::Status ToRpcStatus(const Failure& failure, std::size_t max_bytes = kMaxDetailsBytes);

// As the outcome of a call.
grpc::Status ToGrpcStatus(const Failure& failure);

}  // namespace journeyfeed::call
