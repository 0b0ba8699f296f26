// The contenders of a workload, as long as one of its cells lives.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/contenders/contender.h"
#include "tests/bench/contest/workload.h"

namespace journeyfeed::bench {

using Entrant = std::shared_ptr<Contender>;

inline constexpr const char* kJourneyfeed = "journeyfeed";
inline constexpr const char* kEtcd = "etcd";
inline constexpr const char* kFloor = "floor";

// Starts those of the contenders that the scale does not leave out. Throws std::runtime_error if one does not start.
std::vector<Entrant> StartEntrants(const Scale& scale, const std::vector<std::string>& names);

}  // namespace journeyfeed::bench
