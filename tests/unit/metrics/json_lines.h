// Reads gzipped or plain JSON and NDJSON files of the shared data. For tests only.

#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include <simdjson.h>
#include <zlib.h>

namespace aiml042::metrics::testing {

/// The folder of shared real data, or nothing (then tests skip and say so).
inline std::optional<std::filesystem::path> shared_data() {
    const char* given = std::getenv("AIML042_SHARED_DATA");  // NOLINT(concurrency-mt-unsafe)
    const std::filesystem::path path = given != nullptr ? given : AIML_REPO_ROOT "/../shared/data";
    return std::filesystem::exists(path / "DEFINITIONS.json") ? std::optional(path) : std::nullopt;
}

/// The whole file, inflated (zlib reads plain files as they are). Empty when it cannot be read.
inline std::string read_file(const std::filesystem::path& path) {
    std::string out;
    gzFile file = gzopen(path.c_str(), "rb");
    if (file == nullptr) {
        return out;
    }
    char buffer[1 << 16];
    int n = 0;
    while ((n = gzread(file, buffer, sizeof(buffer))) > 0) {
        out.append(buffer, static_cast<std::size_t>(n));
    }
    gzclose(file);
    return out;
}

/// Calls visit(element) for every line.
template <typename Visitor>
void for_each_line(const std::filesystem::path& path, Visitor&& visit) {
    const std::string text = read_file(path);
    simdjson::dom::parser parser;
    std::size_t begin = 0;
    while (begin < text.size()) {
        std::size_t end = text.find('\n', begin);
        end = end == std::string::npos ? text.size() : end;
        if (end > begin) {
            simdjson::dom::element element;
            if (parser.parse(text.data() + begin, end - begin).get(element) == simdjson::SUCCESS) {
                visit(element);
            }
        }
        begin = end + 1;
    }
}

/// A number, also where it is written as an integer; nothing for null and other types.
template <typename Element>
std::optional<double> number(Element element) {
    double value = 0.0;
    return element.get(value) == simdjson::SUCCESS ? std::optional(value) : std::nullopt;
}

}  // namespace aiml042::metrics::testing
