// How metrics are asked for: with and without a k, in the name and beside it.

#include "metrics/metric_name.h"

#include <catch2/catch.hpp>

using namespace aiml042;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics;  // NOLINT(google-build-using-namespace)

namespace {

NamedMetric good(std::string_view name,
                 const NameParameters& given = {},
                 TaskBit task = TaskBit::kBinary) {
    const auto read = read_metric_name(name, given, task);
    INFO(name << ": " << read.status().to_string());
    REQUIRE(read.is_ok());
    return *read;
}

void bad(std::string_view name,
         const NameParameters& given,
         std::string_view pointer,
         ErrorCode code = ErrorCode::kInvalidArgument) {
    const auto read = read_metric_name(name, given, TaskBit::kBinary);
    INFO(name << ": " << read.status().to_string());
    REQUIRE_FALSE(read.is_ok());
    CHECK(read.status().code() == code);
    CHECK(read.status().pointer() == pointer);
}

}  // namespace

TEST_CASE("metric name: a k stands in the name or beside it") {
    CHECK(good("lift@10%").top->percent == 10.0);
    CHECK(good("lift@0.5%").top->text() == "0.5%");
    CHECK(good("gain@100").top->count == 100);
    CHECK(good("gain@100").top->text() == "100");
    CHECK_FALSE(good("gain@100", {.k = "5"}).uses_k);  // The name's own goes first.
    for (const char* name : {"lift", "lift@k"}) {
        const NamedMetric named = good(name, {.k = "10%"});
        CHECK(named.spec->name == "lift@k");
        CHECK(named.top->percent == 10.0);
        CHECK(named.uses_k);
    }
    CHECK(good("auc").spec->name == "roc_auc");
    CHECK_FALSE(good("accuracy", {.k = "10"}).uses_k);
}

TEST_CASE("metric name: what is missing, unreadable or not taken is said, and where") {
    for (const char* text : {"0",
                             "-1",
                             "1.5",
                             "x",
                             "",
                             "0%",
                             "101%",
                             "%",
                             "nan%",
                             "1e999%",
                             " 5",
                             "99999999999999999999"}) {
        bad("lift", {.k = text}, "/k");
        bad("lift@" + std::string(text), {}, "/metric");
    }
    bad("lift", {}, "/k");
    bad("lift@k", {}, "/k");
    bad("accuracy@10", {}, "/metric");
    bad("accuracy@k", {.k = "10"}, "/metric");
    bad("liftt@10%", {}, "/metric", ErrorCode::kUnknownMetric);
    bad("", {}, "/metric", ErrorCode::kUnknownMetric);
    bad("@10", {}, "/metric", ErrorCode::kUnknownMetric);
    CHECK(nearest_metrics("liftt@10%").at(0) == "lift@k");
}

TEST_CASE("metric name: a quantile stands in the name, beside it, or is left out") {
    CHECK(good("pinball@0.1").quantile == 0.1);
    CHECK(good("pinball@q", {.quantile = "0.25"}).quantile == 0.25);
    CHECK(good("pinball", {.quantile = "0.25"}).uses_quantile);
    CHECK_FALSE(good("pinball").quantile.has_value());
    CHECK_FALSE(good("pinball", {.k = "10"}).uses_k);
    bad("pinball@q", {}, "/quantile");
    for (const char* text : {"0", "1", "-0.5", "1.5", "nan", "x", "10%"}) {
        bad("pinball", {.quantile = text}, "/quantile");
        bad("pinball@" + std::string(text), {}, "/metric");
    }
    bad("coverage@0.1", {}, "/metric");
}

TEST_CASE("metric name: a share of the rows is rounded up, whatever its binary digits") {
    for (std::uint64_t n = 0; n < 2'000; ++n) {
        CHECK(TopK{.percent = 10.0}.of(n) == (n + 9) / 10);
        CHECK(TopK{.percent = 0.1}.of(n) == (n + 999) / 1'000);
        CHECK(TopK{.percent = 100.0}.of(n) == n);
        CHECK(TopK{.count = 7}.of(n) == std::min<std::uint64_t>(7, n));
    }
    CHECK(TopK{.percent = 1e-300}.of(5) == 1);
    CHECK(TopK{.percent = 0.1}.of(300'000'000) == 300'000);
}
