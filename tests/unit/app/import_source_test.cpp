#include "app/import_source.h"

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "../os/temp_folder.h"
#include "codec/inflate.h"

namespace aiml042::app {
namespace {

/// A file with this text.
class TextFile {
  public:
    explicit TextFile(std::string_view text, std::string_view name = "f.csv")
        : path_(folder_.path() + "/" + std::string(name)) {
        std::ofstream(path_, std::ios::binary) << text;
    }

    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    test::TempFolder folder_;
    std::string path_;
};

struct Taken {
    std::string body;
    std::vector<std::uint64_t> lines;
    std::vector<std::pair<std::uint64_t, std::string>> refused;
    std::string error;
};

Taken drain(Result<std::unique_ptr<ImportSource>> source) {
    Taken taken;
    if (!source.is_ok()) {
        taken.error = source.status().detail();
        return taken;
    }
    ImportBatch batch;
    while (true) {
        const auto more = (*source)->next(batch);
        if (!more.is_ok()) {
            taken.error = more.status().detail();
            return taken;
        }
        taken.refused.insert(
            taken.refused.end(), (*source)->refused.begin(), (*source)->refused.end());
        (*source)->refused.clear();
        if (!*more) {
            return taken;
        }
        taken.body += batch.body;
        taken.lines.insert(taken.lines.end(), batch.lines.begin(), batch.lines.end());
    }
}

Taken csv(std::string_view text, const CsvOptions& options = {}) {
    const TextFile file(text);
    return drain(open_csv(file.path(), options));
}

TEST_CASE("import: a CSV row becomes an event") {
    const Taken taken =
        csv("\xEF\xBB\xBFrequest_id,prediction.class,age,metadata.team,score,prediction.scores.a.b,"
            "x\r\n"
            "007,1,42,\"a, \"\"b\"\"\nc\",0.5,0.25,True\r\n"
            "\r\n"
            "8,,NaN,,1e-3,,012");
    CHECK(taken.error.empty());
    CHECK(taken.body ==
          R"({"features":{"age":42,"x":"True"},"metadata":{"team":"a, \"b\"\nc"},)"
          R"("prediction":{"class":"1","scores":{"a.b":0.25}},"request_id":"007","score":0.5})"
          "\n"
          R"({"features":{"x":"012"},"request_id":"8","score":1e-3})"
          "\n");
    CHECK(taken.lines == std::vector<std::uint64_t>{2, 5});
}

TEST_CASE("import: columns are mapped, set, and left out") {
    CsvOptions options;
    options.columns = {{"request_id", "id"}, {"prediction.value", "y_hat"}, {"features.id", "id"}};
    options.constants = {{"deployment_id", "d"}, {"model_version", "7"}};
    const TextFile file("id,y_hat,label\n5,2.5,1\n");
    auto source = open_csv(file.path(), options);
    REQUIRE(source.is_ok());
    CHECK((*source)->remark() == "columns left out: label");
    CHECK(drain(std::move(source)).body ==
          R"({"deployment_id":"d","features":{"id":5},"model_version":"7",)"
          R"("prediction":{"value":2.5},"request_id":"5"})"
          "\n");
    options = CsvOptions();
    options.labels = true;
    options.columns = {{"label", "y"}};
    CHECK(csv("request_id,y,age\nr,yes,3\n", options).body ==
          "{\"label\":\"yes\",\"request_id\":\"r\"}\n");
}

TEST_CASE("import: numbers are those of JSON") {
    const Taken taken = csv("a,b,c,d,e,f,g,h\n-0.5,1.,.5,+1,1e5,0x10,inf,-\n");
    CHECK(
        taken.body ==
        R"({"features":{"a":-0.5,"b":"1.","c":".5","d":"+1","e":1e5,"f":"0x10","g":"inf","h":"-"}})"
        "\n");
}

// Were a cell typed by itself, an id would be a number in one row and a text in the next.
TEST_CASE("import: a column is of one type, which all its first values have") {
    const Taken taken =
        csv("zip,hex,count,flag,wide,late,mixed\n"
            "10115,1e5,1,True,9007199254740993,,true\n"
            "02134,4fa,2.5,FALSE,7,,1\n"
            ",,-0.5,nan,8,3,x\n");
    CHECK(
        taken.body ==
        R"({"features":{"count":1,"flag":true,"hex":"1e5","mixed":"true","wide":"9007199254740993","zip":"10115"}})"
        "\n"
        R"({"features":{"count":2.5,"flag":false,"hex":"4fa","mixed":"1","wide":"7","zip":"02134"}})"
        "\n"
        R"({"features":{"count":-0.5,"late":3,"mixed":"x","wide":"8"}})"
        "\n");
    CsvOptions options;
    options.texts = {"id", "f"};
    CHECK(csv("id,f,g\n7,true,7\n", options).body ==
          "{\"features\":{\"f\":\"true\",\"g\":7,\"id\":\"7\"}}\n");
    CHECK(csv("ids,f\n1,2\n", options)
              .error.find("--text id: there is no such column (did you mean ids") !=
          std::string::npos);
    options = CsvOptions();
    options.labels = true;
    CHECK(csv("request_id,label\n7,1\n8,no\n", options).body ==
          "{\"label\":\"1\",\"request_id\":\"7\"}\n{\"label\":\"no\",\"request_id\":\"8\"}\n");
}

