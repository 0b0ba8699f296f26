// As much of HPACK (RFC 7541) as a client needs that sends few requests and asks its peer for no dynamic table.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace journeyfeed::bench::http2 {

// Appends a literal field: no table, no Huffman code.
void AppendField(std::string& block, std::string_view name, std::string_view value);

// The header block of a gRPC call.
std::string RequestBlock(std::string_view path, std::string_view authority);

// The value of the field `name` in a block whose sender keeps no dynamic table. Finds only fields with a literal name
// and value: Huffman-coded ones, which gRPC's C core does not send, and those of the static table are passed over.
std::optional<std::string> FindField(std::string_view block, std::string_view name);

}  // namespace journeyfeed::bench::http2
