#include <filesystem>

#include <fmt/format.h>

#include "access/principal.h"
#include "access/secret.h"
#include "app/commands.h"
#include "app/instance.h"
#include "base/time.h"
#include "os/clock.h"

namespace aiml042::app {

namespace {

int create(catalog::Catalog& catalog, ProjectId project, const KeysRequest& request) {
    std::uint32_t scopes = 0;
    for (const std::string& name : request.scopes) {
        const auto scope = access::parse_scope(name);
        if (!scope) {
            return complain(
                "--scope " + name +
                ": expected ingest:write, metrics:read, admin, judge:run or alerts:manage");
        }
        scopes |= static_cast<std::uint32_t>(*scope);
    }
    const access::NewKey made = access::make_key(
        {.project = project, .name = request.name, .scopes = scopes, .expires_at = std::nullopt},
        os::SystemClock().now());
    if (const Status status = catalog.add_key(made.record); !status.is_ok()) {
        return complain(status);
    }
    fmt::print("{} {}\nThe key is shown this once.\n", made.record.key_id, made.secret);
    return 0;
}

int list(const catalog::Catalog& catalog, ProjectId project) {
    fmt::print("{:<16} {:<10} {:<28} {:<8} {}\n", "key_id", "prefix", "scopes", "state", "name");
    for (const catalog::ApiKey& key : catalog.keys()) {
        if (key.project != project) {
            continue;
        }
        std::string scopes;
        for (std::uint32_t bit = 1; bit <= static_cast<std::uint32_t>(access::Scope::kAlertsManage);
             bit <<= 1) {
            if ((key.scopes & bit) != 0) {
                scopes += (scopes.empty() ? "" : ",") +
                          std::string(access::scope_name(static_cast<access::Scope>(bit)));
            }
        }
        fmt::print("{:<16} {:<10} {:<28} {:<8} {}\n",
                   key.key_id,
                   key.prefix,
                   scopes,
                   key.revoked ? "revoked" : "good",
                   key.name);
    }
    return 0;
}

int revoke(catalog::Catalog& catalog, ProjectId project, const std::string& key_id) {
    const Result<bool> found = catalog.revoke_key(project, key_id);
    if (!found.is_ok()) {
        return complain(found.status());
    }
    return *found ? 0 : complain(key_id + ": no such key in this project");
}

}  // namespace

/// Works beside a running server: SQLite orders the writers, and the server looks for changes every
/// second.
int keys(const Config& config, const KeysRequest& request) {
    if (!std::filesystem::exists(config.storage_data_dir + "/catalog.db")) {
        return complain("--data-dir " + config.storage_data_dir + ": no data directory");
    }
    const auto catalog = catalog::Catalog::open(config.storage_data_dir + "/catalog.db");
    if (!catalog.is_ok()) {
        return complain(catalog.status());
    }
    const auto project = find_project(**catalog, request.project);
    if (!project) {
        return complain("--project " + request.project + ": no such project");
    }
    switch (request.action) {
        case KeysRequest::Action::kCreate:
            return create(**catalog, project->id, request);
        case KeysRequest::Action::kRevoke:
            return revoke(**catalog, project->id, request.key_id);
        case KeysRequest::Action::kList:
            break;
    }
    return list(**catalog, project->id);
}

}  // namespace aiml042::app
