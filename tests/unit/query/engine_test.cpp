// The engine on small made histories: what the contract says of buckets, groups, comparison,
// approximation, late labels.
#include "query/engine.h"

#include <cmath>
#include <random>

#include <fmt/format.h>

#include "query/events.h"
#include "replay.h"

using namespace aiml042;               // NOLINT(google-build-using-namespace)
using namespace aiml042::query;        // NOLINT(google-build-using-namespace)
using namespace aiml042::query::test;  // NOLINT(google-build-using-namespace)

namespace {

constexpr Timestamp kStart = 1'700'006'400 * kSecond;  // 2023-11-15, 00:00.

struct MadeEvent {
    std::string id;
    Timestamp ts = kStart;
    std::string predicted = "yes";
    double score = 0.5;
    std::string more;  // Further members, each with a comma in front.
};

std::string line_of(const MadeEvent& event) {
    return fmt::format(
        R"({{"deployment_id":"m","model_version":"v1","request_id":"{}","timestamp":"{}",)"
        R"("prediction":{{"class":"{}","score":{}}}{}}})"
        "\n",
        event.id,
        format_rfc3339(event.ts),
        event.predicted,
        event.score,
        event.more);
}

std::string label_of(std::string_view id, std::string_view label, Timestamp ts) {
    return fmt::format(
        R"({{"request_id":"{}","deployment_id":"m","label":{{"class":"{}"}},"label_ts":"{}"}})"
        "\n",
        id,
        label,
        format_rfc3339(ts));
}

MetricQuery query_of(std::vector<std::string> metrics) {
    MetricQuery query;
    query.project = kProject;
    query.deployment = "m";
    query.metrics = std::move(metrics);
    return query;
}

JsonValue ask(const Engine& engine, const MetricQuery& query) {
    const auto answer = engine.metrics_json(query);
    INFO(answer.status().to_string());
    REQUIRE(answer.is_ok());
    return parse_json(*answer);
}

const JsonValue& at(const JsonValue& value, std::string_view name) {
    INFO(name);
    REQUIRE(value.find(name) != nullptr);
    return *value.find(name);
}

/// The answer without the sequence, which counts what was stored and not what was asked.
std::string text_of(const Engine& engine, const MetricQuery& query) {
    const auto answer = engine.metrics_csv(query);
    INFO(answer.status().to_string());
    REQUIRE(answer.is_ok());
    return *answer;
}

/// 300 events over two days, five minutes apart and some, with cohorts and every third one
/// labelled.
void fill(Database& database, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::string events;
    std::string labels;
    for (int i = 0; i < 300; ++i) {
        MadeEvent event;
        event.id = fmt::format("r{}", i);
        event.ts = kStart + static_cast<Timestamp>(random() % (2 * kDay));
        event.score = static_cast<double>(random() % 1000) / 1000.0;
        event.predicted = event.score >= 0.5 ? "yes" : "no";
        event.more = fmt::format(R"(,"latency_ms":{},"metadata":{{"cohort":"{}"}})",
                                 1 + random() % 50,
                                 random() % 2 == 0 ? "web" : "ios");
        events += line_of(event);
        if (i % 3 == 0) {
            labels += label_of(event.id, random() % 2 == 0 ? "yes" : "no", event.ts + kHour);
        }
    }
    database.add_events(events);
    database.add_labels(labels);
}

}  // namespace

TEST_CASE("engine: buckets are aligned, clipped to the range, and add up") {
    Database database;
    fill(database, 1);
    database.seal();
    const Engine engine = database.engine();
    MetricQuery query = query_of({"count"});
    query.range = {kStart + 90 * kMinute, kStart + 26 * kHour + 30 * kMinute};
    const double whole = at(at(ask(engine, query), "series").items()[0], "value").number();
    CHECK(whole > 0);
    query.step = kHour;
    const JsonValue answer = ask(engine, query);
    const auto& series = at(answer, "series").items();
    REQUIRE(series.size() == 26);
    CHECK(at(series[0], "ts").string() == format_rfc3339(kStart + kHour));
    double sum = 0.0;
    for (const JsonValue& point : series) {
        sum += at(point, "value").number();
    }
    CHECK(sum == whole);
}

