// Formats changes as lines of JSON.
#pragma once

#include <string>

#include "cli/client/change_stream.h"
#include "storage/dictionary/dictionary.h"

namespace journeyfeed::cli {

// None of the results ends with a newline or contains one.

// {"change":"new_or_updated"|"removed","phase":"initial_load"|"changes","id","partition_id" of an elastic entity,
//  "version_number","sequence_number","message":"Update","commit_time","call_end","entity":{Dataverse JSON}}
// The initial load has null for message and commit_time and 0 for sequence_number; a removed record has no entity.
std::string ChangeLine(const dictionary::Entity& entity, const ChangeMessage& message, const Change& change);

// Everything received before must be replaced by what follows: {"change":"resync"}.
std::string ResyncLine();

// What a message says besides its changes:
// {"progress":{"as_of","lag_seconds","rows_done","rows_estimated"},"phase","more_records","consistent","call_end",
//  "data_token"}; progress is null when the message has none.
std::string ProgressLine(const ChangeMessage& message);

}  // namespace journeyfeed::cli
