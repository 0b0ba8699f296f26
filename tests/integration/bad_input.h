// Tables of requests that must be refused, and of similar ones that must not.
#pragma once

#include <string>
#include <vector>

#include "tests/integration/calls.h"

namespace journeyfeed::testing {

struct BadCase {
  std::string name;
  std::string method;   // "s.Create": of the session service; "j.Create": of the journey service
  std::string request;  // text format
  std::string reason;   // of google.rpc.ErrorInfo; the code must be the reason's
  std::string field;    // one of the violations; empty: there are none
  grpc::StatusCode code = grpc::StatusCode::INVALID_ARGUMENT;
};

struct GoodCase {
  std::string name;
  std::string method;
  std::string request;
};

// "/journeyfeed.journeyrunsession.v1.JourneyRunSessionService/Create" of "s.Create".
std::string PathOf(const std::string& method);
// The serialised request.
std::string Encode(const std::string& method, const std::string& text);

// The names of all methods, "s.Create" and so on.
std::vector<std::string> AllMethods();

// Each request is refused as specified, with a complete error, and nothing changes.
void ExpectRefused(const std::vector<BadCase>& cases);
void ExpectAccepted(const std::vector<GoodCase>& cases);

// Checks the form that every error must have.
void ExpectFullError(const Ending& ending);

}  // namespace journeyfeed::testing
