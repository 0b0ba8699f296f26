#include "tests/lifecycle/replica.h"

#include <future>
#include <stdexcept>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "tests/support/eventually.h"

namespace journeyfeed::testing {
namespace {

using namespace std::chrono_literals;

postgres::PostgresSettings StoreSettings(const std::string& url, const ReplicaOptions& options) {
  postgres::PostgresSettings settings;
  settings.conninfo = url;
  settings.lock_timeout = options.lock_timeout;
  settings.read_connections = settings.feed_connections = settings.query_connections = 1;
  return settings;
}

}  // namespace

const dictionary::Entity& Replica::entity() const {
  return dictionary::Describe(customerjourney::v1::CustomerJourney::descriptor());
}

Replica::Replica(const std::string& url, ReplicaOptions options)
    : store_(StoreSettings(url, options), [](const Failure&) {}),
      due_(url, 10s),
      publisher_(store_, due_, *registry_,
                 {.poll_interval = 20ms, .expire_after = options.expire_after, .batch = options.batch, .clock = [this] {
                    return now_.load();
                  }}) {
  store_.SetCommitListener(
      [this](const dictionary::Entity& changed, std::int64_t head) { publisher_.OnCommit(changed, head); });
  store_.SetReadyListener([this](bool ready) {
    ready_ = ready;
    publisher_.SetReady(ready);
  });
  store_.Start();
  if (options.publishes) publisher_.Start();
  if (!Eventually([this] { return ready_.load(); }, 90s)) throw std::runtime_error("the store does not become ready");
}

Replica::~Replica() {
  publisher_.Stop();
  store_.Stop();
}

WriteVerdict Replica::Write(WriteRequest call) {
  std::promise<Result<WriteOutcome>> promise;
  auto outcome = promise.get_future();
  store_.Write(std::move(call), [&](Result<WriteOutcome> written) { promise.set_value(std::move(written)); });
  const auto written = outcome.get();
  if (!written) throw std::runtime_error(written.error().message);
  return written->rows.at(0).verdict;
}

double Replica::Steps(const std::string& to, const std::string& outcome) const {
  for (const auto& family : registry_->Collect()) {
    if (family.name != "journeyfeed_lifecycle_steps_total") continue;
    for (const auto& metric : family.metric) {
      const auto has = [&](const std::string& name, const std::string& value) {
        return std::any_of(metric.label.begin(), metric.label.end(),
                           [&](const auto& label) { return label.name == name && label.value == value; });
      };
      if (has("to", to) && has("outcome", outcome)) return metric.counter.value;
    }
  }
  throw std::runtime_error("no such series");
}

}  // namespace journeyfeed::testing