TEST_CASE("import: a row unlike the first ones of its column is refused with its place") {
    std::string text = "zip,ok\n";
    for (int i = 0; i < 5'000; ++i) {
        text += "10115,true\n";
    }
    const Taken taken = csv(text + "02134,true\n10117,1\n10119,\n");
    CHECK(taken.error.empty());
    CHECK(taken.lines.size() == 5'001);
    REQUIRE(taken.refused.size() == 2);
    CHECK(taken.refused[0] ==
          std::pair<std::uint64_t, std::string>(
              5'002,
              "column zip had numbers so far, and here another text (--text zip makes all its "
              "cells texts)"));
    CHECK(taken.refused[1].first == 5'003);
    CHECK(taken.refused[1].second.starts_with("column ok had booleans so far"));
}

TEST_CASE("import: what is wrong with a CSV file is said with its place") {
    const Taken ragged = csv("a,b\n1,2\n1\n1,2,3\n4,5\n");
    CHECK(ragged.lines == std::vector<std::uint64_t>{2, 5});
    REQUIRE(ragged.refused.size() == 2);
    CHECK(ragged.refused[0] ==
          std::pair<std::uint64_t, std::string>(3, "1 cells, the header has 2"));
    CHECK(ragged.refused[1].first == 4);
    CHECK(csv("a,b\n1,\"2\n").error.ends_with("line 2: a quote is not closed"));
    CHECK(csv("").error.ends_with("begins with names"));
    CHECK(csv("a,a\n1,2\n").error.ends_with("features.a is given twice"));
    CHECK(csv("prediction.score,prediction,prediction.class\n1,1,a\n")
              .error.find("prediction and prediction.class are both given") != std::string::npos);
    CsvOptions options;
    options.columns = {{"scor", "a"}};
    CHECK(csv("a\n1\n", options).error.find("score") != std::string::npos);
    options.columns = {{"score", "ab"}};
    CHECK(csv("abc\n1\n", options).error.find("no such column") != std::string::npos);
}

TEST_CASE("import: NDJSON in pieces, with the numbers of its lines") {
    std::string text;
    for (int i = 0; i < 12'000; ++i) {
        text += "{\"i\":" + std::to_string(i) + "," + std::string(400, ' ') + "\"b\":1}\n";
        text += i % 3 == 0 ? " \r\n" : "";
    }
    text.pop_back();  // The last line needs no end.
    const auto check = [&](std::string_view bytes) {
        const TextFile file(bytes, "f.ndjson");
        const Taken taken = drain(open_ndjson(file.path()));
        CHECK(taken.error.empty());
        REQUIRE(taken.lines.size() == 12'000);
        CHECK(taken.lines[1] == 3);
        CHECK(taken.lines[2] == 4);
        CHECK(std::count(taken.body.begin(), taken.body.end(), '{') == 12'000);
    };
    check(text);
    const std::size_t half = text.find('\n', text.size() / 2) + 1;
    for (const auto encoding : {codec::Encoding::kGzip, codec::Encoding::kZstd}) {
        check(codec::deflate(text, encoding, 1));
        // Files are often made by putting compressed ones one behind the other.
        check(codec::deflate(std::string_view(text).substr(0, half), encoding, 1) +
              codec::deflate(std::string_view(text).substr(half), encoding, 1));
        check(codec::deflate("\xEF\xBB\xBF" + text, encoding, 1));
        const std::string whole = codec::deflate(text, encoding, 1);
        const TextFile cut(std::string_view(whole).substr(0, whole.size() / 2), "cut.gz");
        CHECK(drain(open_ndjson(cut.path())).error.ends_with("cut off"));
        std::string hurt = whole;
        hurt[hurt.size() / 2] = static_cast<char>(hurt[hurt.size() / 2] ^ 0x55);
        hurt[hurt.size() / 2 + 1] = static_cast<char>(hurt[hurt.size() / 2 + 1] ^ 0x55);
        const TextFile damaged(hurt, "damaged.gz");
        const Taken taken = drain(open_ndjson(damaged.path()));
        CHECK((taken.error.ends_with("damaged") || taken.lines.size() == 12'000));
    }
    // Tools put notes of their own into frames that are to be skipped.
    const std::string_view skipped("\x5A\x2A\x4D\x18\x03\x00\x00\x00xyz", 11);
    const auto zstd = [](std::string_view part) {
        return codec::deflate(part, codec::Encoding::kZstd, 1);
    };
    check(std::string(skipped) + zstd(std::string_view(text).substr(0, half)) +
          std::string(skipped) + zstd(std::string_view(text).substr(half)));
    check("\xEF\xBB\xBF" + text);
    CHECK(drain(open_ndjson("/nowhere/x")).error == "/nowhere/x: cannot be read");
}

TEST_CASE("import: a line without end costs only itself") {
    const std::string good = "{\"a\":1}\n";
    const std::string wide(3 << 20, 'x');
    for (const std::string& rest : {"\n" + good, std::string()}) {
        const TextFile file(good + wide + rest, "f.ndjson");
        const Taken taken = drain(open_ndjson(file.path()));
        CHECK(taken.error.empty());
        CHECK(taken.body == (rest.empty() ? good : good + good));
        REQUIRE(taken.refused.size() == 1);
        CHECK(taken.refused[0].first == 2);
    }
    const std::string commas(1 << 20, ',');
    const Taken taken = csv("a,b\n" + commas + "\n1,2\n");
    CHECK(taken.lines == std::vector<std::uint64_t>{3});
    REQUIRE(taken.refused.size() == 1);
    CHECK(taken.refused[0].second == "16384 cells, the header has 2");
}

TEST_CASE("import: kinds of files by their names") {
    char delimiter = ',';
    CHECK(is_csv_name("a/b.csv.gz", delimiter));
    CHECK(delimiter == ',');
    CHECK(is_csv_name("b.tsv", delimiter));
    CHECK(delimiter == '\t');
    CHECK_FALSE(is_csv_name("b.ndjson.zst", delimiter));
}

}  // namespace
}  // namespace aiml042::app
