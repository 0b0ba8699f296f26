// The statements of each entity, expanded once.
#pragma once

#include "storage/dictionary/dictionary.h"
#include "storage/postgres/connection.h"
#include "storage/postgres/record_encoder.h"

namespace journeyfeed::postgres {

// Immutable, thread-safe; lives until the process ends.
struct EntityStatements {
  Statement write;
  Statement outcomes;
  Statement retrieve;
  Statement log_state;
  Statement history_state;
  Statement changes_page;
  Statement load_page;
  Statement partition_page;  // of an elastic entity only
  RecordEncoder retrieved;   // rows of `retrieve`
  RecordEncoder changed;     // of `changes_page`
  RecordEncoder loaded;      // of `load_page`
  RecordEncoder loaded_by_key;
  RecordEncoder queried;  // of query_sql.h
};

const EntityStatements& StatementsOf(const dictionary::Entity& entity);

// The write function of an entity as the migrator creates it.
std::string WriteFunctionDdl(const dictionary::Entity& entity);

}  // namespace journeyfeed::postgres
