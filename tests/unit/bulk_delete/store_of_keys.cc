#include "tests/unit/bulk_delete/store_of_keys.h"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace journeyfeed::testing {
namespace {

// The ids that a query of BulkDelete is restricted to; nothing if it is not restricted.
std::optional<std::set<Uuid>> IdsOf(const Query& query) {
  for (const Condition& part : std::get<AllOf>(query.filter->node).parts) {
    const auto* one_of = std::get_if<OneOf>(&part.node);
    if (one_of == nullptr) continue;
    std::set<Uuid> ids;
    for (const Value& value : one_of->values) ids.insert(std::get<Uuid>(value));
    return ids;
  }
  return std::nullopt;
}

std::string RecordOf(const Uuid& id, std::int64_t version) {
  journeyrunsession::v1::JourneyRunSession record;
  record.set_id(id.ToString());
  record.set_partition_id(id.ToString());
  record.set_version_number(version);
  return record.SerializeAsString();
}

}  // namespace

StoreOfKeys::StoreOfKeys(int records, bool endless) : endless_(endless) {
  for (int i = 0; i < records; ++i) versions_[Uuid::FromName(std::to_string(i))] = 1;
}

void StoreOfKeys::Touch(const Uuid& id) {
  const std::scoped_lock lock(mutex_);
  ++versions_.at(id);
}

std::size_t StoreOfKeys::size() const {
  const std::scoped_lock lock(mutex_);
  return versions_.size();
}

Uuid StoreOfKeys::At(std::size_t index) const {
  const std::scoped_lock lock(mutex_);
  return std::next(versions_.begin(), static_cast<std::ptrdiff_t>(index))->first;
}

std::vector<QueryRequest> StoreOfKeys::queries() const {
  const std::scoped_lock lock(mutex_);
  return queries_;
}

void StoreOfKeys::Write(WriteRequest call, Callback<WriteOutcome> done) {
  if (before_write) {
    if (const auto allowed = before_write(call); !allowed) return done(std::unexpected(allowed.error()));
  }
  WriteOutcome outcome{.rows = {}, .point = {.bytes = "written"}};
  {
    const std::scoped_lock lock(mutex_);
    for (const WriteRow& row : call.rows) {
      const auto found = versions_.find(row.key.id);
      const bool same = found != versions_.end() && found->second == row.if_match;
      const auto verdict = found == versions_.end()       ? WriteVerdict::kNotFound
                           : !same                        ? WriteVerdict::kVersionMismatch
                           : refused.contains(row.key.id) ? WriteVerdict::kRefusedByState
                                                          : WriteVerdict::kDeleted;
      outcome.rows.push_back({verdict, row.key, 2});
      if (verdict == WriteVerdict::kDeleted && !endless_) versions_.erase(found);
    }
  }
  done(std::move(outcome));
}

void StoreOfKeys::Retrieve(RecordRequest, Callback<std::optional<StoredRecord>> done) { done(std::nullopt); }

void StoreOfKeys::RetrieveMultiple(QueryRequest call, Callback<QueryPage> done) {
  QueryPage page;
  {
    const std::scoped_lock lock(mutex_);
    const Query& query = call.query;
    queries_.push_back(call);
    const auto ids = IdsOf(query);
    const bool continues = query.after.has_value() && !endless_;
    auto at = continues ? versions_.upper_bound(*Uuid::Parse(*query.after->values.at(0))) : versions_.begin();
    std::string last;
    for (; at != versions_.end() && static_cast<int>(page.records.size()) < query.page_size; ++at) {
      if (ids && !ids->contains(at->first)) continue;
      page.records.push_back(RecordOf(at->first, at->second));
      last = at->first.ToString();
    }
    if (endless_ || at != versions_.end()) page.next = {last};
    if (query.count_limit > 0) page.counted = static_cast<std::int64_t>(versions_.size());
  }
  done(std::move(page));
}

std::vector<ChangePageRequest> StoreOfKeys::states() const {
  const std::scoped_lock lock(mutex_);
  return states_;
}

void StoreOfKeys::RetrieveChangeWindow(ChangeWindowRequest, Callback<ChangeWindow> done) {
  done(std::unexpected(Unavailable("not scripted")));
}

void StoreOfKeys::ReadChanges(ChangePageRequest call, Callback<ChangePage> done) {
  {
    const std::scoped_lock lock(mutex_);
    states_.push_back(std::move(call));
  }
  ChangePage page;
  page.as_of = {1'700'000'000'000'000};
  done(std::move(page));
}

DeletionServer::DeletionServer(Store& store, const call::StreamLifetimeSettings& settings)
    : parts_(store, settings), metrics_(std::make_shared<prometheus::Registry>()) {
  service_ = MakeEntityService(dictionary::Describe(journeyrunsession::v1::JourneyRunSession::descriptor()),
                               parts_.References(), metrics_, call::Policy{});
  const auto read = ReadInvocation({"--address=127.0.0.1:0", "--metrics-address=127.0.0.1:0"}, {});
  ServerParts parts{
      .services = {{service_.get(), service_->full_name()}}, .metrics = metrics_.shared_registry(), .on_drain = {}};
  auto server = Server::Start(read.value().settings, std::move(parts));
  if (!server) throw std::runtime_error(server.error());
  server_ = *std::move(server);
  stub_ = journeyrunsession::v1::JourneyRunSessionService::NewStub(
      grpc::CreateChannel(server_->bound().address, grpc::InsecureChannelCredentials()));
}

grpc::Status DeletionServer::DeleteAll(std::vector<Response>& messages, std::chrono::milliseconds limit) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + limit);
  journeyrunsession::v1::BulkDeleteRequest request;
  request.set_all(true);
  const auto stream = stub_->BulkDelete(&context, request);
  for (Response response; stream->Read(&response);) messages.push_back(response);
  return stream->Finish();
}

}  // namespace journeyfeed::testing
