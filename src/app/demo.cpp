#include "app/demo.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "app/demo_data.h"
#include "base/hash.h"
#include "base/log.h"
#include "codec/inflate.h"
#include "os/thread.h"

namespace aiml042::app {

namespace {

constexpr std::size_t kInflatedMax = 64 << 20;
constexpr std::size_t kLinesPerBatch = 1'000;

/// After its end a replay goes on with this much of its end, again and again.
constexpr Timestamp kCycle = 7 * kDay;

/// One line of a replay and when it is due, in the replay's own time.
struct Item {
    Timestamp at = 0;
    std::string_view line;
};

/// The events or the labels of a replay on their way into the server.
struct Track {
    std::string_view deployment;
    codec::BatchKind kind = codec::BatchKind::kEvents;
    std::string text;         // Owner of the items' lines.
    std::vector<Item> items;  // By `at`.
    Timestamp last = 0;       // Time of the replay's last event.
    Timestamp shift = 0;      // Replay time + shift = demo time.
    std::size_t next = 0;     // First item not sent.
    std::uint32_t cycle = 0;
};

/// The value of a string member of a flat JSON line, with the position behind its closing quote.
std::string_view member(std::string_view line, std::string_view name, std::size_t& end) {
    const std::size_t at = line.find(name);
    if (at == std::string_view::npos) {
        return {};
    }
    const std::size_t begin = at + name.size();
    const std::size_t quote = line.find('"', begin);
    end = quote + 1;
    return line.substr(begin, quote - begin);
}

constexpr std::string_view kEventTime = "\"timestamp\":\"";
constexpr std::string_view kLabelTime = "\"label_ts\":\"";
constexpr std::string_view kRequestId = "\"request_id\":\"";

std::vector<Item> split(const std::string& text, std::string_view time_name) {
    std::vector<Item> items;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t newline = std::min(text.find('\n', begin), text.size());
        const std::string_view line = std::string_view(text).substr(begin, newline - begin);
        std::size_t end = 0;
        if (const auto at = parse_rfc3339(member(line, time_name, end))) {
            items.push_back({*at, line});
        }
        begin = newline + 1;
    }
    std::ranges::stable_sort(items, {}, &Item::at);
    return items;
}

/// Latency and now and then an error, made from a hash of the line: lognormal around 25 ms, slower
/// at noon, and a bad three hours on the day before the last.
std::string made_up_serving(std::string_view line, Timestamp at, Timestamp last) {
    const std::uint64_t hash = hash64(line, 42);
    const double u = (static_cast<double>(hash >> 40) + 0.5) / static_cast<double>(1 << 24);
    const double v = static_cast<double>(hash & 0xFFFFFF) / static_cast<double>(1 << 24);
    const double normal = std::sqrt(-2.0 * std::log(u)) * std::cos(6.283185307179586 * v);
    const Timestamp day = floor_to(at, kDay);
    const double noon =
        1.0 +
        0.25 * std::sin(static_cast<double>(at - day) / static_cast<double>(kDay) * 6.283 - 1.57);
    const bool incident =
        day == floor_to(last, kDay) - kDay && at - day >= 14 * kHour && at - day < 17 * kHour;
    const double latency = 25.0 * noon * std::exp(0.45 * normal) * (incident ? 4.0 : 1.0);
    const bool failed = hash % 1'000 < (incident ? 40U : 4U);
    return fmt::format(
        ",\"latency_ms\":{:.1f}{}", latency, failed ? ",\"error_code\":\"upstream_timeout\"" : "");
}

/// The line as it is sent: its time moved, a new id in later cycles, a latency for events.
void append_line(std::string& out, const Track& track, const Item& item) {
    std::string_view line = item.line;
    std::size_t end = 0;
    if (track.cycle != 0) {
        member(line, kRequestId, end);
        out += line.substr(0, end - 1);
        out += fmt::format("-c{}", track.cycle);
        line.remove_prefix(end - 1);
    }
    const bool event = track.kind == codec::BatchKind::kEvents;
    const std::string_view time = member(line, event ? kEventTime : kLabelTime, end);
    out += line.substr(0, end - 1 - time.size());
    append_rfc3339(out, item.at + track.shift);
    out += '"';
    if (event) {
        out += made_up_serving(item.line, item.at, track.last);
    }
    out += line.substr(end);
    out += '\n';
}

Status open_track(std::string_view packed, Track& track) {
    AIML_TRY(codec::inflate(packed, codec::Encoding::kGzip, kInflatedMax, track.text));
    track.items =
        split(track.text, track.kind == codec::BatchKind::kEvents ? kEventTime : kLabelTime);
    return track.items.empty() ? Status(ErrorCode::kInternal, "the demo data is empty")
                               : Status::ok();
}

/// Begins the next round: the last kCycle of the replay, one kCycle later.
void wrap(Track& track) {
    if (track.next < track.items.size()) {
        return;
    }
    ++track.cycle;
    track.shift += kCycle;
    const Timestamp from = floor_to(track.last - 1, kDay) + kDay - kCycle;
    track.next = static_cast<std::size_t>(
        std::ranges::lower_bound(track.items, from, {}, &Item::at) - track.items.begin());
}

}  // namespace

