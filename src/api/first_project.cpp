#include "api/first_project.h"

#include <string>

namespace aiml042::api {

bool of_first_project(const catalog::Catalog& catalog, const access::Principal& principal) {
    const auto projects = catalog.projects();
    return !projects.empty() && projects.front().id == principal.project;
}

Status only_first_project(const catalog::Catalog& catalog,
                          const access::Principal& principal,
                          std::string_view why) {
    return of_first_project(catalog, principal) ? Status::ok()
                                                : Status(ErrorCode::kForbidden, std::string(why));
}

}  // namespace aiml042::api
