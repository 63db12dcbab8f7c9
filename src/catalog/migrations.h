// The schema's history. Number n of the list brings a database from user_version n to n + 1;
// forward only.

#pragma once

#include <span>

namespace aiml042::catalog {

[[nodiscard]] std::span<const char* const> migrations();

}  // namespace aiml042::catalog
