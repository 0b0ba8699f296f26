// docs/settings.md.
#pragma once

#include <string>

namespace journeyfeed::reference {

// Every setting of journeyfeed-server in the order of --help, from the table of settings alone.
std::string SettingReference();

}  // namespace journeyfeed::reference
