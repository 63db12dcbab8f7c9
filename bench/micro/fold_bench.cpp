// Measures the fold: events of 20 features and labels per second through the committed-record path,
// CPU time of the one thread that does it.
//
//   fold_bench [events, default 1000000]

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

#include "base/limits.h"
#include "codec/item_parser.h"
#include "fold/record_fold.h"
#include "identity/index.h"
#include "store/store.h"

using namespace aiml042;  // NOLINT(google-build-using-namespace)

namespace {

constexpr ProjectId kProject{1};
constexpr std::uint64_t kSeed = 7;
constexpr Timestamp kStart = 1'764'000'000LL * kSecond;
constexpr std::size_t kBatch = 1'000;

struct Record {
    std::string payload;
    std::uint32_t count = 0;
};

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void must(const Status& status) {
    if (!status.is_ok()) {
        std::fprintf(stderr, "%s\n", status.to_string().c_str());
        std::exit(1);
    }
}

std::string event_json(std::size_t i) {
    std::string out = R"({"deployment_id":"credit","model_version":"v3","request_id":"req-)" +
                      std::to_string(i) + R"(","timestamp":)" +
                      std::to_string((kStart + static_cast<Timestamp>(i) * 10) / kMillisecond) +
                      R"(,"latency_ms":)" + std::to_string(5 + i % 40) +
                      R"(,"prediction":{"score":0.)" + std::to_string(10'000 + i * 7'919 % 89'999) +
                      R"(},"features":{)";
    for (std::size_t f = 0; f < 17; ++f) {
        out += R"("feature_)" + std::to_string(f) + R"(":)" +
               std::to_string((i * (f + 3)) % 1'000) + "." + std::to_string(f) + ",";
    }
    return out + R"("region":"r)" + std::to_string(i % 12) + R"(","plan":"p)" +
           std::to_string(i % 5) + R"(","new":)" + (i % 3 == 0 ? "true" : "false") + "}}";
}

std::string label_json(std::size_t i) {
    return R"({"deployment_id":"credit","request_id":"req-)" + std::to_string(i) +
           R"(","label":{"class":")" + std::to_string(i % 2) + R"("}})";
}

template <typename Item>
std::vector<Record> make(codec::BatchKind kind, std::size_t count, Item item) {
    codec::ItemParser parser;
    codec::ParsedBatch batch;
    std::vector<Record> records;
    for (std::size_t from = 0; from < count; from += kBatch) {
        std::string body = "[";
        for (std::size_t i = from; i < std::min(count, from + kBatch); ++i) {
            body += (i == from ? "" : ",") + item(i);
        }
        body += "]";
        const std::size_t size = body.size();
        body.append(codec::ItemParser::kPadding, ' ');
        const std::string_view text(body.data(), size);
        const codec::ParseContext context{
            .project = kProject, .identity_seed = kSeed, .arrival = kStart};
        must(kind == codec::BatchKind::kEvents
                 ? parser.parse_events(text, codec::BodyForm::kJson, context, batch)
                 : parser.parse_labels(text, codec::BodyForm::kJson, context, batch));
        records.push_back(
            {batch.head + batch.rows, static_cast<std::uint32_t>(batch.extents.size())});
        if (batch.extents.size() != batch.items) {
            std::fprintf(stderr, "an item was refused\n");
            std::exit(1);
        }
    }
    return records;
}

struct Engine {
    std::unique_ptr<store::Store> store;
    std::unique_ptr<identity::Index> identities;
    Lsn next = 1;

    double run(fold::RecordFold& fold, const std::vector<Record>& records, double& seals) {
        double spent = 0;
        std::size_t bytes = 0;
        for (const Record& record : records) {
            const double begin = cpu_seconds();
            fold.apply({.first = next, .count = record.count, .payload = record.payload},
                       fold::RecordFold::Mode::kLive);
            store->publish(fold.last());
            const double applied = cpu_seconds();
            spent += applied - begin;
            next += record.count;
            bytes += record.payload.size();
            if (bytes > limits::kFoldSealCheckBytes) {
                bytes = 0;
                must(store->seal(kStart, kMinute));
                seals += cpu_seconds() - applied;
            }
        }
        return spent;
    }
};

void insert_identities(identity::Index& identities, const std::vector<Record>& records) {
    for (const Record& record : records) {
        auto reader = codec::BatchReader::open(record.payload);
        must(reader.status());
        model::EventRow row;
        while (reader->next(row)) {
            identities.insert(row.identity, fold::day_of(row.timestamp), reader->arrival());
        }
    }
}

void decode(const std::vector<Record>& records) {
    for (const Record& record : records) {
        auto reader = codec::BatchReader::open(record.payload);
        must(reader.status());
        model::EventRow row;
        while (reader->next(row)) {
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
    const std::string folder = (std::filesystem::temp_directory_path() /
                                ("aiml042_fold_bench_" + std::to_string(::getpid())))
                                   .string();
    std::filesystem::create_directories(folder);
    Engine engine;
    auto store = store::Store::open({.folder = folder + "/store"});
    must(store.status());
    engine.store = std::move(*store);
    auto index = identity::Index::open({.folder = folder + "/ids"});
    must(index.status());
    engine.identities = std::move(*index);
    const auto events = make(codec::BatchKind::kEvents, count, event_json);
    const auto labels = make(codec::BatchKind::kLabels, count, label_json);
    insert_identities(*engine.identities, events);
    const double begin = cpu_seconds();
    decode(events);
    const double decoding = cpu_seconds() - begin;
    fold::RecordFold fold(*engine.store, *engine.identities, kSeed);
    double event_seals = 0;
    double label_seals = 0;
    const double event_seconds = engine.run(fold, events, event_seals);
    const double label_seconds = engine.run(fold, labels, label_seals);
    const auto each = [&](double seconds) { return seconds * 1e9 / static_cast<double>(count); };
    std::printf(
        "events of 20 features: %.0f ns each (%.2f M/s), of which decoding %.0f; seals %.0f ns "
        "more\n",
        each(event_seconds),
        1e3 / each(event_seconds),
        each(decoding),
        each(event_seals));
    std::printf("labels: %.0f ns each (%.2f M/s); seals %.0f ns more\n",
                each(label_seconds),
                1e3 / each(label_seconds),
                each(label_seals));
    engine.store.reset();
    engine.identities.reset();
    std::filesystem::remove_all(folder);
    return 0;
}
