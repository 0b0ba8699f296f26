// Streams that end by themselves, such as an initial load.
#pragma once

#include <functional>

#include "tests/bench/contenders/contender.h"
#include "tests/bench/contest/trial.h"
#include "tests/bench/feed/payload.h"

namespace journeyfeed::bench {

// Opens `readers` streams at once, each on a connection of its own, and reads all to their end. Each must deliver
// exactly `expected`; else the measurement has a fault. Metrics: seconds, rows_per_s (of all readers together), the CPU
// of a CpuWindow, server_peak_mb.
Measurement ReadToEnd(const Contender& contender, int readers, const http2::Call& call, std::size_t text_bytes,
                      const Tally& expected);

// Runs psql with one statement, whose output is thrown away. Metrics: seconds, rows_per_s, the CPU of a CpuWindow.
Measurement RunPsql(const Contender& contender, const std::string& url, const std::string& statement,
                    std::uint64_t rows);

}  // namespace journeyfeed::bench
