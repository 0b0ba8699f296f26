// What each kind of connection of the store sets in its session, and how long its statements may take. The options are
// those of Connection::Open, so that they survive a reconnect.
#pragma once

#include <chrono>
#include <string>

#include "storage/postgres/postgres_settings.h"

namespace journeyfeed::postgres {

// By how much the client's timeout exceeds the server's, so that the server's answer normally counts.
inline constexpr std::chrono::milliseconds kAnswerGrace = std::chrono::seconds(5);

// Reading a log's head is always short: a server that does not answer in this time is silent.
inline constexpr std::chrono::milliseconds kPollTimeout = std::chrono::seconds(5);

// The statement timeout of a sweeper. A look ahead may read the records of a whole hour.
inline constexpr std::chrono::milliseconds kSweepTimeout = std::chrono::seconds(30);

// `service_role`, here and below: the session takes the role of the service; false where that role does not exist
// (Migrated::service_role).

// For reads by key, pages of the feed, and looks at a log.
std::string ReadOptions(const PostgresSettings& settings, bool service_role);

// For callers' queries.
std::string QueryOptions(const PostgresSettings& settings, bool service_role);

// For batches of writes. Which lock waits a batch bears depends on who waits with it.
enum class BatchOf { kManyCalls, kOneCall };
std::string WriteOptions(const PostgresSettings& settings, bool service_role, BatchOf batch);

// For a sweeper.
std::string SweepOptions(const PostgresSettings& settings, bool service_role);

// For the connection of the owner that watches for commits and announces them.
std::string WatchOptions(const PostgresSettings& settings);

}  // namespace journeyfeed::postgres
