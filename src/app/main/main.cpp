// The command line: subcommands, flags, and where settings come from (defaults, file, environment,
// flags).

#include <algorithm>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

#include "app/commands.h"
#include "app/config.h"
#include "app/version.h"
#include "base/log.h"
#include "base/nearest.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX has it in no header.

namespace aiml042::app {

namespace {

/// Flags that every command on a data directory takes.
struct CommonFlags {
    std::string config_file;
    std::string data_dir;
    std::string listen;

    void add_to(CLI::App& command, std::string_view folder = "./data") {
        command.add_option("--config", config_file, "YAML file with settings");
        command.add_option("--data-dir",
                           data_dir,
                           fmt::format("folder of everything stored (default {})", folder));
    }

    void add_listen_to(CLI::App& command) {
        command.add_option("--listen",
                           listen,
                           "address and port, such as [::1]:8042 (default 127.0.0.1:8042; port 0: "
                           "any free)");
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

/// The commands with their flags, and what the flags were set to.
class CommandLine {
  public:
    CommandLine() {
        app_.require_subcommand(0, 1);
        app_.set_help_all_flag("--help-all", "help of every command");
        declare_server();
        declare_keys();
        declare_import();
        declare_rest();
    }

    /// Parses and runs; returns the exit code.
    int run(int argc, char** argv) {
        if (const std::string wrong = unknown_command({argv + 1, argv + argc}); !wrong.empty()) {
            return complain(wrong + " (see aiml042 --help)");
        }
        try {
            app_.parse(argc, argv);
        } catch (const CLI::ParseError& error) {
            if (error.get_exit_code() == 0) {
                return app_.exit(error);
            }
            return complain(std::string(error.what()) + " (see aiml042 --help)");
        }
        return dispatch();
    }

  private:
    /// Says which of the leading words is no command; empty when all are, as far as there are any.
    [[nodiscard]] std::string unknown_command(std::span<char* const> words) const {
        const CLI::App* command = &app_;
        for (const std::string_view word : words) {
            std::vector<std::string> names;
            for (const CLI::App* each : command->get_subcommands({})) {
                names.push_back(each->get_name());
            }
            if (names.empty() || word.starts_with('-')) {
                return {};
            }
            if (std::ranges::find(names, word) == names.end()) {
                return fmt::format(
                    "{}: there is no such command{}",
                    word,
                    did_you_mean(word, std::vector<std::string_view>(names.begin(), names.end())));
            }
            command = command->get_subcommand(std::string(word));
        }
        return {};
    }

    void declare_server() {
        serve_ = app_.add_subcommand("serve", "serve the API and the page");
        flags_.add_to(*serve_);
        flags_.add_listen_to(*serve_);
        serve_->footer("Example: aiml042 serve --data-dir /var/lib/aiml042 --listen 0.0.0.0:8042");
        demo_ = app_.add_subcommand("demo", "serve with real sample data, on a folder made anew");
        flags_.add_to(*demo_, kDemoFolder);
        flags_.add_listen_to(*demo_);
        demo_->footer("Example: aiml042 demo");
    }

    void declare_keys() {
        keys_ = app_.add_subcommand("keys", "create, list or revoke API keys");
        keys_->require_subcommand(1);
        create_ = keys_->add_subcommand("create", "make a key and print it, once");
        create_->add_option("--name", keys_request_.name, "what it is for")->required();
        create_
            ->add_option("--scope",
                         keys_request_.scopes,
                         "ingest:write, metrics:read, admin, judge:run or alerts:manage")
            ->required();
        CLI::App* list = keys_->add_subcommand("list", "list keys");
        revoke_ = keys_->add_subcommand("revoke", "make a key useless at once");
        revoke_->add_option("key_id", keys_request_.key_id, "as `keys list` shows it")->required();
        for (CLI::App* command : {create_, list, revoke_}) {
            flags_.add_to(*command);
            command->add_option(
                "--project", keys_request_.project, "name or id (default: default)");
        }
        keys_->footer("Example: aiml042 keys create --name scoring-service --scope ingest:write");
    }

    void declare_import() {
        import_ = app_.add_subcommand(
            "import", "send NDJSON or CSV files to a server or into a data directory");
        flags_.add_to(*import_);
        import_
            ->add_option("files",
                         import_request_.files,
                         "NDJSON or CSV, plain, gzip or zstd; - is standard input")
            ->required();
        import_->add_flag("--labels", import_request_.labels, "the lines are labels, not events");
        import_
            ->add_option("--format", import_request_.format, "ndjson or csv (default: by the name)")
            ->check(CLI::IsMember({"ndjson", "csv"}));
        import_->add_option(
            "--map",
            import_request_.maps,
            "CSV: FIELD=COLUMN, where a column is not named like its field; columns "
            "that are no field are features");
        import_->add_option(
            "--set", import_request_.sets, "CSV: FIELD=VALUE, the same in all rows");
        import_->add_option("--text",
                            import_request_.texts,
                            "CSV: a COLUMN whose cells are texts, such as ids of digits; without "
                            "it the first 5,000 rows decide: all numbers, all true/false, else "
                            "texts; a later row that does not fit is refused");
        import_->add_option("--delimiter", import_request_.delimiter, "CSV: between two cells");
        import_->add_option(
            "--url", import_request_.url, "of a server; without it the data directory is filled");
        import_->add_option(
            "--api-key", import_request_.api_key, "key of the server (or AIML042_API_KEY)");
        import_->add_option("--project", import_request_.project, "name or id (default: default)");
        import_->footer(
            "Examples:\n"
            "  aiml042 import --data-dir ./data events-2024.ndjson.gz\n"
            "  aiml042 import --set deployment_id=fraud --set model_version=v3 --map request_id=id "
            "--text zip scores.csv");
    }

    void declare_rest() {
        verify_ =
            app_.add_subcommand("verify", "check every checksum and invariant of a data directory");
        flags_.add_to(*verify_);
        verify_->footer("Example: aiml042 verify --data-dir /var/lib/aiml042");
        describe_ = app_.add_subcommand("describe", "print a reference: config, errors or metrics");
        describe_->add_option("what", topic_, "config, errors or metrics")->required();
        describe_->footer("Example: aiml042 describe config > config.yaml");
        version_ = app_.add_subcommand("version", "print the version");
        help_ = app_.add_subcommand("help", "print this help");
    }

    int dispatch() {
        if (serve_->parsed() || demo_->parsed()) {
            const bool demo = demo_->parsed();
            return with_settings(flags_,
                                 [demo](const Config& config) { return serve(config, demo); });
        }
        if (keys_->parsed()) {
            using Action = KeysRequest::Action;
            keys_request_.action = create_->parsed()   ? Action::kCreate
                                   : revoke_->parsed() ? Action::kRevoke
                                                       : Action::kList;
            return with_settings(flags_,
                                 [&](const Config& config) { return keys(config, keys_request_); });
        }
        if (verify_->parsed()) {
            return with_settings(flags_, [](const Config& config) { return verify(config); });
        }
        if (import_->parsed()) {
            return with_settings(
                flags_, [&](const Config& config) { return import(config, import_request_); });
        }
        if (describe_->parsed()) {
            return describe(topic_);
        }
        if (app_.get_subcommands().empty()) {
            return complain("name a command (see aiml042 --help)");
        }
        if (version_->parsed()) {
            std::printf("aiml042 %s\n", kVersion);
        } else if (help_->parsed()) {
            std::printf("%s", app_.help().c_str());
        }
        return 0;
    }

    CLI::App app_{
        "aiml042 watches machine-learning and LLM systems: one binary, one data directory.",
        "aiml042"};
    CommonFlags flags_;
    KeysRequest keys_request_;
    ImportRequest import_request_;
    std::string topic_;
    CLI::App* serve_ = nullptr;
    CLI::App* demo_ = nullptr;
    CLI::App* keys_ = nullptr;
    CLI::App* create_ = nullptr;
    CLI::App* revoke_ = nullptr;
    CLI::App* import_ = nullptr;
    CLI::App* verify_ = nullptr;
    CLI::App* describe_ = nullptr;
    CLI::App* version_ = nullptr;
    CLI::App* help_ = nullptr;
};

}  // namespace

}  // namespace aiml042::app

int main(int argc, char** argv) {
    umask(0077);  // Whatever is stored is the owner's alone.
    return aiml042::app::CommandLine().run(argc, argv);
}
