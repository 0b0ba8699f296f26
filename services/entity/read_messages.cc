// Retrieve and RetrieveMultiple.
#include <algorithm>
#include <numeric>
#include <utility>

#include "services/entity/entity_service.h"
#include "services/entity/query_request.h"
#include "services/entity/request_parts.h"
#include "services/entity/write_outcome.h"
#include "storage/dictionary/mask.h"
#include "storage/wire.h"

namespace journeyfeed::entity_service {
namespace {

// Serialised: the records come so from the store.
std::string ToResponse(QueryPage& page, std::string next_page_token, std::int64_t count_limit) {
  pb::RetrieveMultipleResponse rest;
  rest.set_more_records(page.next.has_value());
  rest.set_next_page_token(std::move(next_page_token));
  rest.set_total_record_count(page.counted ? std::min(*page.counted, count_limit) : -1);
  rest.set_total_record_count_limit_exceeded(page.counted && *page.counted > count_limit);
  std::string bytes;
  bytes.reserve(std::accumulate(page.records.begin(), page.records.end(), std::size_t{256},
                                [](std::size_t sum, const std::string& record) { return sum + record.size() + 6; }));
  for (const std::string& record : page.records) {
    wire::AppendBytes(bytes, pb::RetrieveMultipleResponse::kEntitiesFieldNumber, record);
  }
  rest.AppendToString(&bytes);
  return bytes;
}

pb::RetrieveMultipleResponse ToAggregates(const Grouping& grouping, const QueryPage& page) {
  pb::RetrieveMultipleResponse response;
  for (const auto& cells : page.groups) *response.add_aggregates() = ToStruct(grouping, cells);
  response.set_total_record_count(-1);
  return response;
}

}  // namespace

void EntityService::Retrieve(const call::Call<pb::RetrieveRequest, pb::RetrieveResponse>& call) {
  const auto& request = call.request();
  Violations violations;
  RecordRequest read{.entity = &entity_,
                     .key = {},
                     .columns = 0,
                     .not_before = {},
                     .deadline = call.context().deadline,
                     .gone = call.gone()};
  read.key = ReadReference(entity_, request.target(), request.has_target(), "target", violations);
  const auto columns = dictionary::ParseColumns(entity_, request.columns(), "columns");
  const auto known = ReadIfMatch(request.if_none_match(), "if_none_match", violations);
  const auto token = ReadReadYourWritesToken(tokens_, entity_, request.session_token());
  auto refused = Collect(columns ? std::nullopt : std::optional(columns.error()), std::move(violations));
  refused = Collect(token ? std::nullopt : std::optional(token.error()), refused ? refused->violations : Violations());
  if (refused) return call.Finish(std::unexpected(*refused));
  read.columns = *columns;
  read.not_before = *token;
  store_.Retrieve(read, [this, call, known, key = read.key](Result<std::optional<StoredRecord>> record) {
    if (!record) return call.Finish(std::unexpected(record.error()));
    if (!*record) return call.Finish(std::unexpected(NotFound(entity_, key)));
    pb::RetrieveResponse response;
    const bool same = known && (*known == kAnyVersion || *known == (*record)->version);
    response.set_not_modified(same);
    if (!same) response.set_entity(std::move((*record)->bytes));
    call.Finish(std::move(response));
  });
}

void EntityService::RetrieveMultiple(
    const call::Call<pb::RetrieveMultipleRequest, pb::RetrieveMultipleResponse>& call) {
  auto checked = ReadQueryRequest(entity_, tokens_, queries_, call.request(), {call.context().user, Now()});
  if (!checked) return call.Finish(std::unexpected(checked.error()));
  checked->call.deadline = call.context().deadline;
  checked->call.gone = call.gone();
  const auto view = std::pair(checked->token, checked->as_of);
  const auto grouping = checked->call.query.grouping;
  store_.RetrieveMultiple(std::move(checked->call), [this, call, view, grouping](Result<QueryPage> page) {
    if (!page) return call.Finish(std::unexpected(page.error()));
    if (grouping) return call.Finish(ToAggregates(*grouping, *page));
    std::string next;
    if (page->next) next = tokens_.EncodePage(entity_, view.first, {view.second, *page->next});
    call.FinishSerialized(ToResponse(*page, std::move(next), queries_.count_limit));
  });
}

}  // namespace journeyfeed::entity_service
