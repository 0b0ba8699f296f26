// The entities that tests of tokens and views use.
#pragma once

#include "storage/dictionary/dictionary.h"

namespace journeyfeed::feed {

inline const dictionary::Entity& Session() { return *dictionary::AllEntities().at(0); }
inline const dictionary::Entity& Journey() { return *dictionary::AllEntities().at(1); }

}  // namespace journeyfeed::feed
