#include "services/storage_log.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>

#include "services/log_sink.h"
#include "services/logging.h"

namespace journeyfeed {
namespace {

class ForwardingSink final : public spdlog::sinks::base_sink<std::mutex> {
  void sink_it_(const spdlog::details::log_msg& message) override {
    Log(LevelOf(message.level), "storage",
        {{"detail", std::string_view(message.payload.data(), message.payload.size())}});
  }
  void flush_() override {}
};

}  // namespace

void AdoptStorageLog() {
  auto logger = std::make_shared<spdlog::logger>("storage", std::make_shared<ForwardingSink>());
  logger->set_level(spdlog::level::debug);  // Log decides, because its level changes at run time
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace journeyfeed
