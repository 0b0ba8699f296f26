#include "tests/unit/bench/xml.h"

#include <regex>
#include <vector>

namespace journeyfeed::testing {
namespace {

// One piece of a document: a declaration, a tag, or text.
const std::regex& Piece() {
  const std::string entity = "&(?:amp|lt|gt|quot);";
  const std::string attribute = " [a-z][a-z0-9-]*=\"(?:[^<&\"]|" + entity + ")*\"";
  static const std::regex piece("<\\?xml [^?]*\\?>|<(/?)([a-z]+)((?:" + attribute + ")*)(/?)>|(?:[^<>&]|" + entity +
                                ")+");
  return piece;
}

}  // namespace

std::string XmlProblem(std::string_view document) {
  std::vector<std::string> open;
  const char* at = document.data();
  const char* const end = at + document.size();
  for (std::cmatch match; at != end; at = match[0].second) {
    if (!std::regex_search(at, end, match, Piece(), std::regex_constants::match_continuous))
      return "not well-formed: " + std::string(at, std::min<std::ptrdiff_t>(end - at, 60));
    if (match[2].length() == 0) continue;
    if (match[1].length() > 0) {
      if (open.empty() || open.back() != match[2]) return "closes what is not open: " + match[0].str();
      open.pop_back();
    } else if (match[4].length() == 0) {
      open.push_back(match[2]);
    }
  }
  return open.empty() ? "" : "not closed: " + open.back();
}

}  // namespace journeyfeed::testing