TEST_CASE("engine: groups carry typed keys and add up to the whole") {
    Database database;
    fill(database, 2);
    const Engine engine = database.engine();
    MetricQuery query = query_of({"count"});
    query.group_by = {"cohort", "model_version"};
    const JsonValue answer = ask(engine, query);
    const auto& groups = at(answer, "groups").items();
    REQUIRE(groups.size() == 2);
    double sum = 0.0;
    for (const JsonValue& group : groups) {
        CHECK(at(at(group, "by"), "model_version").string() == "v1");
        sum += at(at(group, "series").items()[0], "value").number();
    }
    CHECK(sum == 300);
    query.group_by = {"request_id"};
    query.step = kMinute;
    query.range = {kStart, kStart + 2 * kDay};
    const auto refused = engine.metrics_json(query);
    CHECK(refused.code() == ErrorCode::kQueryTooLarge);
    CHECK(refused.status().pointer() == "/group_by");
}

// A threshold makes a class of its own ("any other"), which has no text; asking for every class met
// it once.
TEST_CASE("engine: one series per class, also where a threshold decides") {
    Database database;
    fill(database, 3);
    const Engine engine = database.engine();
    MetricQuery query = query_of({"recall"});
    query.average_given = true;
    query.average = metrics::FinishOptions::Average::kMacro;
    query.per_class = true;
    CHECK(at(ask(engine, query), "classes").items().size() == 2);
    query.threshold = 0.3;
    const JsonValue answer = ask(engine, query);
    std::vector<std::string> names;
    for (const JsonValue& one : at(answer, "classes").items()) {
        names.push_back(at(one, "class").string());
    }
    CHECK(names == std::vector<std::string>{"yes", "other"});
}

TEST_CASE("engine: comparison with another time lies over the series") {
    Database database;
    std::string events;
    for (int i = 0; i < 10; ++i) {
        events += line_of({.id = fmt::format("a{}", i), .ts = kStart + i * kMinute, .more = ""});
        if (i % 2 == 0) {
            events += line_of(
                {.id = fmt::format("b{}", i), .ts = kStart - 7 * kDay + i * kMinute, .more = ""});
        }
    }
    database.add_events(events);
    const Engine engine = database.engine();
    MetricQuery query = query_of({"count"});
    query.range = {kStart, kStart + 10 * kMinute};
    query.step = kMinute;
    query.compare = Compare{Compare::Kind::kOffset, 7 * kDay, "7d"};
    const JsonValue answer = ask(engine, query);
    const auto& compared = at(at(answer, "compare"), "series").items();
    REQUIRE(compared.size() == 10);
    for (std::size_t i = 0; i < compared.size(); ++i) {
        CHECK(at(compared[i], "ts").string() ==
              format_rfc3339(kStart + static_cast<Timestamp>(i) * kMinute));
        CHECK(at(compared[i], "value").number() == (i % 2 == 0 ? 1.0 : 0.0));
    }
}

TEST_CASE(
    "engine: the positive class is inferred from boolean-like labels and otherwise asked for") {
    Database database;
    database.add_events(line_of({.id = "r1", .predicted = "late", .more = ""}) +
                        line_of({.id = "r2", .predicted = "on time", .more = ""}));
    const Engine engine = database.engine();
    const JsonValue unlabelled = ask(engine, query_of({"roc_auc"}));
    CHECK(at(at(unlabelled, "series").items()[0], "value").type() == JsonValue::Type::kNull);
    database.add_labels(label_of("r1", "late", kStart) + label_of("r2", "on time", kStart));
    const auto refused = engine.metrics_json(query_of({"roc_auc"}));
    CHECK(refused.code() == ErrorCode::kPositiveClassUnknown);
    CHECK(refused.status().detail().find("PUT /v1/deployments/m") != std::string::npos);
    CHECK(at(at(ask(engine, query_of({"accuracy"})), "series").items()[0], "value").number() ==
          1.0);
    database.declare(
        "m", {.task_type = {}, .positive_class = "late", .threshold = {}, .cohort_keys = {}});
    CHECK(at(at(ask(engine, query_of({"precision"})), "series").items()[0], "value").number() ==
          1.0);
}

