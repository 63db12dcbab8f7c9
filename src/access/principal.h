// Who is asking, and what that lets them do.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace aiml042::access {

/// Bits. `admin` implies all others within its project.
enum class Scope : std::uint32_t {
    kNone = 0,
    kIngestWrite = 1,     // ingest:write
    kMetricsRead = 2,     // metrics:read
    kAdmin = 4,           // admin
    kJudgeRun = 8,        // judge:run
    kAlertsManage = 16,   // alerts:manage
    kSignedIn = 1U << 31  // Asked of a caller, never held: any valid credential will do.
};

/// Empty for kNone and kSignedIn.
[[nodiscard]] std::string_view scope_name(Scope scope);
[[nodiscard]] std::optional<Scope> parse_scope(std::string_view name);

/// Names of all scopes in `scopes`, in the order of the enumeration.
[[nodiscard]] std::vector<std::string_view> scope_names(std::uint32_t scopes);

/// A key or a browser session, bound to one project.
struct Principal {
    ProjectId project{};
    std::uint32_t scopes = 0;  // Of Scope bits.
    std::string key_id;        // Of the key; of the session's origin for a browser.
    bool browser = false;      // By cookie: unsafe methods need the CSRF header.

    [[nodiscard]] bool allows(Scope scope) const {
        const auto bit = static_cast<std::uint32_t>(scope);
        return scope == Scope::kNone || (scope == Scope::kSignedIn && !key_id.empty()) ||
               (scopes & bit) != 0 || (scopes & static_cast<std::uint32_t>(Scope::kAdmin)) != 0;
    }
};

}  // namespace aiml042::access
