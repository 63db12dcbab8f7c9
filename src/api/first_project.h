// What is the server's and not a project's is for the first project: the one that is there from the
// start, whose keys whoever runs the server holds.

#pragma once

#include <string_view>

#include "access/principal.h"
#include "base/status.h"
#include "catalog/catalog.h"

namespace aiml042::api {

[[nodiscard]] bool of_first_project(const catalog::Catalog& catalog,
                                    const access::Principal& principal);

/// kForbidden with `why` for everybody else.
[[nodiscard]] Status only_first_project(const catalog::Catalog& catalog,
                                        const access::Principal& principal,
                                        std::string_view why);

}  // namespace aiml042::api
