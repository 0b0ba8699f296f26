// The part of PostgreSQL's binary wire format that the hot path uses: parameters and result fields, without escaping
// and without parsing of numbers and times. The format does not stop a NUL in a text: the services refuse it.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/types.h"

namespace journeyfeed::postgres {

// The wire format counts times from 2000-01-01.
inline constexpr std::int64_t kPostgresEpochMicros = 946684800000000;

// Parameters of one execution. Not thread-safe.
class Params {
 public:
  void Add(std::int16_t value);
  void Add(std::int32_t value);
  void Add(std::int64_t value);
  void Add(const Uuid& value);
  void Add(std::string_view text);
  void AddNull();
  // Encodes by the alternative that the value holds.
  void AddValue(const Value& value);
  // Already in binary form, for example a field of an earlier result.
  void AddEncoded(std::optional<std::string> encoded) { values_.push_back(std::move(encoded)); }
  template <typename T>
  void Add(const std::optional<T>& value) {
    value ? Add(*value) : AddNull();
  }
  // The encoded array of an ArrayBuilder.
  void AddArray(std::string encoded) { values_.push_back(std::move(encoded)); }

  int size() const { return static_cast<int>(values_.size()); }
  // Valid until the next Add.
  const std::vector<std::optional<std::string>>& values() const { return values_; }

 private:
  std::vector<std::optional<std::string>> values_;
};

// One-dimensional array in binary form.
class ArrayBuilder {
 public:
  enum class Element : std::uint32_t {
    kBool = 16,
    kInt8 = 20,
    kInt2 = 21,
    kInt4 = 23,
    kText = 25,
    kTimestamptz = 1184,
    kUuid = 2950
  };

  explicit ArrayBuilder(Element element);

  void AddNull();
  void Add(bool value);
  void Add(std::int16_t value);
  void Add(std::int32_t value);
  void Add(std::int64_t value);
  void Add(const Uuid& value);
  void Add(Timestamp value);
  void Add(std::string_view text);
  // Encodes by the alternative that the value holds.
  void Add(const Value& value);
  template <typename T>
  void Add(const std::optional<T>& value) {
    value ? Add(*value) : AddNull();
  }

  std::string TakeText() &&;

 private:
  std::string bytes_;
  std::int32_t count_ = 0;
  bool has_null_ = false;
};

// Fields of a binary result row. Preconditions: the column exists and has the named type; not null unless the name says
// so.
class Row {
 public:
  Row(const PGresult* result, int row) : result_(result), row_(row) {}

  bool IsNull(int column) const { return PQgetisnull(result_, row_, column) != 0; }
  std::string_view Bytes(int column) const {
    return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
  }
  bool Bool(int column) const { return *PQgetvalue(result_, row_, column) != 0; }
  std::int16_t Int2(int column) const;
  std::int32_t Int4(int column) const;
  std::int64_t Int8(int column) const;
  double Float8(int column) const;
  std::int64_t Int8Or(int column, std::int64_t fallback) const { return IsNull(column) ? fallback : Int8(column); }
  Uuid Id(int column) const;
  Timestamp Time(int column) const;
  std::optional<std::string> Text(int column) const;
  // bigint[]
  std::vector<std::optional<std::int64_t>> Int8Array(int column) const;

 private:
  const PGresult* result_;
  int row_;
};

}  // namespace journeyfeed::postgres
