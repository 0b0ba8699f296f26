// Journeys in any status, and what the tests know about statuses.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "tests/integration/calls.h"
#include "tests/integration/database_connection.h"

namespace journeyfeed::testing {

inline constexpr int kFirstStatus = 192'350'000;
inline constexpr int kStatuses = 8;
enum Status8 { kDraft, kLive, kStopped, kLiveEditable, kExpired, kError, kGoingLive, kStopping };
inline constexpr std::array<const char*, kStatuses> kLabels = {"Draft",   "Live",  "Stopped",    "Live, Editable",
                                                               "Expired", "Error", "Going Live", "Stopping"};

// docs/dataverse.md 6.2. Row: from; column: to; includes staying.
inline constexpr bool kMatrix[kStatuses][kStatuses] = {
    // Draft Live Stopped Editable Expired Error GoingLive Stopping
    {true, false, false, false, true, false, true, false},    // Draft
    {false, true, true, true, false, true, true, true},       // Live
    {false, false, true, false, true, false, true, false},    // Stopped
    {false, true, false, true, false, true, true, false},     // Live, editable
    {false, false, false, false, true, false, false, false},  // Expired
    {false, false, false, false, false, true, true, true},    // Error
    {false, true, false, false, false, true, true, false},    // Going live
    {false, false, true, false, false, true, false, true},    // Stopping
};
// Which statuses callers may set, in the words.
inline constexpr bool kOfCallers[kStatuses] = {false, false, false, true, true, false, true, true};
inline constexpr bool kOfSystem[kStatuses] = {false, true, true, false, true, true, false, false};

inline int Code(int status) { return kFirstStatus + status; }

// The seed journey, which ended in 2019.
journeys::CustomerJourney SeedJourney();
// The same journey with moved dates: it began an hour ago and ends in a month.
journeys::CustomerJourney ValidJourney();

std::string Create(const std::shared_ptr<grpc::Channel>& channel, const journeys::CustomerJourney& journey,
                   const Headers& headers = {});

// Writes without the write function, which only tests can do.
void Tamper(const std::string& url, const std::string& sql);
// Without a log row.
void PutInto(const std::string& url, const std::string& id, int status);

// Keeps the publishers of all replicas away from a journey while it lives.
class Hold {
 public:
  Hold(const std::string& url, const std::string& id);
  // For several journeys.
  Hold(const std::string& url, const std::vector<std::string>& ids);

 private:
  DatabaseConnection session_;
};

// The database of the server that the tests share.
inline const std::string& Url() { return TheService().database_url; }

// The journey's log rows in order, each as "message:depth:parent"; 2:2:19 for a step of the service.
std::string LogOf(const std::string& url, const std::string& id);
// How many log rows the system wrote, for the journey or for all.
int SystemSteps(const std::string& url, const std::string& id = "");
int StatusOf(const std::string& url, const std::string& id);  // 0 to 7

}  // namespace journeyfeed::testing
