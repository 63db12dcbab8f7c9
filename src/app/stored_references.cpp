#include "app/stored_references.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "query/nearest.h"

namespace aiml042::app {

namespace {

Result<query::StoredReference> find(const catalog::Catalog& catalog,
                                    ProjectId project,
                                    std::string_view deployment,
                                    std::string_view name,
                                    std::uint32_t version) {
    AIML_ASSIGN(const auto all, catalog.references(project, deployment));
    const catalog::Reference* found = nullptr;
    std::vector<std::string> names;
    for (const catalog::Reference& one : all) {  // By name and version: the last one is the latest.
        if (one.name == name && (version == 0 || one.version == version)) {
            found = &one;
        }
        names.push_back(one.name);
    }
    if (found == nullptr) {
        return Status(ErrorCode::kNotFound,
                      fmt::format("there is no reference \"{}{}\" of this deployment{}",
                                  name,
                                  version == 0 ? "" : fmt::format("@{}", version),
                                  query::did_you_mean(name, names)),
                      "/reference");
    }
    return query::StoredReference{.id = found->id,
                                  .version = found->version,
                                  .created_at = found->created_at,
                                  .source = found->source};
}

}  // namespace

query::ReferenceSource stored_references(const catalog::Catalog& catalog) {
    return {.find =
                [&catalog](ProjectId project,
                           std::string_view deployment,
                           std::string_view name,
                           std::uint32_t version) {
                    return find(catalog, project, deployment, name, version);
                },
            .column =
                [&catalog](std::int64_t id, std::string_view column) {
                    return catalog.reference_column(id, column);
                }};
}

}  // namespace aiml042::app
