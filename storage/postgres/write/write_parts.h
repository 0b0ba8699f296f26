// What everything that writes, calls and sweepers alike, uses of the other parts of the store.
#pragma once

#include <functional>

#include "storage/postgres/feed/history_guard.h"
#include "storage/postgres/schema/owner_repair.h"
#include "storage/postgres/upkeep/disk_guard.h"
#include "storage/store.h"

namespace journeyfeed::postgres {

// Thread-safe, like its members.
struct WriteParts {
  HistoryGuard& history;  // admits connections that will write
  DiskGuard& disk;
  OwnerRepair& repair;
  // Gets the newest position of a batch that wrote, from the thread that executed it, before its calls are answered.
  std::function<void(const dictionary::Entity&, const LogPoint& newest)> on_commit;
};

}  // namespace journeyfeed::postgres