// Cells of sealed blocks and of every later label version must give the bits that a fresh engine
// computes from the rows.
TEST_CASE(
    "engine: cached cells equal a fresh computation bit for bit after late and replaced labels") {
    std::mt19937_64 random(20'251'125);
    Database database;
    fill(database, 4);
    database.seal();
    const Engine cached = database.engine({.exact_rows_max = 0});
    Lsn renewed = 0;
    for (int round = 0; round < 25; ++round) {
        std::string labels;
        for (int i = 0; i < 5; ++i) {
            const auto id = fmt::format("r{}", random() % 300);
            labels += label_of(id,
                               random() % 2 == 0 ? "yes" : "no",
                               kStart + static_cast<Timestamp>(random() % (3 * kDay)));
        }
        database.add_labels(labels);
        if (round % 4 == 0) {
            database.add_events(
                line_of({.id = fmt::format("late{}", ++renewed),
                         .ts = kStart + static_cast<Timestamp>(random() % (2 * kDay)),
                         .more = R"(,"metadata":{"cohort":"web"})"}));
        }
        if (round % 7 == 0) {
            database.seal();
        }
        const Engine fresh = database.engine({.exact_rows_max = 0});
        MetricQuery query = query_of(
            {"count", "label_coverage", "latency_p95", "accuracy", "roc_auc", "log_loss", "ece"});
        query.range = {kStart + static_cast<Timestamp>(random() % kDay),
                       kStart + kDay + static_cast<Timestamp>(random() % kDay)};
        query.confidence = 0.95;
        const Timestamp steps[] = {0, kMinute * 17, kHour, 6 * kHour, kDay, 90 * kSecond};
        if (const Timestamp step = steps[random() % 6]; step != 0) {
            query.step = step;
        }
        if (random() % 2 == 0) {
            query.group_by = {"cohort"};
        }
        if (random() % 3 == 0) {
            query.filter = "cohort = \"web\" and score > 0.2";
        }
        if (random() % 4 == 0) {
            query.as_of = kStart + static_cast<Timestamp>(random() % (3 * kDay));
        }
        CAPTURE(round);
        const std::string once = text_of(cached, query);
        CHECK(once == text_of(fresh, query));
        CHECK(once == text_of(cached, query));
    }
}

TEST_CASE("engine: an approximate answer says so and keeps its bound") {
    Database database;
    fill(database, 5);
    database.seal();
    const Engine engine = database.engine({.exact_rows_max = 0});
    for (const char* metric :
         {"roc_auc", "pr_auc", "latency_p50", "latency_p95", "accuracy", "log_loss"}) {
        CAPTURE(metric);
        MetricQuery query = query_of({metric});
        const JsonValue rough = ask(engine, query);
        query.exact = true;
        const JsonValue exact = ask(engine, query);
        CHECK(at(at(exact, "definition"), "exact").boolean());
        const JsonValue& point = at(rough, "series").items()[0];
        const double difference = std::fabs(at(point, "value").number() -
                                            at(at(exact, "series").items()[0], "value").number());
        const JsonValue* bound = point.find("error_bound");
        CHECK(at(at(rough, "definition"), "exact").boolean() == (bound == nullptr));
        CHECK(difference <= (bound == nullptr ? 0.0 : bound->number()));
    }
}

