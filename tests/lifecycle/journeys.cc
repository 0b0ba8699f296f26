#include "tests/lifecycle/journeys.h"

#include <fstream>
#include <stdexcept>

#include "storage/dictionary/dataverse_json.h"

namespace journeyfeed::testing {
namespace {

constexpr char kSystemUser[] = "00000000-0000-8000-8000-000000000001";

void Lock(DatabaseConnection& session, const std::string& id) {
  session.Execute("select pg_advisory_lock(hashtext('journeyfeed.lifecycle'), hashtext('" + id + "'))");
}

}  // namespace

journeys::CustomerJourney SeedJourney() {
  std::ifstream file(JOURNEYFEED_SEED_BODY);
  const std::string body{std::istreambuf_iterator<char>(file), {}};
  journeys::CustomerJourney journey;
  const auto& entity = dictionary::Describe(journeys::CustomerJourney::descriptor());
  if (!dictionary::FromDataverseJson(entity, body, &journey, nullptr)) throw std::runtime_error("the seed's body");
  return journey;
}

journeys::CustomerJourney ValidJourney() {
  journeys::CustomerJourney journey = SeedJourney();
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  journey.mutable_start_date_time()->set_seconds(now - 3600);
  journey.mutable_end_date_time()->set_seconds(now + 30 * 86400);
  return journey;
}

std::string Create(const std::shared_ptr<grpc::Channel>& channel, const journeys::CustomerJourney& journey,
                   const Headers& headers) {
  JourneyClient client(channel);
  journeys::CreateRequest request;
  *request.mutable_target() = journey;
  const auto created = client.Send(&journeys::CustomerJourneyService::Stub::Create, request, headers);
  if (!created.ok()) throw std::runtime_error("no journey for the test: " + created.ending.message);
  return created->id();
}

void Tamper(const std::string& url, const std::string& sql) {
  Query(url, "begin; set local journeyfeed.writing = 'on'; " + sql + "; commit");
}

void PutInto(const std::string& url, const std::string& id, int status) {
  Tamper(url, "update journeyfeed.customer_journey set status_code = " + std::to_string(Code(status)) +
                  ", state_code = " + (status == kExpired ? "1" : "0") + ", status_since = now() where id = '" + id +
                  "'");
}

Hold::Hold(const std::string& url, const std::string& id) : session_(url) { Lock(session_, id); }

Hold::Hold(const std::string& url, const std::vector<std::string>& ids) : session_(url) {
  for (const std::string& id : ids) Lock(session_, id);
}

std::string LogOf(const std::string& url, const std::string& id) {
  return Query(
      url,
      "select string_agg(concat_ws(':', message, depth, coalesce(parent_message::text, '-')), ' ' order by seq)"
      " from journeyfeed.customer_journey_log where record_id = '" +
          id + "'");
}

int SystemSteps(const std::string& url, const std::string& id) {
  return std::stoi(Query(url, "select count(*) from journeyfeed.customer_journey_log where user_id = '" +
                                  std::string(kSystemUser) + "'" +
                                  (id.empty() ? "" : " and record_id = '" + id + "'")));
}

int StatusOf(const std::string& url, const std::string& id) {
  return std::stoi(Query(url, "select status_code from journeyfeed.customer_journey where id = '" + id + "'")) -
         kFirstStatus;
}

}  // namespace journeyfeed::testing
