#include "tests/bench/http2/grpc_message.h"

namespace journeyfeed::bench::http2 {

std::string Framed(std::string_view message) {
  std::string framed(1, '\0');  // not compressed
  AppendNumber(framed, static_cast<std::uint32_t>(message.size()));
  framed += message;
  return framed;
}

}  // namespace journeyfeed::bench::http2