TEST_CASE("events: pages of a list hold every event once, in order, while the window moves on") {
    Database database;
    fill(database, 6);
    database.seal();
    database.add_events(line_of({.id = "open", .ts = kStart + kHour, .more = ""}));
    const Engine engine = database.engine({.cursor_seed = 42});
    for (const bool ascending : {true, false}) {
        EventSearch search;
        search.project = kProject;
        search.deployment = "m";
        search.ascending = ascending;
        search.limit = 37;
        search.range = {kStart, kStart + 3 * kDay};
        std::vector<std::string> seen;
        std::string last;
        do {
            const auto page = search_events_json(engine.core(), search);
            INFO(page.status().to_string());
            REQUIRE(page.is_ok());
            const JsonValue parsed = parse_json(*page);
            for (const JsonValue& event : at(parsed, "events").items()) {
                const std::string ts = at(event, "timestamp").string();
                CHECK((last.empty() || (ascending ? *parse_rfc3339(last) <= *parse_rfc3339(ts)
                                                  : *parse_rfc3339(last) >= *parse_rfc3339(ts))));
                last = ts;
                seen.push_back(at(event, "request_id").string());
            }
            const JsonValue& next = at(parsed, "next_cursor");
            search.cursor = next.type() == JsonValue::Type::kString ? next.string() : "";
            search.range.to += kSecond;  // `now` of the next request.
        } while (!search.cursor.empty());
        CHECK(seen.size() == 301);
        std::ranges::sort(seen);
        CHECK(std::ranges::adjacent_find(seen) == seen.end());
    }
}

TEST_CASE("events: a cursor of another list is refused") {
    Database database;
    fill(database, 7);
    const Engine engine = database.engine({.cursor_seed = 42});
    EventSearch search;
    search.project = kProject;
    search.deployment = "m";
    search.limit = 10;
    const JsonValue page = parse_json(*search_events_json(engine.core(), search));
    search.cursor = at(page, "next_cursor").string();
    CHECK(search_events_json(engine.core(), search).is_ok());
    search.filter = "score > 0.5";
    CHECK(search_events_json(engine.core(), search).code() == ErrorCode::kInvalidArgument);
    search.filter.clear();
    search.cursor[3] = search.cursor[3] == '0' ? '1' : '0';
    CHECK(search_events_json(engine.core(), search).code() == ErrorCode::kInvalidArgument);
}

TEST_CASE("engine: one question per k, also from the cache") {
    Database database;
    fill(database, 11);
    database.seal();
    const Engine engine = database.engine();
    const auto value = [](const JsonValue& result) {
        return at(at(result, "series").items()[0], "value").number();
    };
    MetricQuery query = query_of({"gain@5%", "gain@50%", "gain@k", "accuracy"});
    query.k = "100%";
    for (int round = 0; round < 2; ++round) {  // The second time from the cache of numbers.
        const JsonValue answer = ask(engine, query);
        const auto& results = at(answer, "results").items();
        CHECK(value(results[0]) < value(results[1]));
        CHECK(value(results[1]) < 1.0);
        CHECK(value(results[2]) == 1.0);
        CHECK(at(at(results[0], "definition"), "metric").string() == "gain@k");
        CHECK(at(at(results[0], "definition"), "k").string() == "5%");
        CHECK(at(at(results[2], "definition"), "k").string() == "100%");
        CHECK(at(at(results[3], "definition"), "metric").string() == "accuracy");
        CHECK(at(results[3], "definition").find("k") == nullptr);
    }
    MetricQuery one = query_of({"gain"});
    one.k = "5%";
    const double five = value(ask(engine, one));
    one.k = "50%";
    CHECK(value(ask(engine, one)) > five);
    one.k = "10";
    CHECK(at(at(ask(engine, one), "definition"), "k").number() == 10.0);
}

TEST_CASE("engine: a k or quantile that nothing takes is told so") {
    Database database;
    fill(database, 12);
    const Engine engine = database.engine();
    const auto pointer = [&](std::vector<std::string> metrics, const char* k, const char* q) {
        MetricQuery query = query_of(std::move(metrics));
        if (k != nullptr) {
            query.k = k;
        }
        if (q != nullptr) {
            query.quantile = q;
        }
        const auto answer = engine.metrics_json(query);
        REQUIRE_FALSE(answer.is_ok());
        CHECK(answer.code() == ErrorCode::kInvalidArgument);
        return std::string(answer.status().pointer());
    };
    CHECK(pointer({"accuracy"}, "10", nullptr) == "/k");
    CHECK(pointer({"gain@5%"}, "10", nullptr) == "/k");
    CHECK(pointer({"recall"}, "10", nullptr) == "/k");  // A classifier's recall has none.
    CHECK(pointer({"gain"}, nullptr, nullptr) == "/k");
    CHECK(pointer({"gain"}, "many", nullptr) == "/k");
    CHECK(pointer({"gain@many"}, nullptr, nullptr) == "/metric");
    CHECK(pointer({"accuracy@10"}, nullptr, nullptr) == "/metric");
    CHECK(pointer({"accuracy"}, nullptr, "0.5") == "/quantile");
}

