#include "storage/postgres/feed/primary_heads.h"

#include <algorithm>

#include "storage/base/guarded.h"

namespace journeyfeed::postgres {

void PrimaryHeads::Committed(const dictionary::Entity& entity, std::int64_t head) {
  Learn(entity, head, *metrics_.replication().heads_own);
}

void PrimaryHeads::Notified(const dictionary::Entity& entity, std::int64_t head) {
  Learn(entity, head, *metrics_.replication().heads_notified);
}

void PrimaryHeads::Polled(const dictionary::Entity& entity, const LogState& log) {
  metrics_.Of(entity).log.head->Set(static_cast<double>(log.head));
  metrics_.Of(entity).log.floor->Set(static_cast<double>(log.floor));
  Learn(entity, log.head, *metrics_.replication().heads_polled);
}

void PrimaryHeads::TellShown(const dictionary::Entity& entity, std::int64_t head) const {
  Guarded("telling of a commit", [&] { listener_(entity, head); });
}

void PrimaryHeads::Learn(const dictionary::Entity& entity, std::int64_t head, prometheus::Counter& cause) {
  {
    const MutexLock lock(mutex_);
    std::int64_t& newest = heads_[entity.id];
    if (newest < head) cause.Increment();
    newest = std::max(newest, head);
  }
  standby_.Expect(entity, head);
  if (!standby_.Usable()) TellShown(entity, head);
}

}  // namespace journeyfeed::postgres
