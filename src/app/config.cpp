#include "app/config.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <variant>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "base/nearest.h"

namespace aiml042::app {

namespace {

using Member = std::variant<std::string Config::*,
                            std::uint64_t Config::*,
                            bool Config::*,
                            std::vector<std::string> Config::*>;

struct Field {
    std::string_view key;
    Member member;
    std::uint64_t min;
    std::uint64_t max;
    std::string_view text;
};

const std::vector<Field>& fields() {
    static const std::vector<Field>* const kFields = new std::vector<Field>{
#define AIML_CONFIG(key, member, min, max, text) {key, &Config::member, min, max, text},
#include "app/config_fields.inc"
#undef AIML_CONFIG
    };
    return *kFields;
}

/// Sections of the requirements' sample that name services this binary has inside.
constexpr std::array<std::string_view, 3> kForeign = {
    "storage.clickhouse", "storage.postgres", "llm_judge"};

const Field* find_field(std::string_view key) {
    for (const Field& field : fields()) {
        if (field.key == key) {
            return &field;
        }
    }
    return nullptr;
}

Status unknown_key(std::string_view where, std::string_view key) {
    std::vector<std::string_view> keys;
    for (const Field& field : fields()) {
        keys.push_back(field.key);
    }
    return {ErrorCode::kInvalidArgument,
            fmt::format("{}{}: unknown key{}", where, key, did_you_mean(key, keys))};
}

constexpr std::string_view kPrefix = "AIML042_";

/// Variables that are no settings: of the program, of the clients, of scripts and tests.
constexpr std::array<std::string_view, 9> kOtherVariables = {"AIML042_ADMIN_KEY",
                                                             "AIML042_API_KEY",
                                                             "AIML042_ENDPOINT",
                                                             "AIML042_BUILD_TESTS",
                                                             "AIML042_CHROMIUM",
                                                             "AIML042_SABOTAGE_FAULT",
                                                             "AIML042_SHARED_DATA",
                                                             "AIML042_URL",
                                                             "AIML042_WRITE_DOCS"};

/// AIML042_INGEST__MAX_BODY_KB of ingest.max_body_kb.
std::string variable_of(const Field& field) {
    std::string name(kPrefix);
    for (const char c : field.key) {
        if (c == '.') {
            name += "__";
        } else {
            name.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
        }
    }
    return name;
}

bool is_read_elsewhere(std::string_view name) {
    // Kubernetes gives these to every container beside a service called aiml042.
    const std::string_view rest = name.substr(kPrefix.size());
    const bool service =
        rest == "PORT" || rest.starts_with("PORT_") || rest.starts_with("SERVICE_");
    return service || std::ranges::find(kOtherVariables, name) != kOtherVariables.end();
}

Status unknown_variable(std::string_view name) {
    std::vector<std::string> variables;
    std::ranges::transform(fields(), std::back_inserter(variables), variable_of);
    std::vector<std::string_view> names(kOtherVariables.begin(), kOtherVariables.end());
    names.insert(names.end(), variables.begin(), variables.end());
    std::string near = did_you_mean(name, names);
    // Without its section a name is far from every other.
    const std::string_view rest = name.substr(kPrefix.size());
    const auto full = std::ranges::find_if(variables, [&](const std::string& variable) {
        return variable.ends_with(fmt::format("__{}", rest));
    });
    if (full != variables.end()) {
        near = fmt::format(" (did you mean {}?)", *full);
    }
    return {ErrorCode::kInvalidArgument, fmt::format("{}: unknown variable{}", name, near)};
}

std::string in_quotes(std::string_view text) {
    return fmt::format("\"{}{}\"", text.substr(0, 60), text.size() > 60 ? "…" : "");
}

/// Empty on success, else what was expected.
std::string assign(const Field& field, std::string_view text, Config& config) {
    if (const auto* string = std::get_if<std::string Config::*>(&field.member)) {
        config.** string = text;
        return {};
    }
    if (const auto* flag = std::get_if<bool Config::*>(&field.member)) {
        if (text != "true" && text != "false") {
            return "true or false";
        }
        config.** flag = text == "true";
        return {};
    }
    if (const auto* list = std::get_if<std::vector<std::string> Config::*>(&field.member)) {
        std::vector<std::string>& items = config.**list;
        items.clear();
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t comma = std::min(text.find(',', begin), text.size());
            items.emplace_back(text.substr(begin, comma - begin));
            begin = comma + 1;
        }
        return {};
    }
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < field.min ||
        value > field.max) {
        return fmt::format("an integer from {} to {}", field.min, field.max);
    }
    config.*std::get<std::uint64_t Config::*>(field.member) = value;
    return {};
}

std::string position(const std::string& path, const YAML::Mark& mark) {
    return fmt::format("{}:{}:{} ", path, mark.line + 1, mark.column + 1);
}

Status assign_node(const std::string& path,
                   const Field& field,
                   const YAML::Node& node,
                   Config& config) {
    std::string text;
    if (node.IsSequence() &&
        std::holds_alternative<std::vector<std::string> Config::*>(field.member)) {
        for (const auto& item : node) {
            text += (text.empty() ? "" : ",") + item.Scalar();
        }
    } else if (!node.IsScalar()) {
        return {ErrorCode::kInvalidArgument,
                fmt::format("{}{}: expected one value", position(path, node.Mark()), field.key)};
    } else {
        text = node.Scalar();
    }
    if (const std::string expected = assign(field, text, config); !expected.empty()) {
        return {ErrorCode::kInvalidArgument,
                fmt::format("{}{}: expected {}, got {}",
                            position(path, node.Mark()),
                            field.key,
                            expected,
                            in_quotes(text))};
    }
    return Status::ok();
}

