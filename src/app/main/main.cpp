// The command line: subcommands, flags, and where settings come from (defaults, file, environment,
// flags).

#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/config.h"
#include "app/version.h"
#include "base/log.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX has it in no header.

namespace aiml042::app {

namespace {

/// Flags that every command on a data directory takes.
struct CommonFlags {
    std::string config_file;
    std::string data_dir;
    std::string listen;

    void add_to(CLI::App& command, bool listens) {
        command.add_option("--config", config_file, "YAML file with settings");
        command.add_option("--data-dir", data_dir, "folder of everything stored (default ./data)");
        if (listens) {
            command.add_option(
                "--listen", listen, "address and port (default 127.0.0.1:8042; port 0: any free)");
        }
    }
};

Status set_log_level(const std::string& name) {
    constexpr std::pair<std::string_view, LogLevel> kLevels[] = {{"debug", LogLevel::kDebug},
                                                                 {"info", LogLevel::kInfo},
                                                                 {"warn", LogLevel::kWarn},
                                                                 {"error", LogLevel::kError}};
    for (const auto& [text, level] : kLevels) {
        if (text == name) {
            aiml042::set_log_level(level);
            return Status::ok();
        }
    }
    return {ErrorCode::kInvalidArgument,
            "log.level: expected debug, info, warn or error, got \"" + name + "\""};
}

Result<Config> settings(const CommonFlags& flags) {
    Config config;
    std::vector<std::string> notes;
    if (!flags.config_file.empty()) {
        AIML_TRY(load_config(flags.config_file, config, notes));
    }
    AIML_TRY(apply_environment(environ, config));
    if (!flags.data_dir.empty()) {
        config.storage_data_dir = flags.data_dir;
    }
    if (!flags.listen.empty()) {
        config.server_listen = flags.listen;
    }
    AIML_TRY(set_log_level(config.log_level));
    for (const std::string& note : notes) {
        log_warn("config_note", {{"text", note}});
    }
    return config;
}

/// Runs `command` with the settings, or says why there are none.
template <typename Command>
int with_settings(const CommonFlags& flags, Command command) {
    const Result<Config> config = settings(flags);
    return config.is_ok() ? command(*config) : complain(config.status());
}

int run(int argc, char** argv) {
    CLI::App app(
        "aiml042 watches machine-learning and LLM systems: one binary, one data directory.",
        "aiml042");
    app.require_subcommand(0, 1);
    app.set_help_all_flag("--help-all", "help of every command");
    CommonFlags flags;
    KeysRequest keys_request;
    ImportRequest import_request;
    std::string topic;

    CLI::App* serve_command = app.add_subcommand("serve", "serve the API and the page");
    flags.add_to(*serve_command, true);
    serve_command->footer(
        "Example: aiml042 serve --data-dir /var/lib/aiml042 --listen 0.0.0.0:8042");

    CLI::App* demo_command =
        app.add_subcommand("demo", "serve with real sample data, on a folder made anew");
    flags.add_to(*demo_command, true);
    demo_command->footer("Example: aiml042 demo");

    CLI::App* keys_command = app.add_subcommand("keys", "create, list or revoke API keys");
    keys_command->require_subcommand(1);
    CLI::App* create = keys_command->add_subcommand("create", "make a key and print it, once");
    create->add_option("--name", keys_request.name, "what it is for")->required();
    create
        ->add_option("--scope",
                     keys_request.scopes,
                     "ingest:write, metrics:read, admin, judge:run or alerts:manage")
        ->required();
    CLI::App* list = keys_command->add_subcommand("list", "list keys");
    CLI::App* revoke = keys_command->add_subcommand("revoke", "make a key useless at once");
    revoke->add_option("key_id", keys_request.key_id, "as `keys list` shows it")->required();
    for (CLI::App* command : {create, list, revoke}) {
        flags.add_to(*command, false);
        command->add_option("--project", keys_request.project, "name or id (default: default)");
    }
    keys_command->footer(
        "Example: aiml042 keys create --name scoring-service --scope ingest:write");

    CLI::App* verify_command =
        app.add_subcommand("verify", "check every checksum and invariant of a data directory");
    flags.add_to(*verify_command, false);
    verify_command->footer("Example: aiml042 verify --data-dir /var/lib/aiml042");

    CLI::App* import_command =
        app.add_subcommand("import", "send NDJSON files to a server or into a data directory");
    flags.add_to(*import_command, false);
    import_command
        ->add_option(
            "files", import_request.files, "NDJSON, plain, .gz or .zst; - is standard input")
        ->required();
    import_command->add_flag("--labels", import_request.labels, "the lines are labels, not events");
    import_command->add_option(
        "--url", import_request.url, "of a server; without it the data directory is filled");
    import_command->add_option(
        "--api-key", import_request.api_key, "key of the server (or AIML042_API_KEY)");
    import_command->add_option(
        "--project", import_request.project, "name or id (default: default)");
    import_command->footer("Example: aiml042 import --data-dir ./data events-2024.ndjson.gz");

    CLI::App* describe_command =
        app.add_subcommand("describe", "print a reference: config, errors or metrics");
    describe_command->add_option("what", topic, "config, errors or metrics")->required();
    describe_command->footer("Example: aiml042 describe config > config.yaml");

    CLI::App* version_command = app.add_subcommand("version", "print the version");
    CLI::App* help_command = app.add_subcommand("help", "print this help");

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            return app.exit(error);
        }
        return complain(std::string(error.what()) + " (see aiml042 --help)");
    }
    if (serve_command->parsed() || demo_command->parsed()) {
        const bool demo = demo_command->parsed();
        return with_settings(flags, [demo](const Config& config) { return serve(config, demo); });
    }
    if (keys_command->parsed()) {
        using Action = KeysRequest::Action;
        keys_request.action = create->parsed()   ? Action::kCreate
                              : revoke->parsed() ? Action::kRevoke
                                                 : Action::kList;
        return with_settings(flags,
                             [&](const Config& config) { return keys(config, keys_request); });
    }
    if (verify_command->parsed()) {
        return with_settings(flags, [](const Config& config) { return verify(config); });
    }
    if (import_command->parsed()) {
        return with_settings(flags,
                             [&](const Config& config) { return import(config, import_request); });
    }
    if (describe_command->parsed()) {
        return describe(topic);
    }
    if (app.get_subcommands().empty()) {
        return complain("name a command (see aiml042 --help)");
    }
    if (version_command->parsed()) {
        std::printf("aiml042 %s\n", kVersion);
    } else if (help_command->parsed()) {
        std::printf("%s", app.help().c_str());
    }
    return 0;
}

}  // namespace

}  // namespace aiml042::app

int main(int argc, char** argv) {
    return aiml042::app::run(argc, argv);
}
