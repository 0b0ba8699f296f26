#include "cli/journey/journey_graph.h"

#include <map>
#include <string_view>
#include <vector>

#include "services/customer_journey/validation/definition.h"
#include "services/customer_journey/validation/fault_list.h"
#include "services/customer_journey/validation/tree.h"

namespace journeyfeed::cli {
namespace {

namespace cj = customer_journey;

// Escapes for a quoted string of DOT, where a backslash escapes and "&" begins an entity. Cuts long texts.
std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : cj::Shortened(text)) {
    if (c == '"' || c == '\\')
      (escaped += '\\') += c;
    else if (c == '&')
      escaped += "&amp;";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      escaped += ' ';
    else
      escaped += c;
  }
  return escaped;
}

constexpr char kRed[] = "color=\"red\", fontcolor=\"red\"";

class Drawing {
 public:
  Drawing(const customerjourney::v1::CustomerJourney& journey, const cj::ValidationResult& result)
      : definition_(cj::ReadDefinition(journey.workflow_definition())), tree_(definition_) {
    for (const cj::Fault& fault : result.faults) {
      if (fault.level != cj::Level::kValid) faults_[fault.activity_id].push_back(&fault);
    }
    text_ = "digraph journey {\n  label=\"" + Escaped(journey.name()) +
            "\";\n  labelloc=\"t\";\n  node [shape=\"box\", style=\"rounded\", fontname=\"sans-serif\"];\n"
            "  edge [fontname=\"sans-serif\"];\n";
  }

  std::string Draw() && {
    for (std::size_t i = 0; i < definition_.activities.size(); ++i) AddActivity(i);
    for (std::size_t i = 0; i < definition_.activities.size(); ++i) AddArrow(i);
    AddNote();
    return std::move(text_) + "}";
  }

 private:
  // The codes of the faults there, one per line.
  std::string CodesAt(const std::string& activity_id) const {
    std::string codes;
    const auto found = faults_.find(activity_id);
    if (found == faults_.end()) return codes;
    for (const cj::Fault* fault : found->second) codes += "\\n" + Escaped(fault->code);
    return codes;
  }

  void AddActivity(std::size_t index) {
    const cj::Activity& activity = definition_.activities[index];
    const auto items = definition_.ItemsOf(activity);
    std::string label = Escaped(activity.type);
    if (!items.empty() && !items.front().name.empty()) label += "\\n" + Escaped(items.front().name);
    label += "\\n" + Escaped(activity.id);
    const std::string codes = activity.id.empty() ? "" : CodesAt(cj::Shortened(activity.id));
    text_ += "  a" + std::to_string(index) + " [label=\"" + label + codes + "\"";
    if (!codes.empty()) (text_ += ", ") += kRed;
    text_ += "];\n";
  }

  void AddArrow(std::size_t index) {
    const cj::Activity& activity = definition_.activities[index];
    const std::string name = "a" + std::to_string(index);
    if (tree_.ParentOf(index) != cj::kNone) {
      text_ += "  a" + std::to_string(tree_.ParentOf(index)) + " -> " + name;
      const cj::Relationship relationship = cj::RelationshipOf(activity);
      if (relationship == cj::Relationship::kYes) text_ += " [label=\"yes\"]";
      if (relationship == cj::Relationship::kNo) text_ += " [label=\"no\"]";
      text_ += ";\n";
    } else if (!activity.parent.empty()) {
      text_ += "  p" + std::to_string(index) + " [label=\"" + Escaped(activity.parent) + "\", style=\"dashed\", " +
               kRed + "];\n  p" + std::to_string(index) + " -> " + name + " [style=\"dashed\", color=\"red\"];\n";
    }
  }

  void AddNote() {
    const std::string codes = CodesAt("");
    if (codes.empty()) return;
    text_ += "  faults [shape=\"note\", style=\"\", label=\"" + codes.substr(2) + "\", " + kRed + "];\n";
  }

  const cj::Definition definition_;
  const cj::Tree tree_;
  std::map<std::string, std::vector<const cj::Fault*>> faults_;  // by activity id, cut as in the faults
  std::string text_;
};

}  // namespace

std::string DotOf(const customerjourney::v1::CustomerJourney& journey, const cj::ValidationResult& faults) {
  return Drawing(journey, faults).Draw();
}

}  // namespace journeyfeed::cli
