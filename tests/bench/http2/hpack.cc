#include "tests/bench/http2/hpack.h"

#include <cstdint>

namespace journeyfeed::bench::http2 {
namespace {

constexpr std::uint8_t kIndexed = 0x80;
constexpr std::uint8_t kLiteralIndexed = 0x40;
constexpr std::uint8_t kTableSize = 0x20;
constexpr std::uint8_t kHuffman = 0x80;
constexpr char kMethodPost = '\x83';  // fields 3 and 6 of the static table
constexpr char kSchemeHttp = '\x86';

void AppendInteger(std::string& out, int prefix_bits, std::uint8_t first, std::size_t value) {
  const std::size_t most = (std::size_t{1} << prefix_bits) - 1;
  if (value < most) {
    out.push_back(static_cast<char>(first | value));
    return;
  }
  out.push_back(static_cast<char>(first | most));
  for (value -= most; value >= 128; value >>= 7) out.push_back(static_cast<char>(value | 128));
  out.push_back(static_cast<char>(value));
}

void AppendText(std::string& out, std::string_view text) {
  AppendInteger(out, 7, 0, text.size());
  out += text;
}

// Reads a block from its beginning. After a failure every further read fails.
class BlockReader {
 public:
  explicit BlockReader(std::string_view block) : rest_(block) {}

  bool done() const { return rest_.empty() || failed_; }
  std::uint8_t Peek() const { return static_cast<std::uint8_t>(rest_.front()); }

  std::optional<std::size_t> Integer(int prefix_bits) {
    const std::size_t most = (std::size_t{1} << prefix_bits) - 1;
    std::optional<std::uint8_t> byte = Byte();
    if (!byte) return std::nullopt;
    std::size_t value = *byte & most;
    if (value < most) return value;
    for (int shift = 0; shift < 28; shift += 7) {
      byte = Byte();
      if (!byte) return std::nullopt;
      value += (*byte & std::size_t{127}) << shift;
      if (*byte < 128) return value;
    }
    failed_ = true;
    return std::nullopt;
  }

  // Empty for a Huffman-coded text.
  std::optional<std::string_view> Text() {
    if (done()) return std::nullopt;
    const bool coded = (Peek() & kHuffman) != 0;
    const std::optional<std::size_t> size = Integer(7);
    if (!size || *size > rest_.size()) {
      failed_ = true;
      return std::nullopt;
    }
    const std::string_view text = rest_.substr(0, *size);
    rest_.remove_prefix(*size);
    return coded ? std::string_view() : text;
  }

 private:
  std::optional<std::uint8_t> Byte() {
    if (done()) {
      failed_ = true;
      return std::nullopt;
    }
    const std::uint8_t byte = Peek();
    rest_.remove_prefix(1);
    return byte;
  }

  std::string_view rest_;
  bool failed_ = false;
};

struct Field {
  std::string_view name, value;
};

// The next literal field with a literal name; empty for anything else.
Field NextField(BlockReader& reader) {
  const std::uint8_t first = reader.Peek();
  if ((first & kIndexed) != 0) {
    reader.Integer(7);
    return {};
  }
  if ((first & kLiteralIndexed) == 0 && (first & kTableSize) != 0) {
    reader.Integer(5);
    return {};
  }
  const auto index = reader.Integer((first & kLiteralIndexed) != 0 ? 6 : 4);
  const auto name = index == 0u ? reader.Text() : std::optional<std::string_view>("");
  const auto value = reader.Text();
  return {name.value_or(""), value.value_or("")};
}

}  // namespace

void AppendField(std::string& block, std::string_view name, std::string_view value) {
  block.push_back(0);
  AppendText(block, name);
  AppendText(block, value);
}

std::string RequestBlock(std::string_view path, std::string_view authority) {
  std::string block{kMethodPost, kSchemeHttp};
  AppendField(block, ":path", path);
  AppendField(block, ":authority", authority);
  AppendField(block, "content-type", "application/grpc");
  AppendField(block, "te", "trailers");
  return block;
}

std::optional<std::string> FindField(std::string_view block, std::string_view name) {
  for (BlockReader reader(block); !reader.done();) {
    const Field field = NextField(reader);
    if (field.name == name) return std::string(field.value);
  }
  return std::nullopt;
}

}  // namespace journeyfeed::bench::http2
