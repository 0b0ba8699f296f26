// Returns the value of a Result, or throws std::runtime_error with its message: an unexpected failure ends the test.
#pragma once

#include <stdexcept>
#include <utility>

#include "storage/failure.h"

namespace journeyfeed::testing {

template <typename T>
T OrThrow(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace journeyfeed::testing
