// A consumer's copy that keeps the rules of Batch (journeyfeed/client/feed_consumer.h), and nothing else.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "journeyfeed/client/feed_consumer.h"

namespace journeyfeed::client::testing {

class Copy {
 public:
  // One transaction.
  void Apply(const Batch& batch);

  Checkpoint place() const;  // as it was stored
  // The version of every record.
  std::map<std::string, std::int64_t> versions() const;
  std::int64_t generation_of(const std::string& id) const { return rows_.at(id).generation; }

 private:
  struct Row {
    std::int64_t version = 0;
    std::int64_t generation = 0;
  };

  bool Yields(const std::string& id, const Row& other) const;

  std::map<std::string, Row> rows_;
  std::string checkpoint_ = Checkpoint{}.ToText();
};

}  // namespace journeyfeed::client::testing
