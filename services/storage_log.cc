#include "services/storage_log.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>

#include "services/log_sink.h"
#include "services/logging.h"
#include "storage/base/guarded.h"

namespace journeyfeed {
namespace {

// Logs under the name of the logger.
class ForwardingSink final : public spdlog::sinks::base_sink<std::mutex> {
  void sink_it_(const spdlog::details::log_msg& message) override {
    Log(LevelOf(message.level), {message.logger_name.data(), message.logger_name.size()},
        {{"detail", std::string_view(message.payload.data(), message.payload.size())}});
  }
  void flush_() override {}
};

std::shared_ptr<spdlog::logger> MakeLogger(const char* name) {
  auto logger = std::make_shared<spdlog::logger>(name, std::make_shared<ForwardingSink>());
  logger->set_level(spdlog::level::debug);  // Log decides, because its level changes at run time
  return logger;
}

}  // namespace

void AdoptStorageLog() {
  spdlog::drop(kThreadLogger);
  spdlog::register_logger(MakeLogger(kThreadLogger));
  spdlog::set_default_logger(MakeLogger("storage"));
}

}  // namespace journeyfeed
