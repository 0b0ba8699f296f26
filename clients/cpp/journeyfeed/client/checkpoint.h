// Where a consumer stands: what it stores in one transaction with the changes of a batch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace journeyfeed::client {

// A copy is loaded in generations, since records that were deleted while a consumer had lost its place are in no
// message. Every row carries the generation of the checkpoint with which it was written. A new load raises the
// generation; when it is complete, what still has an older one does not exist any more.
struct Checkpoint {
  std::string token = {};       // continue after it; empty: from the beginning
  std::int64_t generation = 1;  // of the rows that are written from here on
  bool loading = true;          // rows of older generations may be left: their sweep is still to come

  // From here everything is loaded again, and what is gone is swept. FeedConsumer does this by itself when the place is
  // lost; it is for a token that the service refuses, and for a copy that is to get more columns.
  Checkpoint Reload() const { return {.token = {}, .generation = generation + 1, .loading = true}; }

  // "1:3:load:TOKEN": the version of the form, the generation, "load" or "changes", and the token. The Python package
  // writes the same.
  std::string ToText() const;
  // Nothing if the text is not of that form.
  static std::optional<Checkpoint> FromText(std::string_view text);

  bool operator==(const Checkpoint&) const = default;
};

}  // namespace journeyfeed::client
