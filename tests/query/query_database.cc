#include "tests/query/query_database.h"

#include <google/protobuf/message.h>

#include <stdexcept>

#include "services/query/aggregation.h"
#include "services/query/filter.h"
#include "services/query/order.h"
#include "storage/dictionary/iso_time.h"
#include "storage/dictionary/row.h"
#include "storage/postgres/read/query_reader.h"
#include "tests/support/or_throw.h"

namespace journeyfeed::query_test {
namespace {

using namespace std::chrono_literals;
using journeyfeed::testing::OrThrow;

// As QueryOptions of storage/postgres/connection/connection_options.h.
constexpr char kOptions[] =
    "-c jit=off -c plan_cache_mode=auto -c client_min_messages=warning -c statement_timeout=60000"
    " -c timezone=UTC -c role=journeyfeed_service";

template <typename T>
T Parsed(query::Parsed<T> parsed, std::string_view text) {
  if (parsed) return *std::move(parsed);
  throw std::runtime_error(std::string(text) + ": " + parsed.error().description);
}

query::Options OptionsFor(const dictionary::Entity& entity) {
  return {.entity = entity, .now = *dictionary::ParseIsoTime("2024-05-15T10:20:30.5Z")};
}

}  // namespace

const dictionary::Entity& Journeys() { return *dictionary::AllEntities().at(1); }

QueryDatabase::QueryDatabase(FeedDatabase database) : database_(std::move(database)) {
  auto opened = postgres::Connection::Open(database_.url(), kOptions, 10s);
  if (!opened) throw std::runtime_error(opened.error().message);
  connection_ = *std::move(opened);
}

Query QueryDatabase::Select(const dictionary::Entity& entity, std::string_view filter, std::string_view order) const {
  Query query;
  query.entity = &entity;
  query.filter = Parsed(query::ParseFilter(filter, OptionsFor(entity)), filter);
  query.order = Parsed(query::ParseOrder(order, OptionsFor(entity)), order);
  return query;
}

Query QueryDatabase::Group(const dictionary::Entity& entity, std::string_view apply) const {
  auto aggregation = Parsed(query::ParseApply(apply, OptionsFor(entity)), apply);
  Query query;
  query.entity = &entity;
  query.filter = std::move(aggregation.filter);
  query.grouping = std::move(aggregation.grouping);
  return query;
}

Result<QueryPage> QueryDatabase::TryRead(const Query& query) const {
  std::string problem;
  auto page = postgres::ReadQuery(*connection_, query, 90s, [&](const postgres::SqlError& error) {
    problem = error.sql_state + " " + error.message;
  });
  if (!problem.empty()) throw std::runtime_error(problem);
  return page;
}

QueryPage QueryDatabase::Read(const Query& query) const { return OrThrow(TryRead(query)); }

std::vector<std::string> QueryDatabase::ReadAll(Query query) const {
  std::vector<std::string> ids;
  while (true) {
    QueryPage page = Read(query);
    for (const std::string& record : page.records) ids.push_back(IdOf(*query.entity, record));
    if (!page.next) return ids;
    query.after = PagePosition{.as_of = {}, .values = *std::move(page.next)};
  }
}

std::string QueryDatabase::AskInSession(const std::string& sql) const {
  auto result = connection_->ExecuteOnce(sql, {}, postgres::ResultFormat::kText, 60s);
  if (!result) throw std::runtime_error(result.error().message);
  return PQgetvalue(result->get(), 0, 0);
}

std::string QueryDatabase::Explain(const postgres::CompiledQuery& compiled) const {
  auto result =
      connection_->ExecuteOnce("explain " + compiled.text, compiled.params, postgres::ResultFormat::kText, 60s);
  if (!result) throw std::runtime_error(result.error().message);
  std::string plan;
  for (int i = 0; i < PQntuples(result->get()); ++i) plan += std::string(PQgetvalue(result->get(), i, 0)) + "\n";
  return plan;
}

std::string IdOf(const dictionary::Entity& entity, const std::string& record) {
  const auto* prototype = google::protobuf::MessageFactory::generated_factory()->GetPrototype(entity.descriptor);
  const std::unique_ptr<google::protobuf::Message> message(prototype->New());
  message->ParseFromString(record);
  return std::get<Uuid>(dictionary::GetColumn(*message, entity.primary_id())).ToString();
}

}  // namespace journeyfeed::query_test