// A table that leaves out what JSON has would be read as if it were not there.
TEST_CASE(
    "engine: CSV has the series of classes and of the comparison, and tells no value from an empty "
    "one") {
    Database database;
    std::string events = line_of({.id = "a", .more = R"(,"metadata":{"region":""})"}) +
                         line_of({.id = "b", .ts = kStart + 1, .more = ""}) +
                         line_of({.id = "c",
                                  .ts = kStart + 2,
                                  .predicted = "no",
                                  .more = R"(,"metadata":{"region":"-EU"})"});
    database.add_events(events);
    database.add_labels(label_of("a", "yes", kStart + kHour) + label_of("b", "no", kStart + kHour) +
                        label_of("c", "no", kStart + kHour));
    const Engine engine = database.engine();
    MetricQuery query = query_of({"recall"});
    query.range = {kStart, kStart + kHour};
    query.average_given = true;
    query.average = metrics::FinishOptions::Average::kMacro;
    query.per_class = true;
    query.compare = Compare{Compare::Kind::kOffset, kDay, "1d"};
    CHECK(text_of(engine, query) ==
          "ts,metric,class,compare,value,n,ci_lo,ci_hi,p_value,error_bound,reason\r\n"
          "2023-11-15T00:00:00Z,recall,,,0.75,3,,,,,\r\n"
          "2023-11-15T00:00:00Z,recall,yes,,1,3,,,,,\r\n"
          "2023-11-15T00:00:00Z,recall,no,,0.5,3,,,,,\r\n"
          "2023-11-15T00:00:00Z,recall,,offset:1d,,0,,,,,no labels\r\n");
    MetricQuery groups = query_of({"count"});
    groups.range = {kStart, kStart + kHour};
    groups.group_by = {"region"};
    const std::string text = text_of(engine, groups);
    CHECK(text.starts_with("ts,metric,class,compare,region,value,n,"));
    CHECK(text.find(",count,,,,1,1,") != std::string::npos);      // None.
    CHECK(text.find(",count,,,\"\",1,1,") != std::string::npos);  // Empty.
    CHECK(text.find(",count,,,\"'-EU\",1,1,") != std::string::npos);
}

TEST_CASE("events: CSV has the features and metadata of its page, and a cursor to the next") {
    Database database;
    database.add_events(
        line_of({.id = "a",
                 .ts = kStart,
                 .more = R"(,"features":{"age":-1.5,"vip":true},"metadata":{"note":"=x"})"}) +
        line_of({.id = "b", .ts = kStart + 1, .more = R"(,"features":{"age":"old"})"}) +
        line_of({.id = "c", .ts = kStart + 2, .more = R"(,"features":{"other":1})"}));
    const Engine engine = database.engine();
    EventSearch search;
    search.project = kProject;
    search.deployment = "m";
    search.ascending = true;
    search.limit = 2;
    const auto first = search_events_csv(engine.core(), search);
    REQUIRE(first.is_ok());
    CHECK(first->text ==
          "timestamp,deployment_id,request_id,model_version,score,predicted_class,predicted_value,"
          "label,latency_ms,error_code,feature.age,feature.vip,metadata.note\r\n"
          "2023-11-15T00:00:00Z,m,a,v1,0.5,yes,,,,,-1.5,true,\"'=x\"\r\n"
          "2023-11-15T00:00:00.000001Z,m,b,v1,0.5,yes,,,,,old,,\r\n");
    search.cursor = first->next_cursor;
    const auto second = search_events_csv(engine.core(), search);
    REQUIRE(second.is_ok());
    CHECK(second->text.find(",c,v1,") != std::string::npos);
    CHECK(second->text.find("feature.other\r\n") != std::string::npos);
    CHECK(second->next_cursor.empty());
}