struct Demo::State {
    State(Instance& target, ProjectId to) : instance(target), project(to) {}

    Status declare(const DemoReplay& replay);
    Status add(const DemoReplay& replay, Timestamp now);
    Status send(codec::BatchKind kind, std::string& body);
    Status send_due(Track& track, Timestamp now);
    void live(const std::stop_token& stop);

    Instance& instance;
    const ProjectId project;
    std::vector<Track> tracks;
    std::jthread thread;
};

/// Sends one batch and waits for its acknowledgement; clears `body`.
Status Demo::State::send(codec::BatchKind kind, std::string& body) {
    if (body.empty()) {
        return Status::ok();
    }
    body.reserve(body.size() + codec::ItemParser::kPadding);
    std::promise<Result<ingest::Outcome>> answered;
    instance.gate().submit(
        {.project = project,
         .kind = kind,
         .form = codec::BodyForm::kNdjson,
         .body = body,
         .arrival = instance.clock().now()},
        [&](Result<ingest::Outcome> outcome) { answered.set_value(std::move(outcome)); });
    const Result<ingest::Outcome> outcome = answered.get_future().get();
    body.clear();
    if (!outcome.is_ok()) {
        return outcome.status();
    }
    return outcome->rejected.empty() ? Status::ok() : outcome->rejected.front().status;
}

Status Demo::State::send_due(Track& track, Timestamp now) {
    std::string body;
    std::size_t lines = 0;
    for (wrap(track); track.items[track.next].at + track.shift <= now; wrap(track)) {
        append_line(body, track, track.items[track.next]);
        ++track.next;
        if (++lines == kLinesPerBatch) {
            AIML_TRY(send(track.kind, body));
            lines = 0;
        }
    }
    return send(track.kind, body);
}

Status Demo::State::declare(const DemoReplay& replay) {
    model::DeploymentSettings settings;
    settings.task_type = model::parse_task_type(replay.task_type);
    if (!replay.positive_class.empty()) {
        settings.positive_class = replay.positive_class;
    }
    for (std::size_t begin = 0; begin < replay.cohort_keys.size();) {
        const std::size_t comma =
            std::min(replay.cohort_keys.find(',', begin), replay.cohort_keys.size());
        settings.cohort_keys.emplace_back(replay.cohort_keys.substr(begin, comma - begin));
        begin = comma + 1;
    }
    return instance.catalog().declare(project, replay.deployment, settings);
}

Status Demo::State::add(const DemoReplay& replay, Timestamp now) {
    Track events;
    events.deployment = replay.deployment;
    AIML_TRY(open_track(replay.events_gz, events));
    events.last = events.items.back().at;
    // A replay that ends at midnight ends with the day before.
    events.shift = floor_to(now, kDay) - floor_to(events.last - 1, kDay);
    Track labels;
    labels.deployment = replay.deployment;
    labels.kind = codec::BatchKind::kLabels;
    labels.last = events.last;
    labels.shift = events.shift;
    AIML_TRY(open_track(replay.labels_gz, labels));
    AIML_TRY(send_due(events, now));
    AIML_TRY(send_due(labels, now));
    tracks.push_back(std::move(events));
    tracks.push_back(std::move(labels));
    return Status::ok();
}

void Demo::State::live(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    while (!wake.wait_for(
        lock, stop, std::chrono::seconds(1), [&] { return stop.stop_requested(); })) {
        for (Track& track : tracks) {
            if (const Status status = send_due(track, instance.clock().now()); !status.is_ok()) {
                log_warn("demo_not_sent",
                         {{"deployment", track.deployment}, {"error", status.to_string()}});
            }
        }
    }
}

Demo::Demo(std::unique_ptr<State> state) : state_(std::move(state)) {}

Demo::~Demo() = default;

Result<std::unique_ptr<Demo>> Demo::start(Instance& instance, ProjectId project) {
    auto state = std::make_unique<State>(instance, project);
    const Timestamp now = instance.clock().now();
    for (const DemoReplay& replay : demo_replays()) {
        AIML_TRY(state->declare(replay));
        AIML_TRY(state->add(replay, now));
    }
    instance.store().wait_visible(instance.log().committed(), 30'000);
    state->thread = std::jthread([raw_state = state.get()](const std::stop_token& stop) {
        os::enter_thread("demo", os::Rank::kBackground);
        raw_state->live(stop);
    });
    return std::unique_ptr<Demo>(new Demo(std::move(state)));
}

}  // namespace aiml042::app
