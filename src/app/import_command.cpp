#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/import_source.h"
#include "app/instance.h"
#include "codec/inflate.h"
#include "codec/json_value.h"
#include "net/client.h"

namespace aiml042::app {

namespace {

constexpr int kTries = 8;

struct Totals {
    std::uint64_t ingested = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t rejected = 0;
    std::string first_rejection;

    void refuse(std::uint64_t line, std::string_view why) {
        ++rejected;
        note(line, why);
    }

    void note(std::uint64_t line, std::string_view why) {
        if (first_rejection.empty()) {
            first_rejection = fmt::format("line {}: {}", line, why);
        }
    }
};

/// The line of an item of a batch.
std::uint64_t line_of(const ImportBatch& batch, std::uint64_t index) {
    return index < batch.lines.size() ? batch.lines[index] : 0;
}

/// Takes batches of NDJSON; one per command.
class Target {
  public:
    virtual ~Target() = default;
    /// Sends the items and waits for the acknowledgement; adds to `totals`. The batch's memory may
    /// grow.
    virtual Status send(ImportBatch& batch, Totals& totals) = 0;
};

class FolderTarget final : public Target {
  public:
    FolderTarget(std::unique_ptr<Instance> instance, ProjectId project, codec::BatchKind kind)
        : instance_(std::move(instance)), project_(project), kind_(kind) {}

    Status send(ImportBatch& batch, Totals& totals) override {
        batch.body.reserve(batch.body.size() + codec::ItemParser::kPadding);
        std::promise<Result<ingest::Outcome>> answered;
        instance_->gate().submit(
            {.project = project_,
             .kind = kind_,
             .form = codec::BodyForm::kNdjson,
             .body = batch.body,
             .arrival = instance_->clock().now()},
            [&](Result<ingest::Outcome> outcome) { answered.set_value(std::move(outcome)); });
        const Result<ingest::Outcome> outcome = answered.get_future().get();
        if (!outcome.is_ok()) {
            return outcome.status();
        }
        totals.ingested += outcome->ingested;
        totals.duplicates += outcome->duplicates;
        totals.rejected += outcome->rejected.size();
        if (!outcome->rejected.empty()) {
            const codec::Rejection& first = outcome->rejected.front();
            totals.note(line_of(batch, first.index), first.status.to_string());
        }
        return Status::ok();
    }

  private:
    std::unique_ptr<Instance> instance_;
    ProjectId project_;
    codec::BatchKind kind_;
};

class ServerTarget final : public Target {
  public:
    ServerTarget(std::unique_ptr<net::Client> client, std::string path, const std::string& key)
        : client_(std::move(client)),
          path_(std::move(path)),
          headers_{{"Authorization", "Bearer " + key},
                   {"Content-Type", "application/x-ndjson"},
                   {"Content-Encoding", "zstd"}} {}

    Status send(ImportBatch& batch, Totals& totals) override {
        const std::string packed = codec::deflate(batch.body, codec::Encoding::kZstd, 1);
        for (int tries = 1;; ++tries) {
            const auto answer = client_->post(path_, headers_, packed);
            const bool again = !answer.is_ok() || answer->status == 429 || answer->status >= 500;
            if (!again) {
                return account(*answer, batch, totals);
            }
            if (tries == kTries) {
                return answer.is_ok()
                           ? Status(ErrorCode::kOverloaded,
                                    "the server answers " + std::to_string(answer->status))
                           : answer.status();
            }
            // The ids make sending again safe.
            const std::uint32_t wait_s =
                answer.is_ok() && answer->retry_after_s != 0 ? answer->retry_after_s : 1;
            std::mutex mutex;
            std::unique_lock lock(mutex);
            std::condition_variable().wait_for(lock, std::chrono::seconds(wait_s));
        }
    }

  private:
    static Status account(const net::ClientResponse& answer,
                          const ImportBatch& batch,
                          Totals& totals) {
        const auto json = codec::JsonValue::parse(answer.body);
        if (!json.is_ok() || (answer.status != 200 && answer.status != 422) ||
            json->find("rejected") == nullptr) {
            const codec::JsonValue* detail = json.is_ok() ? json->find("detail") : nullptr;
            return {ErrorCode::kInvalidArgument,
                    fmt::format("the server answers {}{}",
                                answer.status,
                                detail == nullptr ? "" : ": " + detail->string())};
        }
        const auto number = [&](std::string_view name) {
            const codec::JsonValue* value = json->find(name);
            return value == nullptr ? 0U : static_cast<std::uint64_t>(value->number());
        };
        const auto& rejected = json->find("rejected")->items();
        totals.ingested += number("ingested");
        totals.duplicates += number("duplicates");
        totals.rejected += std::max<std::uint64_t>(number("rejected_total"), rejected.size());
        if (!rejected.empty()) {
            const codec::JsonValue* index = rejected.front().find("index");
            const codec::JsonValue* detail = rejected.front().find("detail");
            totals.note(
                line_of(batch, static_cast<std::uint64_t>(index == nullptr ? 0 : index->number())),
                detail == nullptr ? "" : detail->string());
        }
        return Status::ok();
    }

    std::unique_ptr<net::Client> client_;
    std::string path_;
    std::vector<std::pair<std::string, std::string>> headers_;
};

/// A line on a terminal, rewritten in place; nothing elsewhere.
class ProgressBar {
  public:
    ProgressBar(std::string name, std::uint64_t bytes) : name_(std::move(name)), bytes_(bytes) {}