// An option that no formula of the question reads would be ignored in silence.
TEST_CASE("engine: options that no metric reads are refused, by name") {
    Database database;
    fill(database, 13);
    const Engine engine = database.engine();
    using Average = metrics::FinishOptions::Average;
    using Binning = metrics::FamilyOptions::Binning;
    const auto refused = [&](std::vector<std::string> metrics, const auto& set) {
        MetricQuery query = query_of(std::move(metrics));
        set(query);
        const auto answer = engine.metrics_json(query);
        return answer.is_ok() ? std::string("taken") : std::string(answer.status().pointer());
    };
    const auto threshold = [](MetricQuery& query) { query.threshold = 0.5; };
    CHECK(refused({"roc_auc"}, threshold) == "/threshold");
    CHECK(refused({"roc_auc", "recall"}, threshold) == "taken");
    CHECK(refused({"accuracy"}, threshold) == "taken");
    const auto average = [](MetricQuery& query) {
        query.average_given = true;
        query.average = Average::kMacro;
    };
    CHECK(refused({"accuracy"}, average) == "/average");
    CHECK(refused({"roc_auc"}, average) == "/average");  // Of two classes.
    CHECK(refused({"f1"}, average) == "taken");
    const auto beta = [](MetricQuery& query) { query.beta = 2.0; };
    CHECK(refused({"f1"}, beta) == "/beta");
    CHECK(refused({"fbeta"}, beta) == "taken");
    const auto bins = [](MetricQuery& query) { query.bins = 15; };
    CHECK(refused({"brier"}, bins) == "/bins");
    CHECK(refused({"brier", "ace"}, bins) == "taken");
    CHECK(refused({"log_loss"}, [](auto& query) { query.binning = Binning::kWidth; }) ==
          "/binning");
    CHECK(refused({"ace"}, [](auto& query) { query.binning = Binning::kWidth; }) == "/binning");
    CHECK(refused({"mce"}, [](auto& query) { query.binning = Binning::kDebiased; }) == "/binning");
    CHECK(refused({"ece"}, [](auto& query) { query.binning = Binning::kDebiased; }) == "taken");
    const auto curve = [&](std::string name, const auto& set) {
        MetricQuery query = query_of({});
        query.curve = std::move(name);
        set(query);
        const auto answer = engine.curve_json(query);
        return answer.is_ok() ? std::string("taken") : std::string(answer.status().pointer());
    };
    CHECK(curve("roc", threshold) == "/threshold");
    CHECK(curve("confusion", threshold) == "taken");
    CHECK(curve("pr", bins) == "/bins");
    CHECK(curve("reliability", bins) == "taken");
}

TEST_CASE("engine: the definition names all that made the number, and nothing else") {
    Database database;
    fill(database, 14);
    const Engine engine = database.engine();
    const auto definition = [&](const MetricQuery& query) {
        return at(ask(engine, query), "definition");
    };
    MetricQuery query = query_of({"precision"});
    CHECK(at(definition(query), "threshold").number() == 0.5);
    CHECK(at(definition(query), "threshold_source").string() == "default");
    CHECK(at(definition(query), "average").string() == "binary");
    CHECK(at(definition(query), "score_is").string() == "positive_class");
    model::DeploymentSettings settings;
    settings.threshold = 0.3;
    settings.score_is = model::ScoreIs::kPredictedClass;
    database.declare("m", settings);
    CHECK(at(definition(query), "threshold").number() == 0.3);
    CHECK(at(definition(query), "threshold_source").string() == "declared");
    CHECK(at(definition(query), "predicted_class").string() == "as sent, else score >= threshold");
    CHECK(at(definition(query), "score_is").string() == "predicted_class");
    query.threshold = 0.7;
    query.as_of = kStart;
    CHECK(at(definition(query), "threshold").number() == 0.7);
    CHECK(at(definition(query), "threshold_source").string() == "parameter");
    CHECK(at(definition(query), "predicted_class").string() == "score >= threshold");
    CHECK(at(definition(query), "as_of").string() == format_rfc3339(kStart));

    CHECK(at(definition(query_of({"ace"})), "binning").string() == "mass");
    CHECK(at(definition(query_of({"ece"})), "binning").string() == "width");
    CHECK(definition(query_of({"brier"})).find("bins") == nullptr);
    CHECK(definition(query_of({"brier"})).find("threshold") == nullptr);
    CHECK(definition(query_of({"count"})).find("positive_class") == nullptr);
    MetricQuery both = query_of({"recall", "count"});
    both.threshold = 0.7;
    const JsonValue answer = ask(engine, both);
    CHECK(at(at(answer, "results").items()[1], "definition").find("threshold") == nullptr);
}

