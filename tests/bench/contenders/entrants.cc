#include "tests/bench/contenders/entrants.h"

#include <stdexcept>

#include "tests/bench/contenders/child.h"
#include "tests/bench/contenders/etcd.h"
#include "tests/bench/contenders/floor.h"
#include "tests/bench/contenders/journeyfeed.h"

namespace journeyfeed::bench {
namespace {

Entrant Start(const std::string& name) {
  if (name == kJourneyfeed) return std::make_shared<Journeyfeed>(Journeyfeed::Options{});
  if (name == kEtcd) return std::make_shared<Etcd>(FindProgram(kEtcd));
  if (name == kFloor) return std::make_shared<Floor>(JOURNEYFEED_CONTEST_BINARY);
  throw std::logic_error("no contender " + name);
}

}  // namespace

std::vector<Entrant> StartEntrants(const Scale& scale, const std::vector<std::string>& names) {
  std::vector<Entrant> entrants;
  for (const std::string& name : names) {
    if (!scale.without.contains(name)) entrants.push_back(Start(name));
  }
  return entrants;
}

}  // namespace journeyfeed::bench
