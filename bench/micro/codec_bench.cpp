// Measures the parser beside bare simdjson on the same bytes, the reader of batches, and inflation.
//
//   codec_bench [events per body] [repetitions]       (default: 500 25)
//
// Events have 20 features (14 numbers, 4 strings, 2 booleans), 2 metadata strings and about 630
// bytes. "Bare simdjson" is on-demand, one document per line, every value read and unescaped,
// nothing checked, nothing kept. Numbers are CPU time of this thread per item.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <simdjson.h>

#include "codec/batch.h"
#include "codec/inflate.h"
#include "codec/item_parser.h"

using namespace aiml042;         // NOLINT(google-build-using-namespace)
using namespace aiml042::codec;  // NOLINT(google-build-using-namespace)
namespace ondemand = simdjson::ondemand;

namespace {

double cpu_nanoseconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

std::string event_line(std::size_t i, std::mt19937_64& random) {
    std::uniform_real_distribution<double> unit(0.0, 1.0);
    char text[512];
    static const char* const kRegions[] = {
        "north_america", "europe", "asia_pacific", "latin_america"};
    static const char* const kDevices[] = {"ios", "android", "web"};
    const double score = unit(random);
    std::snprintf(
        text,
        sizeof(text),
        R"({"deployment_id":"bench","model_version":"v%d","request_id":"req-%012zu","timestamp":)"
        R"("2025-11-25T10:%02zu:%02zu.%03zuZ","prediction":{"class":"%s","score":%.6f},"features":{)",
        static_cast<int>(1 + random() % 2),
        i,
        i / 60'000 % 60,
        i / 1'000 % 60,
        i % 1'000,
        score >= 0.5 ? "yes" : "no",
        score);
    std::string line = text;
    std::snprintf(
        text,
        sizeof(text),
        R"("age":%d,"region":"%s","device":"%s","is_new":%s,"plan":"p%d","vip":%s,"segment":"s%02d")",
        static_cast<int>(18 + random() % 60),
        kRegions[random() % 4],
        kDevices[random() % 3],
        random() % 2 == 0 ? "true" : "false",
        static_cast<int>(random() % 5),
        random() % 9 == 0 ? "true" : "false",
        static_cast<int>(random() % 20));
    line += text;
    for (int n = 0; n < 13; ++n) {
        std::snprintf(text,
                      sizeof(text),
                      ",\"feature_%02d\":%.*f",
                      n,
                      n % 3 == 0 ? 6 : 3,
                      std::exp(4.0 * unit(random)));
        line += text;
    }
    std::snprintf(text,
                  sizeof(text),
                  R"(},"latency_ms":%.1f,"metadata":{"cohort":"%s","ab_bucket":"%c"}})"
                  "\n",
                  5.0 - 20.0 * std::log(1.0 - unit(random)),
                  kDevices[random() % 3],
                  random() % 2 == 0 ? 'A' : 'B');
    return line + text;
}

std::string label_line(std::size_t i, std::mt19937_64& random) {
    char text[256];
    std::snprintf(
        text,
        sizeof(text),
        R"({"request_id":"req-%012zu","deployment_id":"bench","label":{"class":"%s"},"label_ts":)"
        R"("2025-11-26T10:02:31.000Z","source":"crm"})"
        "\n",
        i,
        random() % 2 == 0 ? "yes" : "no");
    return text;
}

/// Reads every value; the sum keeps the compiler honest.
double visit(ondemand::value value) {
    switch (value.type()) {
        case ondemand::json_type::object: {
            double sum = 0.0;
            for (auto field : value.get_object()) {
                sum += static_cast<double>(std::string_view(field.unescaped_key()).size());
                sum += visit(field.value());
            }
            return sum;
        }
        case ondemand::json_type::array: {
            double sum = 0.0;
            for (auto item : value.get_array()) {
                sum += visit(item.value());
            }
            return sum;
        }
        case ondemand::json_type::string:
            return static_cast<double>(std::string_view(value.get_string()).size());
        case ondemand::json_type::number:
            return value.get_double();
        case ondemand::json_type::boolean:
            return bool(value.get_bool()) ? 1.0 : 0.0;
        default:
            return 0.0;
    }
}

double bare_simdjson(ondemand::parser& parser, std::string_view body, std::size_t capacity) {
    double sum = 0.0;
    const char* const end = body.data() + body.size();
    for (const char* at = body.data(); at < end;) {
        const auto* const line_end =
            static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
        const auto size = static_cast<std::size_t>(line_end - at);
        ondemand::document document =
            parser.iterate(at, size, capacity - static_cast<std::size_t>(at - body.data()));
        for (auto field : document.get_object()) {
            sum += static_cast<double>(std::string_view(field.unescaped_key()).size());
            sum += visit(field.value());
        }
        at = line_end + 1;
    }
    return sum;
}

struct Case {
    const char* name;
    double bytes;  // Per item.
    std::function<void()> work;
    std::vector<double> times{};  // Nanoseconds per item.