// "no labels" or "which class is positive?" would send a user after what no data can mend.
TEST_CASE("engine: a metric of other tasks says that it does not fit") {
    Database database;
    std::string events;
    std::string labels;
    for (int i = 0; i < 4; ++i) {
        events += fmt::format(
            R"({{"deployment_id":"m","model_version":"v1","request_id":"r{}","timestamp":"{}",)"
            R"("prediction":{{"value":{}}}}})"
            "\n",
            i,
            format_rfc3339(kStart + i * kMinute),
            i);
        labels += fmt::format(
            R"({{"request_id":"r{}","deployment_id":"m","label":{{"value":1.5}},"label_ts":"{}"}})"
            "\n",
            i,
            format_rfc3339(kStart + kHour));
    }
    database.add_events(events);
    database.add_labels(labels);
    const Engine engine = database.engine();
    for (const char* name : {"roc_auc", "lift@10%", "precision", "ndcg@10", "ece"}) {
        CAPTURE(name);
        const JsonValue answer = ask(engine, query_of({name}));
        CHECK(at(at(answer, "series").items()[0], "reason").string() ==
              "does not fit the task type");
        CHECK(at(at(answer, "definition"), "task_type").string() == "regression");
    }
    CHECK(at(at(ask(engine, query_of({"mae"})), "series").items()[0], "value").number() == 1.0);
    MetricQuery curve = query_of({});
    curve.curve = "roc";
    const auto drawn = engine.curve_json(curve);
    REQUIRE(drawn.is_ok());
    CHECK(at(parse_json(*drawn), "reason").string() == "does not fit the task type");
}

// A count of 0 beside a misspelt version looks like an outage.
TEST_CASE("engine: where no event is met, a hint says which part of the question nothing meets") {
    Database database;
    std::string events;
    for (const char* region : {"north", "south"}) {
        events += line_of(
            {.id = region,
             .more = fmt::format(
                 R"(,"features":{{"plan":"gold","age":3}},"metadata":{{"region":"{}"}})", region)});
    }
    database.add_events(events);
    const Engine engine = database.engine();
    const auto hint = [&](const char* filter, const char* version = "") {
        MetricQuery query = query_of({"count"});
        query.filter = filter;
        query.model_version = version;
        const JsonValue answer = ask(engine, query);
        const JsonValue* found = answer.find("hint");
        EventSearch search;
        search.project = kProject;
        search.deployment = "m";
        search.filter = filter;
        search.model_version = version;
        const auto listed = search_events_json(engine.core(), search);
        REQUIRE(listed.is_ok());
        const JsonValue events_answer = parse_json(*listed);
        const JsonValue* same = events_answer.find("hint");
        REQUIRE((found == nullptr) == (same == nullptr));
        CHECK((found == nullptr || found->string() == same->string()));
        return found == nullptr ? std::string() : std::string(found->string());
    };
    CHECK(hint("").empty());
    CHECK(hint("region = 'north'").empty());
    CHECK(hint("", "v2") == "no event seen lately has model_version \"v2\"; did you mean `v1`?");
    CHECK(hint("model_version = 'zzz'") ==
          "no event seen lately has model_version \"zzz\"; there are \"v1\"");
    CHECK(hint("region = 'nort'") ==
          "no event seen lately has region \"nort\"; did you mean `north`?");
    CHECK(hint("plan = 7") == "plan holds texts, and 7 is a number");
    CHECK(hint("age = 'old'") == "age holds numbers, and \"old\" is none");
    CHECK(hint("age > 1 and plan > 7") == "plan holds texts, and 7 is a number");
    CHECK(hint("age > 100 or plan = 7").empty());  // The first is possible.
    CHECK(hint("not (age > 1)").empty());
    MetricQuery late = query_of({"count"});
    late.range = {kStart + kDay, kStart + 2 * kDay};
    CHECK(at(ask(engine, late), "hint").string() ==
          "the newest event of this deployment is of 2023-11-15T00:00:00Z");
}

