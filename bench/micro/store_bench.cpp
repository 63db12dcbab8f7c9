// Speed and size of the store on one core: columns encoded and decoded, rows appended and sealed,
// labels applied and joined. Prints one line per measurement, CPU time of the calling thread;
// columns and joins are medians of five runs.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <unistd.h>

#include "base/check.h"
#include "model/row.h"
#include "store/column_codec.h"
#include "store/store.h"

using namespace aiml042;
using namespace aiml042::store;
using model::ColumnVector;
using model::ValueType;

namespace {

constexpr std::size_t kRows = 65'536;
constexpr Timestamp kStart = 1'700'006'400 * kSecond;

// CPU time of this thread, so that a busy machine disturbs less.
double cpu_seconds() {
    timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

double median_seconds(const std::function<void()>& work) {
    std::vector<double> seconds;
    for (int run = 0; run < 5; ++run) {
        const double begin = cpu_seconds();
        work();
        seconds.push_back(cpu_seconds() - begin);
    }
    std::sort(seconds.begin(), seconds.end());
    return seconds[seconds.size() / 2];
}

void bench_column(const char* name, const ColumnVector& column) {
    std::string encoded;
    const double encode = median_seconds([&] { encoded = encode_column(column, 1); });
    const double decode = median_seconds([&] { AIML_CHECK(decode_column(encoded).is_ok()); });
    const auto rows = static_cast<double>(kRows);
    std::printf("column %-24s %6.2f B/value  encode %6.2f ns  decode %6.2f ns\n",
                name,
                static_cast<double>(encoded.size()) / rows,
                encode * 1e9 / rows,
                decode * 1e9 / rows);
}

ColumnVector numbers(const std::function<double()>& next) {
    ColumnVector column;
    for (std::size_t i = 0; i < kRows; ++i) {
        column.numbers.push_back(next());
    }
    return column;
}

ColumnVector strings(const std::function<std::string(std::size_t)>& at) {
    ColumnVector column;
    column.type = ValueType::kString;
    for (std::size_t i = 0; i < kRows; ++i) {
        column.codes.push_back(column.strings.add(at(i)));
    }
    return column;
}

std::string hex_of(std::mt19937_64& random, std::size_t digits) {
    std::string text;
    for (std::size_t i = 0; i < digits; ++i) {
        text.push_back("0123456789abcdef"[random() % 16]);
    }
    return text;
}

void bench_columns() {
    std::mt19937_64 random(1);
    const auto below = [&](std::uint64_t n) { return static_cast<double>(random() % n); };
    ColumnVector times;
    times.type = ValueType::kTime;
    Timestamp t = kStart;
    for (std::size_t i = 0; i < kRows; ++i) {
        times.integers.push_back(t += static_cast<Timestamp>(random() % 2'000) * kMillisecond);
    }
    bench_column("time, ms, sorted", times);
    bench_column("score, 6 decimals", numbers([&] { return below(1'000'001) / 1e6; }));
    bench_column("amount, 2 decimals", numbers([&] { return below(1'000'000) / 100; }));
    bench_column("integer below 100", numbers([&] { return below(100); }));
    bench_column("boolean", numbers([&] { return below(2); }));
    bench_column("half missing",
                 numbers([&] { return below(2) == 0 ? model::kMissing : below(1'000); }));
    bench_column("true double", numbers([&] { return std::sqrt(1 + below(1ULL << 40)); }));
    bench_column("float as double", numbers([&] {
                     return static_cast<double>(static_cast<float>(below(1ULL << 40) / 7));
                 }));
    bench_column("12 true doubles", numbers([&] { return std::sqrt(2 + below(12)); }));
    bench_column("id fl-012345", strings([](std::size_t i) {
                     std::string digits = std::to_string(i);
                     return "fl-" + std::string(6 - digits.size(), '0') + digits;
                 }));
    bench_column("id uuid", strings([&](std::size_t) {
                     return hex_of(random, 8) + "-" + hex_of(random, 4) + "-4" + hex_of(random, 3) +
                            "-a" + hex_of(random, 3) + "-" + hex_of(random, 12);
                 }));
    bench_column("id 16 hex digits", strings([&](std::size_t) { return hex_of(random, 16); }));
    bench_column("text, distinct", strings([&](std::size_t i) {
                     return "user " + std::to_string(i) + " asked about topic " +
                            std::to_string(random() % 50);
                 }));
    ColumnVector classes;
    classes.type = ValueType::kString;
    for (int i = 0; i < 8; ++i) {
        classes.strings.add("class " + std::to_string(i));
    }
    for (std::size_t i = 0; i < kRows; ++i) {
        classes.codes.push_back(static_cast<std::uint32_t>(random() % 8));
    }
    bench_column("string, 8 values", classes);
}

// The synthetic event of the sizing: 14 numbers, 4 strings, 2 booleans, 2 metadata strings.
class Synthetic {
  public:
    explicit Synthetic(Store& store)
        : store_(store), deployment_(store.intern_deployment(ProjectId{1}, "bench")) {
        const auto add = [&](model::ColumnKind kind, ValueType type, const std::string& name) {
            row_.fields.push_back({.kind = kind,
                                   .type = type,
                                   .name_index = 0,
                                   .name = {},
                                   .number = 0.0,
                                   .text = {}});
            columns_.push_back(*store_.intern_column(deployment_, {kind, type, name}));
        };
        for (int i = 0; i < 14; ++i) {
            add(model::ColumnKind::kFeature, ValueType::kNumber, "number_" + std::to_string(i));
        }
        for (int i = 0; i < 4; ++i) {
            add(model::ColumnKind::kFeature, ValueType::kString, "text_" + std::to_string(i));
        }
        for (int i = 0; i < 2; ++i) {
            add(model::ColumnKind::kFeature, ValueType::kBool, "flag_" + std::to_string(i));
        }
        for (int i = 0; i < 2; ++i) {
            add(model::ColumnKind::kMetadata, ValueType::kString, "meta_" + std::to_string(i));
        }
        for (int i = 0; i < 50; ++i) {
            texts_.push_back("value_" + std::to_string(i));
        }
    }

    // Makes an event with a request_id that the caller keeps.
    [[nodiscard]] const model::EventRow& make(Lsn lsn, const std::string& request) {
        row_.request_id = request;
        row_.timestamp = kStart + static_cast<Timestamp>(lsn) * 100;
        row_.model_version = "fraud_v3";
        row_.score = static_cast<double>(random_() % 10'001) / 1e4;
        row_.predicted_class = row_.score >= 0.5 ? "1" : "0";
        row_.latency_ms = static_cast<double>(random_() % 2'000) / 100;
        for (std::size_t i = 0; i < row_.fields.size(); ++i) {
            auto& field = row_.fields[i];
            if (field.type == ValueType::kString) {
                field.text = texts_[random_() % (i % 2 == 0 ? 5 : 50)];
            } else if (field.type == ValueType::kBool) {
                field.number = static_cast<double>(random_() % 2);
            } else {
                field.number = i % 2 == 0 ? static_cast<double>(random_() % 100)
                                          : static_cast<double>(random_() % 1'000) / 100;
            }
        }
        return row_;
    }

    void append(const model::EventRow& row, Lsn lsn) {
        store_.append(partition(), row, columns_, lsn, row.timestamp);
    }

    [[nodiscard]] PartitionKey partition() const {
        return {static_cast<std::int32_t>(kStart / kDay), ProjectId{1}, deployment_};
    }

  private:
    Store& store_;
    DeploymentId deployment_;
    model::EventRow row_;
    std::vector<ColumnId> columns_;
    std::vector<std::string> texts_;
    std::mt19937_64 random_{7};
};

template <typename Work>
double seconds(Work&& work) {
    const double begin = cpu_seconds();
    work();
    return cpu_seconds() - begin;
}

void bench_store(const std::string& folder) {
    constexpr std::size_t kEvents = 1'000'000;
    constexpr std::size_t kBatch = 10'000;
    const double opening = seconds([&] { AIML_CHECK(Store::open({.folder = folder}).is_ok()); });
    std::printf("open an empty store     %8.1f ms\n", opening * 1e3);
    auto opened = Store::open({.folder = folder});
    AIML_CHECK(opened.is_ok());
    Store& store = **opened;
    Synthetic synthetic(store);
    std::vector<std::string> requests;
    double appending = 0;
    double sealing = 0;
    double longest = 0;
    std::mt19937_64 random(3);
    for (std::size_t i = 0; i < kEvents; ++i) {
        requests.push_back(hex_of(random, 16));
    }
    std::vector<model::EventRow> rows(kBatch);
    for (Lsn lsn = 1; lsn <= kEvents;) {
        for (std::size_t i = 0; i < kBatch; ++i) {
            rows[i] = synthetic.make(lsn + i, requests[lsn + i - 1]);
        }
        appending += seconds([&] {
            for (std::size_t i = 0; i < kBatch; ++i, ++lsn) {
                synthetic.append(rows[i], lsn);
            }
            store.publish(lsn - 1);
        });
        const double one = seconds([&] { AIML_CHECK(store.seal(kStart, kDay).is_ok()); });
        sealing += one;
        longest = std::max(longest, one);
    }
    sealing += seconds([&] { AIML_CHECK(store.seal(kStart, 0).is_ok()); });
    const StoreStats stats = store.stats();
    std::printf("append                  %8.0f ns/event\n", appending * 1e9 / kEvents);
    std::printf("seal                    %8.0f ns/event, longest call %.0f ms\n",
                sealing * 1e9 / kEvents,
                longest * 1e3);
    std::printf("size                    %8.1f B/event in %llu blocks\n",
                static_cast<double>(stats.disk_bytes) / kEvents,
                static_cast<unsigned long long>(stats.blocks));

    const std::vector<std::string> ids(requests.end() - 50'000, requests.end());
    std::vector<EventLookup> lookups;
    for (const std::string& id : ids) {
        lookups.push_back({.request_id = id, .arrival = {}});
    }
    const auto find = [&] {
        AIML_CHECK((*store.find_events(synthetic.partition(), lookups)).size() >= ids.size());
    };
    find();
    std::printf("find 50 k of 1 M events %8.0f ns/label, a batch\n", seconds(find) * 1e9 / 50'000);
    const double one_by_one = seconds([&] {
        for (const std::string& id : ids) {
            AIML_CHECK(!(*store.find_events(synthetic.partition(), id)).empty());
        }
    });
    std::printf("find 50 k of 1 M events %8.0f ns/label, one by one\n", one_by_one * 1e9 / 50'000);

    LabelEntry entry;
    entry.has_class = true;
    entry.source = "feed";
    const double adding = seconds([&] {
        for (Lsn event = 1; event <= kEvents; ++event) {
            entry.event = event;
            entry.sequence = kEvents + event;
            entry.label_ts = kStart + static_cast<Timestamp>(event) * 200;
            entry.arrival = entry.label_ts;
            entry.class_text = event % 7 == 0 ? "1" : "0";
            store.add_label(synthetic.partition(), entry);
        }
        store.publish(2 * kEvents);
    });
    std::printf("add labels              %8.0f ns/label\n", adding * 1e9 / kEvents);
    const auto blocks = [&] {
        return store.blocks(ProjectId{1}, synthetic.partition().deployment, {});
    };
    const auto join = [&] {
        for (const auto& block : blocks()) {
            AIML_CHECK((*block->labels(kTimestampMax - 1))->labelled_count == block->rows());
        }
    };
    const auto count = static_cast<double>(blocks().size());
    std::printf("join, labels in memory  %8.2f ms/block\n", median_seconds(join) * 1e3 / count);
    const double label_sealing = seconds([&] { AIML_CHECK(store.seal(kStart, 0).is_ok()); });
    std::printf("seal labels             %8.0f ns/label, %.1f B/label\n",
                label_sealing * 1e9 / kEvents,
                static_cast<double>(store.stats().disk_bytes - stats.disk_bytes) / kEvents);
    std::printf("join, labels on disk    %8.2f ms/block\n", median_seconds(join) * 1e3 / count);
    const auto scan = [&](ColumnId id) {
        return seconds([&] {
            for (const auto& block : blocks()) {
                AIML_CHECK(block->column(id).is_ok());
            }
        });
    };
    const double cold = scan(model::builtin::kScore);
    std::printf("read a column cold      %8.2f ns/value, cached %.3f\n",
                cold * 1e9 / kEvents,
                scan(model::builtin::kScore) * 1e9 / kEvents);
}

}  // namespace

int main(int argc, char** /*argv*/) {
    if (argc == 1) {  // Any argument: the store only.
        bench_columns();
    }
    std::string folder =
        (std::filesystem::temp_directory_path() / "aiml_store_bench_XXXXXX").string();
    AIML_CHECK(::mkdtemp(folder.data()) != nullptr);
    bench_store(folder + "/store");
    std::filesystem::remove_all(folder);
    return 0;
}
