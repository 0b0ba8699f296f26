// The statements of each entity, expanded once.
#pragma once

#include "storage/dictionary/dictionary.h"
#include "storage/postgres/connection/connection.h"
#include "storage/postgres/sql/record_encoder.h"

namespace journeyfeed::postgres {

// Immutable, thread-safe; lives until the process ends.
struct EntityStatements {
  Statement write;
  Statement outcomes;
  Statement retrieve;
  Statement log_state;
  Statement history_state;
  Statement changes_page;
  Statement position_at;
  Statement change_window;
  Statement load_page;
  Statement partition_page;  // only for elastic entities, like those of expiry
  Statement expiry_state;
  Statement expiry_past;
  Statement expiry_soon;
  Statement expiry_written;
  RecordEncoder retrieved;  // rows of `retrieve`
  RecordEncoder changed;    // of `changes_page`
  RecordEncoder loaded;     // of `load_page`
  RecordEncoder loaded_by_key;
  RecordEncoder queried;  // of query_sql.h
};

const EntityStatements& StatementsOf(const dictionary::Entity& entity);

// The version of the write functions' text: of functions/write.sql, of the fragments that fill it, and of what the data
// dictionary adds. A release that changes the text raises it; a server replaces a function only by a higher version
// (README.md here). tests/unit/postgres/golden has the text of each.
inline constexpr int kWriteFunctionVersion = 1;

// The write function of an entity as the migrator creates it.
std::string WriteFunctionDdl(const dictionary::Entity& entity);

// Its name with the types of its parameters, as to_regprocedure reads it.
std::string WriteFunctionSignature(const dictionary::Entity& entity);

}  // namespace journeyfeed::postgres
