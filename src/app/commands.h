// The subcommands: each returns the exit code (0 good, 1 found something, 2 could not run) and
// prints one line per fault.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/config.h"
#include "base/status.h"

namespace aiml042::app {

/// Serves until SIGTERM or SIGINT; with `demo` on a folder made anew and filled with the bundled
/// replays.
int serve(const Config& config, bool demo);

/// Checks every checksum and invariant of a data directory that no server has open. 1 when
/// something is damaged.
int verify(const Config& config);

struct KeysRequest {
    enum class Action : std::uint8_t { kCreate, kList, kRevoke } action = Action::kList;
    std::string project = "default";  // Name or public id.
    std::string name;                 // Of the key to create.
    std::vector<std::string> scopes;
    std::string key_id;  // To revoke.
};

int keys(const Config& config, const KeysRequest& request);

struct ImportRequest {
    std::vector<std::string> files;  // NDJSON or CSV, plain, gzip or zstd; "-" is standard input.
    bool labels = false;
    std::string format;              // "ndjson" or "csv"; empty: by the file's name.
    std::vector<std::string> maps;   // Of CSV: "field=column".
    std::vector<std::string> sets;   // Of CSV: "field=value", the same in all rows.
    std::vector<std::string> texts;  // Of CSV: columns that are text, whatever they look like.
    std::optional<char> delimiter;   // Of CSV; empty: a comma, a tab for .tsv.
    std::string project = "default";
    std::string url;      // Of a server; empty: the data directory.
    std::string api_key;  // For `url`.
};

/// 1 when items were refused.
int import(const Config& config, const ImportRequest& request);

/// Prints one of: config, errors, metrics.
int describe(const std::string& what);

/// Prints "aiml042: <text>" to standard error; returns 2.
int complain(const std::string& text);
int complain(const Status& status);

}  // namespace aiml042::app
