// The events of a JSON parser, as a Definition. Where the reader stands is one word: levels that are known nest in one
// way only, and all others are counted and passed over.
#pragma once

#include <nlohmann/json.hpp>

#include "services/customer_journey/validation/definition.h"

namespace journeyfeed::customer_journey {

// The names are those that nlohmann::json::sax_parse calls. A return of false ends the parsing.
class DefinitionReader {
 public:
  explicit DefinitionReader(Definition& definition) : out_(definition) {}

  bool null();
  bool boolean(bool value);
  bool number_integer(std::int64_t value);
  bool number_unsigned(std::uint64_t value);
  bool number_float(double value, const std::string& text);
  bool string(std::string& value);
  bool binary(nlohmann::json::binary_t&) { return true; }  // no such thing in JSON
  bool start_object(std::size_t);
  bool key(std::string& name);
  bool end_object() { return End(); }
  bool start_array(std::size_t);
  bool end_array() { return End(); }
  // The message of the exception quotes the definition: not used.
  bool parse_error(std::size_t offset, const std::string& last_token, const nlohmann::json::exception& error);

 private:
  enum class Level { kTop, kActivities, kActivity, kProperties, kItems, kItem, kConditions, kCondition };
  // A value that may stand in a field: the whole of what the reader looks at.
  struct Scalar {
    enum class Kind { kNull, kBoolean, kInteger, kNumber, kText } kind;
    std::int64_t integer = 0;
    std::string* text = nullptr;  // may be moved from
  };

  bool Take(Scalar value);
  void TakeForActivity(Scalar value);
  void TakeForItem(Scalar value);
  void TakeForCondition(Scalar value);
  bool StartActivity();
  bool StartItem();
  bool StartCondition();
  bool Skip();
  bool End();

  void SetText(Scalar value, std::string& field);
  void SetInteger(Scalar value, std::optional<std::int64_t>& field);
  void WrongType();
  void Wrong(std::string problem);
  void NoEntry(std::string what);
  bool Stop(Rule rule, std::vector<std::string> arguments);
  void Report(Problem problem);

  Definition& out_;
  Level level_ = Level::kTop;
  std::size_t skipping_ = 0;  // open brackets inside a value that is passed over
  std::size_t entries_ = 0;   // of the outermost array
  int field_ = -1;            // the known field of the current object whose value comes; -1: another one
  unsigned seen_activity_ = 0, seen_properties_ = 0, seen_item_ = 0, seen_condition_ = 0;  // fields, as bits
};

}  // namespace journeyfeed::customer_journey
