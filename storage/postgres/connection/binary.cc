#include "storage/postgres/connection/binary.h"

#include <endian.h>

#include <bit>

namespace journeyfeed::postgres {
namespace {

template <typename T>
T ToBigEndian(T value) {
  if constexpr (sizeof(T) == 2) return static_cast<T>(htobe16(static_cast<std::uint16_t>(value)));
  if constexpr (sizeof(T) == 4) return static_cast<T>(htobe32(static_cast<std::uint32_t>(value)));
  if constexpr (sizeof(T) == 8) return static_cast<T>(htobe64(static_cast<std::uint64_t>(value)));
}

template <typename T>
void Append(std::string& bytes, T value) {
  const T wire = ToBigEndian(value);
  bytes.append(reinterpret_cast<const char*>(&wire), sizeof wire);
}

template <typename T>
std::string Encode(T value) {
  std::string bytes;
  Append(bytes, value);
  return bytes;
}

template <typename T>
T Decode(const char* bytes) {
  T wire;
  std::memcpy(&wire, bytes, sizeof wire);
  return ToBigEndian(wire);  // the swap is its own inverse
}

std::string_view BytesOf(const Uuid& id) { return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()}; }

struct Appender {
  ArrayBuilder& array;
  void operator()(std::monostate) const { array.AddNull(); }
  void operator()(const std::string& text) const { array.Add(std::string_view(text)); }
  template <typename T>
  void operator()(const T& other) const {
    array.Add(other);
  }
};

struct ParamAppender {
  Params& params;
  void operator()(std::monostate) const { params.AddNull(); }
  void operator()(bool value) const { params.AddEncoded(std::string(1, value ? '\1' : '\0')); }
  void operator()(Timestamp value) const { params.Add(value.micros - kPostgresEpochMicros); }
  void operator()(const std::string& text) const { params.Add(std::string_view(text)); }
  template <typename T>
  void operator()(const T& other) const {
    params.Add(other);
  }
};

}  // namespace

void Params::Add(std::int16_t value) { values_.push_back(Encode(value)); }
void Params::Add(std::int32_t value) { values_.push_back(Encode(value)); }
void Params::Add(std::int64_t value) { values_.push_back(Encode(value)); }
void Params::Add(const Uuid& value) { values_.emplace_back(BytesOf(value)); }
void Params::Add(std::string_view text) { values_.emplace_back(text); }
void Params::AddNull() { values_.push_back(std::nullopt); }

void Params::AddValue(const Value& value) { std::visit(ParamAppender{*this}, value); }

ArrayBuilder::ArrayBuilder(Element element) {
  Append(bytes_, std::int32_t{1});  // dimensions
  Append(bytes_, std::int32_t{0});  // has nulls, completed in Take
  Append(bytes_, static_cast<std::int32_t>(element));
  Append(bytes_, std::int32_t{0});  // length, completed in Take
  Append(bytes_, std::int32_t{1});  // lower bound
}

void ArrayBuilder::AddNull() {
  Append(bytes_, std::int32_t{-1});
  has_null_ = true;
  ++count_;
}

void ArrayBuilder::Add(bool value) {
  Append(bytes_, std::int32_t{1});
  bytes_.push_back(value ? 1 : 0);
  ++count_;
}

void ArrayBuilder::Add(std::int16_t value) {
  Append(bytes_, std::int32_t{2});
  Append(bytes_, value);
  ++count_;
}

void ArrayBuilder::Add(std::int32_t value) {
  Append(bytes_, std::int32_t{4});
  Append(bytes_, value);
  ++count_;
}

void ArrayBuilder::Add(std::int64_t value) {
  Append(bytes_, std::int32_t{8});
  Append(bytes_, value);
  ++count_;
}

void ArrayBuilder::Add(const Uuid& value) { Add(BytesOf(value)); }

void ArrayBuilder::Add(Timestamp value) { Add(value.micros - kPostgresEpochMicros); }

void ArrayBuilder::Add(std::string_view text) {
  Append(bytes_, static_cast<std::int32_t>(text.size()));
  bytes_.append(text);
  ++count_;
}

void ArrayBuilder::Add(const Value& value) { std::visit(Appender{*this}, value); }

std::string ArrayBuilder::TakeText() && {
  const std::int32_t has_null = ToBigEndian(std::int32_t{has_null_ ? 1 : 0});
  const std::int32_t count = ToBigEndian(count_);
  std::memcpy(bytes_.data() + 4, &has_null, sizeof has_null);
  std::memcpy(bytes_.data() + 12, &count, sizeof count);
  return std::move(bytes_);
}

std::int16_t Row::Int2(int column) const { return Decode<std::int16_t>(PQgetvalue(result_, row_, column)); }
std::int32_t Row::Int4(int column) const { return Decode<std::int32_t>(PQgetvalue(result_, row_, column)); }
double Row::Float8(int column) const {
  return std::bit_cast<double>(Decode<std::int64_t>(PQgetvalue(result_, row_, column)));
}
std::int64_t Row::Int8(int column) const { return Decode<std::int64_t>(PQgetvalue(result_, row_, column)); }

Uuid Row::Id(int column) const {
  Uuid id;
  std::memcpy(id.bytes.data(), PQgetvalue(result_, row_, column), id.bytes.size());
  return id;
}

Timestamp Row::Time(int column) const { return Timestamp{Int8(column) + kPostgresEpochMicros}; }

std::optional<std::string> Row::Text(int column) const {
  if (IsNull(column)) return std::nullopt;
  return std::string(Bytes(column));
}

std::vector<std::optional<std::int64_t>> Row::Int8Array(int column) const {
  constexpr std::size_t kHeader = 20;
  const std::string_view bytes = Bytes(column);
  std::vector<std::optional<std::int64_t>> numbers;
  for (std::size_t at = kHeader; at + 4 <= bytes.size();) {
    const bool null = Decode<std::int32_t>(bytes.data() + at) < 0;
    at += 4;
    numbers.push_back(null ? std::nullopt : std::optional(Decode<std::int64_t>(bytes.data() + at)));
    if (!null) at += sizeof(std::int64_t);
  }
  return numbers;
}

}  // namespace journeyfeed::postgres
