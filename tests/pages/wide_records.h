// Records of every entity with every column at its widest in a message, and their log rows.
#pragma once

#include <string>

#include "storage/dictionary/dictionary.h"
#include "tests/support/feed_database.h"

namespace journeyfeed::testing {

// Stores `count` records, numbered after the existing ones, and logs each as created. Texts have up to 50 characters of
// three bytes, in every 250th record `large` of them. A session is in the partition "p".
void StoreWideRecords(const FeedDatabase& database, const dictionary::Entity& entity, int count, int large);

// Deletes every third record and logs it.
void DeleteSomeRecords(const FeedDatabase& database, const dictionary::Entity& entity);

}  // namespace journeyfeed::testing
