// Tables of facts, written down separately from the protos: the published table definitions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace journeyfeed::dictionary {

// The lines of facts/<name>, split at tabs and padded to the width of the heading. Fails the test if there are none.
std::vector<std::vector<std::string>> ReadFacts(std::string_view name);

// For a table of three columns: the second and third, by the first.
std::map<std::string, std::map<std::string, std::string>> ReadCells(std::string_view name);

// data/<name>
std::string ReadData(std::string_view name);

// In the form of the tables of facts.
std::string YesOrNo(bool value, std::string_view yes = "True", std::string_view no = "False");

}  // namespace journeyfeed::dictionary
