#include "storage/base/guarded.h"

#include <spdlog/spdlog.h>

namespace journeyfeed {

void LogException(const char* where, const char* what) {
  const auto logger = spdlog::get(kThreadLogger);
  (logger ? logger : spdlog::default_logger())->error("{}: unexpected exception: {}", where, what);
}

}  // namespace journeyfeed
