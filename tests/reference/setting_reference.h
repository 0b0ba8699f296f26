// docs/settings.md.
#pragma once

#include <string>

namespace journeyfeed::reference {

// Every setting of journeyfeed-server in the order of --help, only from the table of settings.
std::string SettingReference();

}  // namespace journeyfeed::reference
