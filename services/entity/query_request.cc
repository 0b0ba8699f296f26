#include "services/entity/query_request.h"

#include <algorithm>
#include <cstring>

#include "services/query/aggregation.h"
#include "services/query/filter.h"
#include "services/query/literal.h"
#include "services/query/order.h"
#include "storage/dictionary/iso_time.h"
#include "storage/dictionary/mask.h"

namespace journeyfeed::entity_service {
namespace {

namespace pb = entity::v1;

// A token holds values of the order. Those of text are without case, as the database folds it: a token of a version
// that folded otherwise (at first by lower()) would skip records, and is refused as one of another query.
constexpr std::string_view kTextOrder = "fold 1/";

bool OrdersText(const std::string& order_by, const query::Options& options) {
  const auto order = query::ParseOrder(order_by, options);
  return order && std::ranges::any_of(
                      *order, [](const OrderTerm& term) { return query::KindOf(*term.column) == query::Kind::kText; });
}

// What two pages of one query share. Sizes part the texts, so that nothing moves from one into the next.
std::uint64_t QueryId(const QueryRequestFields& fields, std::uint64_t columns, bool orders_text) {
  std::string text(orders_text ? kTextOrder : "");
  text += std::to_string(columns);
  for (const std::string* part : {&fields.filter, &fields.order_by})
    text += "/" + std::to_string(part->size()) + "/" + *part;
  if (fields.partition_id) text += "/" + *fields.partition_id;
  const Uuid digest = Uuid::FromName(text);
  std::uint64_t id = 0;
  std::memcpy(&id, digest.bytes.data(), sizeof id);
  return id;
}

// The value, or its problem among the violations.
template <typename T>
T Take(query::Parsed<T> parsed, std::string_view field, std::string_view text, Violations& violations) {
  if (parsed) return *std::move(parsed);
  violations.push_back(query::ToViolation(field, text, parsed.error()));
  return T();
}

// The same for a Result, whose failure may also be no fault of the caller.
template <typename T>
T TakeField(Result<T> result, Violations& violations, std::optional<Status>& unavailable) {
  if (result) return *std::move(result);
  const Status& status = result.error();
  if (status.violations.empty()) unavailable = status;
  violations.insert(violations.end(), status.violations.begin(), status.violations.end());
  return T();
}

void CheckAlone(const QueryRequestFields& fields, Violations& violations) {
  const std::pair<const char*, bool> others[] = {
      {"filter", !fields.filter.empty()},           {"order_by", !fields.order_by.empty()},
      {"columns", fields.columns.paths_size() > 0}, {"page_size", fields.page_size != 0},
      {"page_token", !fields.page_token.empty()},   {"count", fields.count}};
  for (const auto& [field, given] : others) {
    if (!given) continue;
    const std::string_view instead = std::string_view(field) == "filter" ? ": use filter(...)/ in apply" : "";
    violations.push_back({field, "cannot be given with apply" + std::string(instead),
                          pb::ERROR_REASON_QUERY_BUILDER_ATTRIBUTE_WITH_AGGREGATE});
  }
}

void ReadApply(const QueryRequestFields& fields, const query::Options& options, Query& query, Violations& violations) {
  CheckAlone(fields, violations);
  query::Aggregation aggregation = Take(query::ParseApply(fields.apply, options), "apply", fields.apply, violations);
  query.filter = std::move(aggregation.filter);
  query.grouping = std::move(aggregation.grouping);
}

void ReadPage(const QueryRequestFields& fields, const query::Options& options, const QuerySettings& settings,
              Query& query, Violations& violations) {
  query.filter = Take(query::ParseFilter(fields.filter, options), "filter", fields.filter, violations);
  query.order = Take(query::ParseOrder(fields.order_by, options), "order_by", fields.order_by, violations);
  if (fields.page_size < 0) {
    violations.push_back({"page_size", "must not be negative", pb::ERROR_REASON_INVALID_ARGUMENT});
  }
  const std::int32_t most = options.entity.elastic ? settings.elastic_page_size : settings.standard_page_size;
  query.page_size = fields.page_size > 0 ? std::min(fields.page_size, most) : most;
  if (fields.count) query.count_limit = settings.count_limit;
}

struct CellValue {
  google::protobuf::Value& value;

  void operator()(std::monostate) const { value.set_null_value(google::protobuf::NULL_VALUE); }
  void operator()(bool cell) const { value.set_bool_value(cell); }
  void operator()(double cell) const { value.set_number_value(cell); }
  void operator()(const std::string& cell) const { value.set_string_value(cell); }
  void operator()(const Uuid& cell) const { value.set_string_value(cell.ToString()); }
  void operator()(Timestamp cell) const { value.set_string_value(dictionary::FormatIsoTime(cell)); }
};

}  // namespace

Result<CheckedQuery> CheckQueryRequest(const dictionary::Entity& entity, const feed::TokenCodec& tokens,
                                       const QuerySettings& settings, const QueryRequestFields& fields) {
  Violations violations;
  std::optional<Status> unavailable;
  CheckedQuery checked{.call = {}, .as_of = fields.now};
  Query& query = checked.call.query;
  query.entity = &entity;
  query.source_limit = settings.limits.source_records;
  query.partition_id = fields.partition_id;
  if (fields.partition_id) CheckPartition(*fields.partition_id, "partition_id", violations);
  query.columns = TakeField(dictionary::ParseColumns(entity, fields.columns, "columns"), violations, unavailable);
  query::Options options{.entity = entity, .now = fields.now, .user = fields.user, .limits = settings.limits};
  checked.token = QueryId(fields, query.columns, OrdersText(fields.order_by, options));
  if (violations.empty() && !fields.page_token.empty() && fields.apply.empty()) {
    query.after = TakeField(tokens.DecodePage(entity, checked.token, fields.page_token), violations, unavailable);
    // Relative times stay where the first page put them.
    checked.as_of = query.after->as_of;
  }
  if (!fields.session_token.empty()) {
    checked.call.not_before = TakeField(tokens.DecodeSession(entity, fields.session_token), violations, unavailable);
  }
  options.now = checked.as_of;
  if (fields.apply.empty()) {
    ReadPage(fields, options, settings, query, violations);
  } else {
    ReadApply(fields, options, query, violations);
  }
  if (unavailable) return std::unexpected(*unavailable);
  if (!violations.empty()) return std::unexpected(InvalidFields(std::move(violations)));
  return checked;
}

google::protobuf::Struct ToStruct(const Grouping& grouping, const std::vector<Cell>& cells) {
  google::protobuf::Struct group;
  std::size_t i = 0;
  for (const GroupColumn& column : grouping.columns)
    std::visit(CellValue{(*group.mutable_fields())[column.name]}, cells.at(i++));
  for (const Aggregate& aggregate : grouping.aggregates) {
    std::visit(CellValue{(*group.mutable_fields())[aggregate.alias]}, cells.at(i++));
  }
  return group;
}

}  // namespace journeyfeed::entity_service
