// RetrieveMultiple, written once for every entity, as entity_service.h is: validate, convert, call, convert, reply.
#pragma once

#include <chrono>
#include <numeric>
#include <utility>

#include "services/call/raw_service.h"
#include "services/entity/query_request.h"
#include "services/feed/feed.h"
#include "storage/wire.h"

namespace journeyfeed::entity_service {

// Thread-safe; outlives the server. The feed and its store outlive it.
template <typename Api>
class QueryMessages {
 public:
  QueryMessages(feed::Feed& feed, const QuerySettings& settings)
      : feed_(feed), settings_(settings), entity_(dictionary::Describe(Api::Record::descriptor())) {}

  // Adds the method to `service`, which keeps a pointer to this.
  void Register(call::RawService& service) {
    service.Unary<Request, Response>("RetrieveMultiple", [this](Handle call) { RetrieveMultiple(std::move(call)); });
  }

 private:
  using Request = typename Api::RetrieveMultipleRequest;
  using Response = typename Api::RetrieveMultipleResponse;
  using Handle = call::Call<Request, Response>;

  void RetrieveMultiple(Handle call) {
    auto checked = ReadQueryRequest(entity_, feed_.tokens(), settings_, call.request(), call.context().user, Now());
    if (!checked) return call.Finish(std::unexpected(checked.error()));
    checked->call.deadline = call.context().deadline;
    checked->call.gone = call.gone();
    const auto token = std::pair(checked->token, checked->as_of);
    const auto grouping = checked->call.query.grouping;
    feed_.store().RetrieveMultiple(std::move(checked->call), [this, call, token, grouping](Result<QueryPage> page) {
      if (!page) return call.Finish(std::unexpected(page.error()));
      if (grouping) return call.Finish(Aggregates(*grouping, *page));
      call.FinishSerialized(Entities(token, *page));
    });
  }

  static Timestamp Now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
  }

  // Serialised: the records come so from the store, and are not made objects of only to be serialised again.
  std::string Entities(const std::pair<std::uint64_t, Timestamp>& token, QueryPage& page) const {
    Response rest;
    if (page.next) {
      rest.set_more_records(true);
      rest.set_next_page_token(feed_.tokens().EncodePage(entity_, token.first, {token.second, *std::move(page.next)}));
    }
    rest.set_total_record_count(page.counted ? std::min(*page.counted, settings_.count_limit) : -1);
    rest.set_total_record_count_limit_exceeded(page.counted && *page.counted > settings_.count_limit);
    std::string bytes;
    bytes.reserve(std::accumulate(page.records.begin(), page.records.end(), std::size_t{256},
                                  [](std::size_t sum, const std::string& record) { return sum + record.size() + 6; }));
    for (const std::string& record : page.records) wire::AppendBytes(bytes, Response::kEntitiesFieldNumber, record);
    rest.AppendToString(&bytes);
    return bytes;
  }

  static Response Aggregates(const Grouping& grouping, const QueryPage& page) {
    Response response;
    for (const auto& cells : page.groups) *response.add_aggregates() = ToStruct(grouping, cells);
    response.set_total_record_count(-1);
    return response;
  }

  feed::Feed& feed_;
  const QuerySettings settings_;
  const dictionary::Entity& entity_;
};

}  // namespace journeyfeed::entity_service
