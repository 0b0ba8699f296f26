// Turns the events of a JSON parser into a Definition. One word holds the state: known levels nest in only one way, and
// all others are counted and skipped.
#pragma once

#include <nlohmann/json.hpp>

#include "services/customer_journey/validation/definition.h"

namespace journeyfeed::customer_journey {

// The function names are those that nlohmann::json::sax_parse calls. Returning false ends the parsing.
class DefinitionReader {
 public:
  explicit DefinitionReader(Definition& definition) : out_(definition) {}

  bool null();
  bool boolean(bool value);
  bool number_integer(std::int64_t value);
  bool number_unsigned(std::uint64_t value);
  bool number_float(double value, const std::string& text);
  bool string(std::string& value);
  bool binary(nlohmann::json::binary_t&) { return true; }  // JSON has no such value
  bool start_object(std::size_t);
  bool key(std::string& name);
  bool end_object() { return End(); }
  bool start_array(std::size_t);
  bool end_array() { return End(); }
  // Does not use the message of the exception, because it quotes the definition.
  bool parse_error(std::size_t offset, const std::string& last_token, const nlohmann::json::exception& error);

 private:
  enum class Level { kTop, kActivities, kActivity, kProperties, kItems, kItem, kConditions, kCondition };
  // A value that may stand in a field: all that the reader looks at.
  struct Scalar {
    enum class Kind { kNull, kBoolean, kInteger, kNumber, kText } kind;
    std::int64_t integer = 0;
    std::string* text = nullptr;  // the reader may move from it
  };

  bool TakeScalar(Scalar value);
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
  std::size_t skipping_ = 0;  // open brackets inside a skipped value
  std::size_t entries_ = 0;   // in the outermost array
  int field_ = -1;            // the known field of the current object whose value comes next; -1: another field
  unsigned seen_activity_ = 0, seen_properties_ = 0, seen_item_ = 0, seen_condition_ = 0;  // seen fields, as bits
};

}  // namespace journeyfeed::customer_journey
