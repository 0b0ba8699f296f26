#include "tests/unit/feed/scripted_store.h"

#include <stdexcept>

#include "storage/wire.h"

namespace journeyfeed::testing {

void ScriptedStore::Answer(Result<ChangePage> page) {
  const std::scoped_lock lock(mutex_);
  answers_.push_back(std::move(page));
}

std::vector<ChangePageRequest> ScriptedStore::asked() const {
  const std::scoped_lock lock(mutex_);
  return asked_;
}

std::vector<std::chrono::steady_clock::time_point> ScriptedStore::asked_at() const {
  const std::scoped_lock lock(mutex_);
  return asked_at_;
}

void ScriptedStore::Write(WriteRequest, Callback<WriteOutcome> done) {
  done(std::unexpected(Unavailable("not scripted")));
}

void ScriptedStore::RetrieveMultiple(QueryRequest, Callback<QueryPage> done) {
  done(std::unexpected(Unavailable("not scripted")));
}

void ScriptedStore::Retrieve(RecordRequest, Callback<std::optional<StoredRecord>> done) {
  done(std::unexpected(Unavailable("not scripted")));
}

void ScriptedStore::RetrieveChangeWindow(ChangeWindowRequest, Callback<ChangeWindow> done) {
  done(std::unexpected(Unavailable("not scripted")));
}

void ScriptedStore::ReadChanges(ChangePageRequest call, Callback<ChangePage> done) {
  if (before_read) before_read();
  Result<ChangePage> answer = std::unexpected(Unavailable("no script"));
  {
    const std::scoped_lock lock(mutex_);
    asked_.push_back(call);
    asked_.back().on_end = nullptr;  // it keeps its stream alive
    asked_at_.push_back(std::chrono::steady_clock::now());
    if (!answers_.empty()) answer = answers_.front();
    if (answers_.size() > 1) answers_.pop_front();
  }
  if (answer_by) answer = answer_by(call);
  if (answer && call.on_end && (answer->next.loading || answer->head > answer->next.seq)) call.on_end(answer->next);
  if (!deliver) return done(std::move(answer));
  deliver([done = std::move(done), answer = std::move(answer)] { done(answer); });
}

PageEnd EndOf(std::int64_t seq, std::int64_t high_water) {
  return postgres::EndAt(
      {.history = 1, .timeline = 1, .seq = seq, .high_water = high_water, .high_water_nonce = high_water});
}

ChangePage PageAt(std::int64_t seq, std::int64_t head, int changes) {
  ChangePage page;
  page.next = EndOf(seq, head);
  page.head = head;
  for (int i = 0; i < changes; ++i) {
    Change& change = page.changes.emplace_back();
    change.removed = true;
    change.key = {.id = Uuid::FromName(std::to_string(seq + i))};
    change.version = change.seq = seq - changes + 1 + i;
  }
  return page;
}

ChangePage LoadPageAt(std::int64_t start, std::uint32_t block, int changes) {
  ChangePage page = PageAt(start, start, changes);
  page.next =
      postgres::EndAt({.history = 1,
                       .timeline = 1,
                       .seq = start,
                       .high_water = start,
                       .high_water_nonce = start,
                       .load = postgres::LoadPosition{.block = block, .end_block = 100, .rows_done = block * 10}});
  return page;
}

ChangePage LargePageAt(std::int64_t seq, std::size_t bytes) {
  ChangePage page = PageAt(seq, 1'000'000, 1);
  page.changes[0].removed = false;
  // A field that sessions do not have.
  wire::AppendBytes(page.changes[0].record, 1000, std::string(bytes, 'x'));
  return page;
}

Failure Failing(ErrorReason reason) { return {.reason = reason, .message = "scripted"}; }

StreamServer::StreamServer(const call::StreamLifetimeSettings& settings, const feed::FeedSettings& feed)
    : parts_(store, settings, nullptr, feed), metrics_(std::make_shared<prometheus::Registry>()) {
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

std::unique_ptr<grpc::ClientReader<StreamServer::Response>> StreamServer::Open(grpc::ClientContext& context,
                                                                               const Request& request) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  return stub_->RetrieveEntityChanges(&context, request);
}

grpc::Status StreamServer::Read(const Request& request, std::vector<Response>& messages,
                                const std::function<bool(const std::vector<Response>&)>& enough) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  const auto stream = stub_->RetrieveEntityChanges(&context, request);
  for (Response response; stream->Read(&response);) {
    messages.push_back(response);
    if (enough && enough(messages)) context.TryCancel();
  }
  return stream->Finish();
}

}  // namespace journeyfeed::testing