    [[nodiscard]] double median() const { return times[times.size() / 2]; }
};

/// Runs all cases in turn, again and again, so that a busy neighbour meets them alike; sorts their
/// times.
void measure(std::vector<Case>& cases, std::size_t items, int repetitions) {
    // About 50,000 items each time, so that the clock does not matter.
    const std::size_t rounds = std::max<std::size_t>(1, 50'000 / items);
    for (int i = 0; i < repetitions; ++i) {
        for (Case& one : cases) {
            const double begin = cpu_nanoseconds();
            for (std::size_t round = 0; round < rounds; ++round) {
                one.work();
            }
            one.times.push_back((cpu_nanoseconds() - begin) / static_cast<double>(items * rounds));
        }
    }
    for (Case& one : cases) {
        std::sort(one.times.begin(), one.times.end());
        const double time = one.median();
        std::printf("%-28s median %6.0f ns  %6.2f M/s  %6.0f MB/s   best %6.0f ns  %6.2f M/s\n",
                    one.name,
                    time,
                    1e3 / time,
                    one.bytes * 1e3 / time,
                    one.times.front(),
                    1e3 / one.times.front());
    }
}

std::string padded(std::string body) {
    body.append(ItemParser::kPadding, ' ');
    return body;
}

std::string as_array(const std::string& lines) {
    std::string text = "[" + lines;
    std::replace(text.begin(), text.end(), '\n', ',');
    text.back() = ']';
    return text;
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t items = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 500;
    const int repetitions = argc > 2 ? std::atoi(argv[2]) : 25;
    std::mt19937_64 random(42);
    std::string lines;
    std::string label_lines;
    for (std::size_t i = 0; i < items; ++i) {
        lines += event_line(i, random);
        label_lines += label_line(i, random);
    }
    const double bytes = static_cast<double>(lines.size()) / static_cast<double>(items);
    const double label_bytes = static_cast<double>(label_lines.size()) / static_cast<double>(items);
    const std::string array = as_array(lines);
    const std::string lines_padded = padded(lines);
    const std::string array_padded = padded(array);
    const std::string labels_padded = padded(label_lines);
    std::printf("%zu items per body, events of %.0f bytes, labels of %.0f bytes\n",
                items,
                bytes,
                label_bytes);

    const ParseContext context{
        .project = ProjectId{1}, .identity_seed = 42, .arrival = 1'764'064'951LL * kSecond};
    ItemParser parser;
    ParsedBatch batch;
    ondemand::parser bare;
    model::EventRow row;
    std::string inflated;
    double sum = 0.0;
    bool good =
        parser.parse_events({lines_padded.data(), lines.size()}, BodyForm::kNdjson, context, batch)
            .is_ok() &&
        batch.extents.size() == items;
    const std::string payload = batch.head + batch.rows;
    const double row_bytes = static_cast<double>(payload.size()) / static_cast<double>(items);
    const std::string gzipped = deflate(lines, Encoding::kGzip, 6);
    const std::string zstd = deflate(lines, Encoding::kZstd, 1);
    const auto check = [&good](const Status& status) { good = good && status.is_ok(); };

    std::vector<Case> cases;
    cases.push_back(
        {"bare simdjson, lines", bytes, [&] {
             sum += bare_simdjson(bare, {lines_padded.data(), lines.size()}, lines_padded.size());
         }});
    cases.push_back(
        {"parse_events, lines", bytes, [&] {
             check(parser.parse_events(
                 {lines_padded.data(), lines.size()}, BodyForm::kNdjson, context, batch));
         }});
    cases.push_back({"parse_events, array", bytes, [&] {
                         check(parser.parse_events(
                             {array_padded.data(), array.size()}, BodyForm::kJson, context, batch));
                     }});
    cases.push_back({"read back", row_bytes, [&] {
                         auto reader = BatchReader::open(payload);
                         while (reader->next(row)) {
                             sum += row.score;
                         }
                         good = good && reader->ok();
                     }});
    cases.push_back(
        {"parse_labels, lines", label_bytes, [&] {
             check(parser.parse_labels(
                 {labels_padded.data(), label_lines.size()}, BodyForm::kNdjson, context, batch));
         }});
    cases.push_back({"inflate gzip -6", bytes, [&] {
                         check(inflate(gzipped, Encoding::kGzip, std::size_t{64} << 20, inflated));
                     }});
    cases.push_back({"inflate zstd -1", bytes, [&] {
                         check(inflate(zstd, Encoding::kZstd, std::size_t{64} << 20, inflated));
                     }});
    measure(cases, items, repetitions);
    std::printf(
        "bytes of a row %.0f, parse_events / bare simdjson: median %.2f, best %.2f (checksum %g)\n",
        row_bytes,
        cases[1].median() / cases[0].median(),
        cases[1].times.front() / cases[0].times.front(),
        sum);
    return good ? 0 : 1;
}