    void show(std::uint64_t done, std::uint64_t items) {
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
        if (isatty(2) == 0 || (done != bytes_ && seconds < shown_ + 0.1)) {
            return;
        }
        shown_ = seconds;
        const double part =
            bytes_ == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(bytes_);
        const int filled = static_cast<int>(part * 30);
        fmt::print(stderr,
                   "\r{} [{:#<{}}{:.<{}}] {:3.0f} %  {} items  {:.0f} items/s  {:.0f} s left ",
                   name_,
                   "",
                   filled,
                   "",
                   30 - filled,
                   part * 100,
                   items,
                   static_cast<double>(items) / std::max(seconds, 1e-3),
                   part > 0 ? seconds * (1 - part) / part : 0.0);
        if (done == bytes_) {
            fmt::print(stderr, "\n");
        }
    }

  private:
    std::string name_;
    std::uint64_t bytes_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    double shown_ = 0.0;
};

Result<std::pair<std::string, std::string>> assignment(std::string_view flag,
                                                       const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == text.size()) {
        return Status(ErrorCode::kInvalidArgument,
                      fmt::format("{} {}: expected FIELD=VALUE", flag, text));
    }
    return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

Result<std::unique_ptr<ImportSource>> open_source(const std::string& path,
                                                  const ImportRequest& request) {
    CsvOptions options;
    options.labels = request.labels;
    bool csv = is_csv_name(path, options.delimiter);
    if (!request.format.empty()) {
        csv = request.format == "csv";
    }
    if (request.delimiter) {
        options.delimiter = *request.delimiter;
    }
    for (const std::string& text : request.maps) {
        AIML_ASSIGN(auto pair, assignment("--map", text));
        options.columns.push_back(std::move(pair));
    }
    for (const std::string& text : request.sets) {
        AIML_ASSIGN(auto pair, assignment("--set", text));
        options.constants.push_back(std::move(pair));
    }
    options.texts = request.texts;
    if (csv) {
        return open_csv(path, options);
    }
    if (!options.columns.empty() || !options.constants.empty() || !options.texts.empty()) {
        return Status(ErrorCode::kInvalidArgument,
                      path + ": --map, --set and --text are for CSV files");
    }
    if (path.ends_with(".parquet")) {
        return Status(ErrorCode::kInvalidArgument,
                      path + ": Parquet is not read here; NDJSON and CSV are");
    }
    return open_ndjson(path);
}

Status send_file(const std::string& path,
                 const ImportRequest& request,
                 Target& target,
                 Totals& totals) {
    AIML_ASSIGN(const auto source, open_source(path, request));
    if (const std::string remark = source->remark(); !remark.empty()) {
        fmt::print(stderr, "{}: {}\n", path, remark);
    }
    ProgressBar bar(path, source->bytes_total());
    ImportBatch batch;
    while (true) {
        AIML_ASSIGN(const bool more, source->next(batch));
        for (const auto& [line, why] : source->refused) {
            totals.refuse(line, why);
        }
        source->refused.clear();
        if (!more) {
            break;
        }
        if (!batch.lines.empty()) {
            AIML_TRY(target.send(batch, totals));
        }
        bar.show(source->bytes_read(), totals.ingested + totals.duplicates);
    }
    return Status::ok();
}

Result<std::unique_ptr<Target>> open_target(const Config& config, const ImportRequest& request) {
    if (!request.url.empty()) {
        const char* key =
            std::getenv("AIML042_API_KEY");  // NOLINT(concurrency-mt-unsafe): no other thread yet.
        const std::string api_key = !request.api_key.empty() ? request.api_key
                                    : key == nullptr         ? ""
                                                             : key;
        if (api_key.empty()) {
            return Status(ErrorCode::kInvalidArgument, "--url needs --api-key or AIML042_API_KEY");
        }
        AIML_ASSIGN(auto client, net::Client::make(request.url));
        return std::unique_ptr<Target>(std::make_unique<ServerTarget>(
            std::move(client), request.labels ? "/v1/labels" : "/v1/ingest/metrics", api_key));
    }
    AIML_ASSIGN(auto instance, Instance::open(config, [](const Status& status) {
                    complain(status);
                    std::_Exit(70);
                }));
    const auto project = find_project(instance->catalog(), request.project);
    if (!project) {
        return Status(ErrorCode::kNotFound, "--project " + request.project + ": no such project");
    }
    return std::unique_ptr<Target>(std::make_unique<FolderTarget>(
        std::move(instance),
        project->id,
        request.labels ? codec::BatchKind::kLabels : codec::BatchKind::kEvents));
}

}  // namespace

int import(const Config& config, const ImportRequest& request) {
    auto target = open_target(config, request);
    if (!target.is_ok()) {
        return complain(target.status());
    }
    Totals totals;
    Status status;
    for (const std::string& file : request.files) {
        status = send_file(file, request, **target, totals);
        if (!status.is_ok()) {
            break;
        }
    }
    fmt::print("{} ingested, {} duplicates, {} rejected\n",
               totals.ingested,
               totals.duplicates,
               totals.rejected);
    if (!totals.first_rejection.empty()) {
        fmt::print(stderr, "first rejected: {}\n", totals.first_rejection);
    }
    if (!status.is_ok()) {
        return complain(status);
    }
    return totals.rejected == 0 ? 0 : 1;
}

}  // namespace aiml042::app
