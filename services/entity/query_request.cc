#include "services/entity/query_request.h"

#include <algorithm>
#include <cstring>

#include "services/feed/view.h"
#include "services/query/aggregation.h"
#include "services/query/filter.h"
#include "services/query/literal.h"
#include "services/query/order.h"
#include "storage/dictionary/iso_time.h"
#include "storage/dictionary/mask.h"

namespace journeyfeed::entity_service {
namespace {

namespace pb = entity::v1;

// As for data tokens, but less: the number is made of the texts, which may be long.
constexpr int kMostMissing = 1;

// A token holds values of the order. Those of text are without case, as the database folds it: a token of a version
// that folded otherwise (at first by lower()) would skip records, and is refused as one of another query.
constexpr std::string_view kTextOrder = "fold 1/";

bool OrdersText(const std::string& order_by, const query::Options& options) {
  const auto order = query::ParseOrder(order_by, options);
  return order && std::ranges::any_of(
                      *order, [](const OrderTerm& term) { return query::KindOf(*term.column) == query::Kind::kText; });
}

// What two pages of one query share. Sizes part the texts, so that nothing moves from one into the next.
std::uint64_t QueryId(const pb::RetrieveMultipleRequest& request, const std::optional<std::string>& partition_id,
                      std::uint64_t columns, bool orders_text) {
  std::string text(orders_text ? kTextOrder : "");
  text += std::to_string(columns);
  for (const std::string* part : {&request.filter(), &request.order_by()})
    text += "/" + std::to_string(part->size()) + "/" + *part;
  if (partition_id) text += "/" + *partition_id;
  const Uuid digest = Uuid::FromName(text);
  std::uint64_t id = 0;
  std::memcpy(&id, digest.bytes.data(), sizeof id);
  return id;
}

// The value, or its problem among the violations.
template <typename T>
T TakeParsed(query::Parsed<T> parsed, std::string_view field, std::string_view text, Violations& violations) {
  if (parsed) return *std::move(parsed);
  violations.push_back(query::ToViolation(field, text, parsed.error()));
  return T();
}

// The same for a Result, whose failure may also be no fault of the caller.
template <typename T>
T TakeField(Result<T> result, Violations& violations, std::optional<Failure>& unavailable) {
  if (result) return *std::move(result);
  const Failure& failure = result.error();
  if (failure.violations.empty()) unavailable = failure;
  violations.insert(violations.end(), failure.violations.begin(), failure.violations.end());
  return T();
}

void CheckAlone(const pb::RetrieveMultipleRequest& request, Violations& violations) {
  const std::pair<const char*, bool> others[] = {
      {"filter", !request.filter().empty()},           {"order_by", !request.order_by().empty()},
      {"columns", request.columns().paths_size() > 0}, {"page_size", request.page_size() != 0},
      {"page_token", !request.page_token().empty()},   {"count", request.count()}};
  for (const auto& [field, given] : others) {
    if (!given) continue;
    const std::string_view instead = std::string_view(field) == "filter" ? ": use filter(...)/ in apply" : "";
    violations.push_back({field, "cannot be given with apply" + std::string(instead),
                          pb::ERROR_REASON_QUERY_BUILDER_ATTRIBUTE_WITH_AGGREGATE});
  }
}

void ReadApply(const pb::RetrieveMultipleRequest& request, const query::Options& options, Query& query,
               Violations& violations) {
  CheckAlone(request, violations);
  query::Aggregation aggregation =
      TakeParsed(query::ParseApply(request.apply(), options), "apply", request.apply(), violations);
  query.filter = std::move(aggregation.filter);
  query.grouping = std::move(aggregation.grouping);
}

void ReadPage(const pb::RetrieveMultipleRequest& request, const query::Options& options, const QuerySettings& settings,
              Query& query, Violations& violations) {
  query.filter = TakeParsed(query::ParseFilter(request.filter(), options), "filter", request.filter(), violations);
  query.order = TakeParsed(query::ParseOrder(request.order_by(), options), "order_by", request.order_by(), violations);
  if (request.page_size() < 0) {
    violations.push_back({"page_size", "must not be negative", pb::ERROR_REASON_INVALID_ARGUMENT});
  }
  const std::int32_t most = options.entity.elastic ? settings.elastic_page_size : settings.standard_page_size;
  query.page_size = request.page_size() > 0 ? std::min(request.page_size(), most) : most;
  if (request.count()) query.count_limit = settings.count_limit;
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

Result<CheckedQuery> ReadQueryRequest(const dictionary::Entity& entity, const feed::TokenCodec& tokens,
                                      const QuerySettings& settings, const pb::RetrieveMultipleRequest& request,
                                      const Asker& asker) {
  Violations violations;
  const std::optional<std::string> partition_id = PartitionOf(entity, request);
  std::optional<Failure> unavailable;
  CheckedQuery checked{.call = {}, .as_of = asker.now};
  Query& query = checked.call.query;
  query.entity = &entity;
  query.source_limit = settings.limits.source_records;
  query.partition_id = partition_id;
  if (partition_id) CheckPartition(*partition_id, "partition_id", violations);
  query.columns = TakeField(dictionary::ParseColumns(entity, request.columns(), "columns"), violations, unavailable);
  query::Options options{.entity = entity, .now = asker.now, .user = asker.user, .limits = settings.limits};
  const feed::AskedColumns asked{.set = query.columns, .all = dictionary::AsksForAll(request.columns())};
  const feed::View view = [&, text = OrdersText(request.order_by(), options)](std::uint64_t set) {
    return QueryId(request, partition_id, set, text);
  };
  checked.token = view(feed::InTokens(entity, asked));
  if (violations.empty() && !request.page_token().empty() && request.apply().empty()) {
    // Each page is read by itself, so it does not matter which columns the one before had.
    const auto accepts = [&](std::uint64_t issued) {
      return feed::CoverageOf(entity, asked, issued, view, kMostMissing) != feed::Coverage::kNone;
    };
    query.after = TakeField(tokens.DecodePage(entity, accepts, request.page_token()), violations, unavailable);
    // Relative times stay where the first page put them.
    checked.as_of = query.after->as_of;
  }
  if (!request.session_token().empty()) {
    checked.call.not_before =
        TakeField(tokens.DecodeReadYourWrites(entity, request.session_token()), violations, unavailable);
  }
  options.now = checked.as_of;
  if (request.apply().empty()) {
    ReadPage(request, options, settings, query, violations);
  } else {
    ReadApply(request, options, query, violations);
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
