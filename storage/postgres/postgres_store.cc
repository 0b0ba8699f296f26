#include "storage/postgres/postgres_store.h"

#include "storage/postgres/connection/connection_options.h"

namespace journeyfeed::postgres {
namespace {

using namespace std::chrono_literals;

// A standby that does not answer in this time is not read.
constexpr auto kReplicaTimeout = 3s;

}  // namespace

PostgresStore::PostgresStore(PostgresSettings settings, std::function<void(const Failure&)> on_refused)
    : settings_(std::move(settings)),
      metrics_(settings_.registry),
      disk_(settings_.disk, settings_.disk_reserve, metrics_.disk()),
      history_(settings_.conninfo, kPollTimeout, metrics_, stopping_.get_token()),
      repair_(settings_.conninfo, stopping_.get_token()),
      watch_(
          {.poll_interval = settings_.poll_interval, .timeout = kPollTimeout, .keys = [this] { return TokenKeys(); }},
          history_, metrics_,
          [this](const dictionary::Entity& entity, const LogState& log) { heads_.Polled(entity, log); },
          [this](const dictionary::Entity& entity, std::int64_t head) { heads_.Notified(entity, head); }),
      standby_({.conninfo = settings_.read_conninfo,
                .timeout = kReplicaTimeout,
                .poll_interval = settings_.poll_interval,
                .lag_limit = settings_.read_lag_limit},
               history_, metrics_,
               [this](const dictionary::Entity& entity, std::int64_t head) { heads_.TellShown(entity, head); }),
      heads_(standby_, metrics_),
      writes_(settings_, metrics_, PartsOfWriters()),
      reads_(settings_, metrics_, history_, standby_),
      upkeep_(settings_, metrics_, PartsOfWriters()),
      supervisor_(settings_, metrics_, token_keys_, watch_, writes_,
                  {.on_migrated = [this](bool service_role) { StartParts(service_role); },
                   .on_ready = [this](bool ready) { TellReady(ready); },
                   .on_refused = std::move(on_refused)}) {}

void PostgresStore::Start() { supervisor_.Start(); }

// Reads go to the standby as soon as it is usable: the pools that read it are there before.
void PostgresStore::StartParts(bool service_role) {
  reads_.Start(service_role);
  if (standby_.exists()) standby_.Start(ReadOptions(settings_, service_role));
  writes_.Start(service_role);
  upkeep_.Start(service_role);
}

void PostgresStore::Stop() {
  stopping_.request_stop();
  supervisor_.Stop();
  standby_.Stop();
  writes_.Close();
  reads_.Close();
  upkeep_.Stop();
  writes_.Stop();
  reads_.Stop();
}

void PostgresStore::Write(WriteRequest call, Callback<WriteOutcome> done) {
  writes_.Submit(std::move(call), std::move(done));
}

void PostgresStore::Retrieve(RecordRequest call, Callback<std::optional<StoredRecord>> done) {
  reads_.Retrieve(std::move(call), std::move(done));
}

void PostgresStore::RetrieveMultiple(QueryRequest call, Callback<QueryPage> done) {
  reads_.RetrieveMultiple(std::move(call), std::move(done));
}

void PostgresStore::ReadChanges(ChangePageRequest call, Callback<ChangePage> done) {
  reads_.ReadChanges(std::move(call), std::move(done));
}

void PostgresStore::RetrieveChangeWindow(ChangeWindowRequest call, Callback<ChangeWindow> done) {
  reads_.RetrieveChangeWindow(std::move(call), std::move(done));
}

bool PostgresStore::LacksTokenKey(std::uint8_t id) {
  const bool lacks = token_keys_.Lacks(id);
  if (token_keys_.PollIsDue()) watch_.Wake();
  return lacks;
}

void PostgresStore::TellReady(bool ready) {
  standby_.SetPrimaryUp(ready);
  on_ready_(ready);
}

WriteParts PostgresStore::PartsOfWriters() {
  return {.history = history_,
          .disk = disk_,
          .repair = repair_,
          .on_commit = [this](const dictionary::Entity& entity, const LogPoint& newest) {
            watch_.Committed(entity, newest);
            heads_.Committed(entity, newest.seq);
          }};
}

}  // namespace journeyfeed::postgres