bool is_section(std::string_view key) {
    return std::ranges::any_of(fields(), [&](const Field& field) {
        return field.key.starts_with(key) && field.key.substr(key.size()).starts_with('.');
    });
}

/// A section that is no map: nothing, when all its keys are left out.
Status check_empty(const std::string& path, const std::string& key, const YAML::Node& node) {
    if (node.IsNull()) {
        return Status::ok();
    }
    return {ErrorCode::kInvalidArgument,
            fmt::format("{}{}: expected a section with keys below it, got {}",
                        position(path, node.Mark()),
                        key,
                        node.IsScalar() ? in_quotes(node.Scalar()) : "a list")};
}

Status walk(const std::string& path,
            const std::string& prefix,
            const YAML::Node& node,
            Config& config,
            std::vector<std::string>& notes) {
    std::map<std::string, YAML::Mark> seen;
    for (const auto& entry : node) {
        const YAML::Mark mark = entry.first.Mark();
        const std::string key =
            prefix.empty() ? entry.first.Scalar() : prefix + "." + entry.first.Scalar();
        if (const auto [first, is_new] = seen.emplace(key, mark); !is_new) {
            return {ErrorCode::kInvalidArgument,
                    fmt::format("{}{}: given twice, first at {}:{}:{}",
                                position(path, mark),
                                key,
                                path,
                                first->second.line + 1,
                                first->second.column + 1)};
        }
        if (std::ranges::find(kForeign, key) != kForeign.end()) {
            notes.push_back(fmt::format("{}{}: not used: this part is built in or not there yet",
                                        position(path, mark),
                                        key));
            continue;
        }
        if (const Field* field = find_field(key)) {
            AIML_TRY(assign_node(path, *field, entry.second, config));
        } else if (entry.second.IsMap() && prefix.empty()) {
            AIML_TRY(walk(path, key, entry.second, config, notes));
        } else if (is_section(key)) {
            AIML_TRY(check_empty(path, key, entry.second));
        } else {
            return unknown_key(position(path, mark), key);
        }
    }
    return Status::ok();
}

}  // namespace

Status load_config(const std::string& path, Config& config, std::vector<std::string>& notes) {
    if (!std::filesystem::is_regular_file(path)) {
        return {ErrorCode::kInvalidArgument, fmt::format("--config {}: no such file", path)};
    }
    try {
        const YAML::Node root = YAML::LoadFile(path);
        if (root.IsNull()) {
            return Status::ok();
        }
        if (!root.IsMap()) {
            return {ErrorCode::kInvalidArgument,
                    fmt::format("{}: expected sections with keys", position(path, root.Mark()))};
        }
        return walk(path, {}, root, config, notes);
    } catch (const YAML::Exception& error) {
        return {ErrorCode::kInvalidArgument,
                fmt::format("{}{}", position(path, error.mark), error.msg)};
    }
}

Status apply_environment(char** environment, Config& config) {
    for (char** entry = environment; *entry != nullptr; ++entry) {
        const std::string_view line = *entry;
        const std::size_t equals = line.find('=');
        const std::string_view name = line.substr(0, equals);
        if (equals == std::string_view::npos || !name.starts_with(kPrefix)) {
            continue;
        }
        const auto field = std::ranges::find(fields(), name, variable_of);
        if (field == fields().end()) {
            if (is_read_elsewhere(name)) {
                continue;
            }
            return unknown_variable(name);
        }
        const std::string_view text = line.substr(equals + 1);
        if (const std::string expected = assign(*field, text, config); !expected.empty()) {
            return {ErrorCode::kInvalidArgument,
                    fmt::format("{}: expected {}, got {}", name, expected, in_quotes(text))};
        }
    }
    return Status::ok();
}

std::string sample_config() {
    const Config defaults;
    std::string text =
        "# Every setting of aiml042 with its default. Each can also be given as "
        "AIML042_SECTION__KEY.\n";
    std::string_view section;
    for (const Field& field : fields()) {
        const std::size_t dot = field.key.find('.');
        if (const std::string_view name = field.key.substr(0, dot); name != section) {
            section = name;
            text += fmt::format("\n{}:\n", section);
        }
        std::string value;
        std::string bounds;
        if (const auto* string = std::get_if<std::string Config::*>(&field.member)) {
            value = fmt::format("\"{}\"", defaults.**string);
        } else if (const auto* flag = std::get_if<bool Config::*>(&field.member)) {
            value = defaults.**flag ? "true" : "false";
        } else if (const auto* number = std::get_if<std::uint64_t Config::*>(&field.member)) {
            value = fmt::format("{}", defaults.**number);
            bounds = fmt::format(" ({} to {})", field.min, field.max);
        } else {
            value = "[]";
        }
        text += fmt::format(
            "  # {}{}.\n  {}: {}\n", field.text, bounds, field.key.substr(dot + 1), value);
    }
    return text;
}

}  // namespace aiml042::app