TEST_CASE("engine: rankings are joined with the judgements of the moment") {
    Database database;
    std::string events;
    for (int i = 0; i < 3; ++i) {
        events += fmt::format(
            R"({{"deployment_id":"m","model_version":"v1","request_id":"q{}","timestamp":"{}",)"
            R"("prediction":{{"ranking":[{{"id":"a","score":2}},{{"id":"b","score":1}}]}}}})"
            "\n",
            i,
            format_rfc3339(kStart + i * kMinute));
    }
    database.add_events(events);
    const auto judge = [&](int i, const char* relevance, Timestamp ts) {
        database.add_labels(fmt::format(
            R"({{"request_id":"q{}","deployment_id":"m","label":{{"relevance":{}}},"label_ts":"{}"}})"
            "\n",
            i,
            relevance,
            format_rfc3339(ts)));
    };
    judge(0, R"({"a":1})", kStart + kHour);
    judge(1, R"({"b":1})", kStart + kHour);
    const auto first = [](const JsonValue& result) { return at(result, "series").items()[0]; };
    for (const bool sealed : {false, true}) {
        if (sealed) {
            database.seal();
            judge(1, R"({"a":1})", kStart + 2 * kHour);  // Corrected after sealing.
        }
        const Engine engine = database.engine();
        MetricQuery query = query_of({"mrr", "precision@1", "precision@2", "recall"});
        query.k = "2";  // With a k recall is that of rankings here.
        const JsonValue answer = ask(engine, query);
        const auto& results = at(answer, "results").items();
        CHECK(at(first(results[0]), "value").number() == (sealed ? 1.0 : 0.75));
        CHECK(at(first(results[0]), "n").number() == 2);  // q2 was not judged.
        CHECK(at(first(results[1]), "value").number() == (sealed ? 1.0 : 0.5));
        CHECK(at(first(results[2]), "value").number() == 0.5);
        CHECK(at(at(results[3], "definition"), "metric").string() == "recall@k");
        query.metrics = {"precision@1"};
        query.k.reset();
        query.as_of = kStart + kHour;
        CHECK(at(first(ask(engine, query)), "value").number() == 0.5);
        query.filter = "request_id = 'q2'";
        CHECK(at(first(ask(engine, query)), "reason").string() == "no labels");
    }
}

TEST_CASE("engine: the definition names the level that coverage should have") {
    Database database;
    database.add_events(fmt::format(
        R"({{"deployment_id":"m","model_version":"v1","request_id":"q","timestamp":"{}",)"
        R"("prediction":{{"quantiles":{{"0.95":9,"0.050":1,"0.5":4}}}}}})"
        "\n",
        format_rfc3339(kStart)));
    database.add_labels(fmt::format(
        R"({{"request_id":"q","deployment_id":"m","label":{{"value":9}},"label_ts":"{}"}})"
        "\n",
        format_rfc3339(kStart)));
    const Engine engine = database.engine();
    const JsonValue answer = ask(engine, query_of({"coverage"}));
    CHECK(at(at(answer, "series").items()[0], "value").number() == 1.0);
    CHECK(at(at(answer, "definition"), "nominal_level").number() == 0.9);
    CHECK(at(at(answer, "definition"), "quantiles").items().size() == 3);
    const JsonValue loss = ask(engine, query_of({"pinball@0.05"}));
    CHECK(at(at(loss, "series").items()[0], "value").number() == Approx(0.4));
    CHECK(at(at(loss, "definition"), "quantile").number() == 0.05);
}
