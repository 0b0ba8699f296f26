// A record as the JSON of Dataverse's Web API. Keys are logical names, in any case.
//
//   msdyncrm_name, statuscode, ...                     text, numbers (option sets too), booleans, ISO 8601 times
//   msdyncrm_contentsettingsId@odata.bind              a lookup: "/msdyncrm_contentsettingss(<id>)", also as a full
//   address msdyncrm_contentsettingsid, _msdyncrm_contentsettingsid_value    a lookup as plain id; the second is how it
//   is written ownerid@odata.bind                                 sets the owner and, from /systemusers or /teams, its
//   type "@odata.etag", "statuscode@OData.Community...", ...    an annotation that Dataverse or OData has: ignored
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/dictionary/dictionary.h"
#include "storage/failure.h"

namespace journeyfeed::dictionary {

// Reads a record into `out`, which is cleared first. `present` (may be null) gets the Column::bit of every column that
// was named, also of those that were named null: in an update mask they are cleared. All unknown keys and annotations,
// bad values, and keys of one column with different values, in whatever spelling, are listed, by key; what a message
// may set is not checked here.
Result<void> FromDataverseJson(const Entity& entity, std::string_view json, google::protobuf::Message* out,
                               std::uint64_t* present);

// Writes the present columns, in field order: logical names, numbers for option sets, "_x_value" for lookups, times in
// UTC.
std::string ToDataverseJson(const Entity& entity, const google::protobuf::Message& message);

}  // namespace journeyfeed::dictionary
