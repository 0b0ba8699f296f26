// Tables of facts, written down apart from the protos: what the published table definitions say.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace journeyfeed::dictionary {

// The lines of facts/<name>, split at tabs and filled up to the width of the heading. Fails the test when there are
// none.
std::vector<std::vector<std::string>> ReadFacts(std::string_view name);

// Of a table of three columns: what is second and third, by what is first.
std::map<std::string, std::map<std::string, std::string>> ReadCells(std::string_view name);

// data/<name>
std::string ReadData(std::string_view name);

// As the tables of facts write it.
std::string YesOrNo(bool value, std::string_view yes = "True", std::string_view no = "False");

}  // namespace journeyfeed::dictionary
