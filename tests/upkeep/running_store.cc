#include "tests/upkeep/running_store.h"

#include <cmath>
#include <stdexcept>

#include "tests/support/eventually.h"

namespace journeyfeed::testing {

RunningStore::RunningStore(const FeedDatabase& database, postgres::PostgresSettings settings)
    : registry_(std::make_shared<prometheus::Registry>()) {
  settings.conninfo = database.url();
  settings.registry = registry_;
  store_ = std::make_unique<postgres::PostgresStore>(std::move(settings), [](const Failure&) {});
  store_->SetReadyListener([this](bool ready) { ready_ = ready; });
  store_->Start();
  if (!Eventually([this] { return ready_.load(); }, std::chrono::seconds(90)))
    throw std::runtime_error("the store does not become ready");
}

RunningStore::~RunningStore() { store_->Stop(); }

double RunningStore::Metric(const std::string& name, const std::map<std::string, std::string>& labels) const {
  for (const auto& family : registry_->Collect()) {
    if (family.name != "journeyfeed_" + name) continue;
    for (const auto& metric : family.metric) {
      std::map<std::string, std::string> found;
      for (const auto& label : metric.label) found[label.name] = label.value;
      if (!std::includes(found.begin(), found.end(), labels.begin(), labels.end())) continue;
      return family.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value;
    }
  }
  return std::nan("");
}

}  // namespace journeyfeed::testing
