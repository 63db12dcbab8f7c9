// An App over a real catalog and fake rooms beneath, asked without a socket.

#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "access/secret.h"
#include "api/app.h"
#include "codec/json_value.h"
#include "net/target.h"

namespace aiml042::api {

/// Keeps the answer and lets a test wait for it.
class KeptAnswer : public net::Reply::Sink {
  public:
    void send(net::Response response) override {
        const std::lock_guard lock(mutex_);
        response_ = std::move(response);
        there_.notify_all();
    }

    net::Response wait() {
        std::unique_lock lock(mutex_);
        there_.wait(lock, [this] { return response_.has_value(); });
        return std::move(*response_);
    }

  private:
    std::mutex mutex_;
    std::condition_variable there_;
    std::optional<net::Response> response_;
};

struct Ask {
    net::Method method = net::Method::kGet;
    std::string target;
    std::string key;  // Sent as a bearer when not empty.
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string content_type = "application/json";
};

class AppFixture {
  public:
    explicit AppFixture(AppOptions options = {}, access::AuthenticatorOptions rates = {}) {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "aiml042_api_XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
        auto opened = catalog::Catalog::open(folder_ + "/catalog.db");
        REQUIRE(opened.is_ok());
        catalog = std::move(*opened);
        project = catalog->create_project("default", clock.now())->id;
        other_project = catalog->create_project("other", clock.now())->id;
        authenticator.emplace(*catalog, clock, rates);
        app.emplace(Parts{.catalog = *catalog,
                          .authenticator = *authenticator,
                          .pool = pool,
                          .clock = clock,
                          .ports = make_ports()},
                    std::move(options),
                    std::vector<Route>());
    }

    ~AppFixture() {
        app.reset();
        authenticator.reset();
        catalog.reset();
        std::filesystem::remove_all(folder_);
    }

    AppFixture(const AppFixture&) = delete;
    AppFixture& operator=(const AppFixture&) = delete;

    std::string key(std::uint32_t scopes, std::optional<ProjectId> of = std::nullopt) {
        const auto made = access::make_key({.project = of.value_or(project),
                                            .name = "test",
                                            .scopes = scopes,
                                            .expires_at = std::nullopt},
                                           clock.now());
        REQUIRE(catalog->add_key(made.record).is_ok());
        return made.secret;
    }

    /// As net would: head to Admit, and on admission the whole request to the handler.
    net::Response ask(Ask asked) {
        const auto request = std::make_shared<net::Request>();
        request->method = asked.method;
        REQUIRE(net::read_target(asked.target, *request));
        request->headers = std::move(asked.headers);
        request->headers.emplace_back("host", "localhost");
        if (!asked.key.empty()) {
            request->headers.emplace_back("authorization", "Bearer " + asked.key);
        }
        if (!asked.body.empty()) {
            request->headers.emplace_back("content-length", std::to_string(asked.body.size()));
            if (!asked.content_type.empty()) {
                request->headers.emplace_back("content-type", asked.content_type);
            }
        }
        request->remote_address = "192.0.2.1";
        request->request_id = "00112233445566ff";
        net::Admission admission = app->admit()(*request);
        if (admission.refusal) {
            return std::move(*admission.refusal);
        }
        if (asked.body.size() > admission.body_bytes_max) {
            return net::problem(Status(ErrorCode::kTooLarge, "too large"), request->request_id);
        }
        request->ticket = admission.ticket;
        request->body_storage = asked.body + std::string(64, '\0');
        request->body = std::string_view(request->body_storage).substr(0, asked.body.size());
        const auto answer = std::make_shared<KeptAnswer>();
        app->handler()(request, net::Reply(answer));
        return answer->wait();
    }

    static codec::JsonValue json(const net::Response& response) {
        INFO(response.body);
        auto parsed = codec::JsonValue::parse(response.body);
        REQUIRE(parsed.is_ok());
        return std::move(*parsed);
    }

    static std::string code(const net::Response& response) {
        const codec::JsonValue* found = nullptr;
        const codec::JsonValue parsed = json(response);
        found = parsed.find("code");
        return found == nullptr ? "" : found->string();
    }

    static std::string pointer(const net::Response& response) {
        const codec::JsonValue parsed = json(response);
        const codec::JsonValue* found = parsed.find("pointer");
        return found == nullptr ? "" : found->string();
    }

    static std::string header(const net::Response& response, std::string_view name) {
        for (const auto& [field, value] : response.headers) {
            if (field == name) {
                return value;
            }
        }
        return {};
    }

    os::ManualClock clock{1'000'000 * kSecond};
    os::WorkPool pool{1, 16};
    std::unique_ptr<catalog::Catalog> catalog;
    ProjectId project{};
    ProjectId other_project{};
    std::optional<access::Authenticator> authenticator;
    std::optional<App> app;

    // What the fake rooms were given, and what they answer.
    std::vector<std::string> submitted;
    std::optional<ingest::Submission> submission;  // Its body is dead.
    ingest::Outcome outcome;
    Status submit_status;
    Status admission_status;
    std::vector<std::string> reasons;
    std::vector<std::string> warnings;
    int confirmations = 0;

  private:
    Ports make_ports() {
        return {.submit =
                    [this](const ingest::Submission& given, ingest::Done done) {
                        submission = given;
                        submitted.emplace_back(given.body);
                        if (submit_status.is_ok()) {
                            done(outcome);
                        } else {
                            done(submit_status);
                        }
                    },
                .admission = [this] { return admission_status; },
                .system =
                    [](ProjectId /*project*/) {
                        SystemNumbers numbers;
                        numbers.sequence = 7;
                        numbers.events = 5;
                        return numbers;
                    },
                .not_ready = [this] { return reasons; },
                .confirm_clock = [this] { ++confirmations; },
                .warnings = [this] { return warnings; }};
    }

    std::string folder_;
};

}  // namespace aiml042::api
