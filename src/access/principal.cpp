#include "access/principal.h"

#include <array>
#include <utility>

namespace aiml042::access {

namespace {

constexpr std::array kScopes = {
    std::pair<Scope, std::string_view>{Scope::kIngestWrite, "ingest:write"},
    std::pair<Scope, std::string_view>{Scope::kMetricsRead, "metrics:read"},
    std::pair<Scope, std::string_view>{Scope::kAdmin, "admin"},
    std::pair<Scope, std::string_view>{Scope::kJudgeRun, "judge:run"},
    std::pair<Scope, std::string_view>{Scope::kAlertsManage, "alerts:manage"},
};

}  // namespace

std::string_view scope_name(Scope scope) {
    for (const auto& [known, name] : kScopes) {
        if (known == scope) {
            return name;
        }
    }
    return {};
}

std::optional<Scope> parse_scope(std::string_view name) {
    for (const auto& [scope, known] : kScopes) {
        if (known == name) {
            return scope;
        }
    }
    return std::nullopt;
}

std::vector<std::string_view> scope_names(std::uint32_t scopes) {
    std::vector<std::string_view> names;
    for (const auto& [scope, name] : kScopes) {
        if ((scopes & static_cast<std::uint32_t>(scope)) != 0) {
            names.push_back(name);
        }
    }
    return names;
}

}  // namespace aiml042::access
