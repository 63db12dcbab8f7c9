#include "app/scrubber.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/bytes.h"
#include "base/counter.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/log.h"
#include "os/file.h"
#include "os/thread.h"

namespace aiml042::app {

namespace {

constexpr Timestamp kFirstPassAfter = kMinute;
/// A small store is through in minutes instead of being read a few bytes at a time.
constexpr std::uint64_t kBytesPerSecondMin = 1ULL << 20;
/// A pass aims at this share of the period: what is written meanwhile must be read too.
constexpr double kShareOfPeriod = 0.9;
constexpr Timestamp kShortestWait = 20 * kMillisecond;
constexpr Timestamp kSaveEvery = kMinute;

constexpr std::string_view kStateName = "scrub";
constexpr std::uint8_t kStateFormat = 1;
constexpr std::size_t kStateBytesMax = 1ULL << 20;

struct Metrics {
    Counter& bytes = counter("aiml042_scrub_bytes_total", "Stored bytes read by the scrub");
    Counter& damaged = gauge("aiml042_scrub_damaged_items",
                             "Stored items that fail their checksum, as the scrub last saw them");
    Counter& last_pass = gauge("aiml042_scrub_last_pass_timestamp_seconds",
                               "When the scrub last ended a full pass; 0 is never");
};

Metrics& metrics() {
    static Metrics all;
    return all;
}

}  // namespace

Scrubber::Scrubber(ScrubOptions options,
                   const store::Store& store,
                   const identity::Index& identities,
                   const wal::Writer& log,
                   const os::Clock& clock)
    : options_(std::move(options)),
      store_(store),
      identities_(identities),
      log_(log),
      clock_(clock) {
    load();
    thread_ = std::jthread([this](const std::stop_token& stop) {
        os::enter_thread("scrub", os::Rank::kBackground);
        run(stop);
    });
}

Scrubber::~Scrubber() = default;

ScrubView Scrubber::view() const {
    const MutexLock lock(mutex_);
    ScrubView view;
    view.last_pass = last_pass_;
    view.damaged = known_.size() + unlisted_;
    for (const auto& [name, known] : known_) {
        view.items.push_back(known.fault);
    }
    return view;
}

void Scrubber::run(const std::stop_token& stop) {
    if (!wait(stop, std::min(kFirstPassAfter, options_.period))) {
        return;
    }
    while (true) {
        // By the wall clock, so that a pass does not begin anew with every start; one that was set
        // back must not put it off for long.
        const Timestamp now = clock_.now();
        Timestamp next = now;
        if (const MutexLock lock(mutex_); last_pass_ && begun_ != 0) {
            next = std::min(begun_, now) + options_.period;
        }
        const bool under_way = last_file_ != 0;
        if (!under_way && next > now && !wait(stop, next - now)) {
            return;
        }
        if (!pass(stop)) {
            save();
            return;
        }
        end_pass();
        save();
    }
}

/// False when the thread is to end.
bool Scrubber::wait(const std::stop_token& stop, Timestamp duration) {
    std::unique_lock lock(sleeping_);
    return !wake_.wait_for(
        lock, stop, std::chrono::microseconds(duration), [&] { return stop.stop_requested(); });
}

bool Scrubber::pass(const std::stop_token& stop) {
    if (last_file_ == 0) {
        begun_ = clock_.now();
    }
    const auto part = [&](const char* name) {
        return Scrub{.pace = [this, &stop](std::uint64_t bytes) { return pace(stop, bytes); },
                     .fault = [this, name](ScrubFault fault) { found(name, std::move(fault)); }};
    };
    rate_ = bytes_per_second();
    due_ = clock_.steady();
    while (const auto file = store_.scrub_file(last_file_, part("store"))) {
        if (stop.stop_requested()) {
            return false;  // This file was not read to its end.
        }
        last_file_ = *file;
        rate_ = bytes_per_second();
        if (clock_.steady() - saved_ >= kSaveEvery) {
            save();
        }
    }
    return identities_.scrub(part("ids")) && log_.scrub(part("log"));
}

/// Fast enough for a pass in the period, within the bounds.
std::uint64_t Scrubber::bytes_per_second() const {
    const std::uint64_t bytes =
        store_.stats().disk_bytes + identities_.stats().disk_bytes + log_.live_bytes();
    const double seconds = static_cast<double>(options_.period) / kSecond * kShareOfPeriod;
    const auto wanted = static_cast<std::uint64_t>(static_cast<double>(bytes) / seconds);
    return std::min(std::max(wanted, kBytesPerSecondMin), options_.bytes_per_second_max);
}

bool Scrubber::pace(const std::stop_token& stop, std::uint64_t bytes) {
    metrics().bytes.add(bytes);
    const Timestamp now = clock_.steady();
    due_ =
        std::max(due_, now - kShortestWait) +
        static_cast<Timestamp>(static_cast<double>(bytes) * kSecond / static_cast<double>(rate_));
    return due_ - now < kShortestWait ? !stop.stop_requested() : wait(stop, due_ - now);
}

void Scrubber::found(const char* part, ScrubFault fault) {
    fault.file = std::string(part) + "/" + fault.file;
    const std::string folder = options_.folder + "/";
    for (auto at = fault.detail.find(folder); at != std::string::npos;
         at = fault.detail.find(folder, at)) {
        fault.detail.erase(at, folder.size());  // Who may read numbers need not know where.
    }
    bool is_new = false;
    std::uint64_t damaged = 0;
    {
        const MutexLock lock(mutex_);
        const auto known = known_.find(fault.file + "\n" + fault.item);
        if (known != known_.end()) {
            known->second = {fault, pass_};
        } else if (known_.size() < limits::kScrubItemsMax) {
            is_new = true;
            known_.emplace(fault.file + "\n" + fault.item, Known{fault, pass_});
        } else {
            ++unlisted_;
        }
        damaged = known_.size() + unlisted_;
    }
    metrics().damaged.set(damaged);
    if (is_new) {
        log_error("scrub_damage",
                  {{"file", fault.file}, {"item", fault.item}, {"detail", fault.detail}});
    }
}

/// What this pass did not find damaged any more was dropped, or written anew.
void Scrubber::end_pass() {
    const Timestamp now = clock_.now();
    std::uint64_t damaged = 0;
    {
        const MutexLock lock(mutex_);
        std::erase_if(known_, [&](const auto& entry) { return entry.second.pass != pass_; });
        damaged = known_.size() + unlisted_;
        unlisted_ = 0;
        last_pass_ = now;
    }
    ++pass_;
    last_file_ = 0;
    metrics().damaged.set(damaged);
    metrics().last_pass.set(static_cast<std::uint64_t>(now / kSecond));
    log_info("scrub_pass", {{"damaged", damaged}, {"s", (now - begun_) / kSecond}});
}

void Scrubber::load() {
    const auto text =
        os::read_file(options_.folder + "/" + std::string(kStateName), kStateBytesMax);
    if (!text || text->size() < sizeof(std::uint32_t)) {
        return;  // A scrub that forgets where it was begins anew.
    }
    const ByteView body = ByteView(*text).substr(0, text->size() - sizeof(std::uint32_t));
    ByteReader tail(ByteView(*text).substr(body.size()));
    ByteReader in(body);
    if (tail.fixed<std::uint32_t>() != crc32c(body) || in.u8() != kStateFormat) {
        return;
    }
    begun_ = in.fixed<Timestamp>();
    last_file_ = in.varint();
    const auto last_pass = in.fixed<Timestamp>();
    const std::uint64_t items = std::min<std::uint64_t>(in.varint(), limits::kScrubItemsMax);
    const MutexLock lock(mutex_);
    for (std::uint64_t i = 0; i < items && in.ok(); ++i) {
        Known known;
        known.fault.file = in.string();
        known.fault.item = in.string();
        known.fault.detail = in.string();
        known.pass = in.u8() != 0 ? pass_ : 0;
        std::string name = known.fault.file + "\n" + known.fault.item;
        known_.emplace(std::move(name), std::move(known));
    }
    if (last_pass != 0) {
        last_pass_ = last_pass;
        metrics().last_pass.set(static_cast<std::uint64_t>(last_pass / kSecond));
    }
    metrics().damaged.set(known_.size());
}

void Scrubber::save() {
    saved_ = clock_.steady();
    std::string text;
    ByteWriter out(text);
    out.u8(kStateFormat);
    out.fixed(begun_);
    out.varint(last_file_);
    {
        const MutexLock lock(mutex_);
        out.fixed(last_pass_.value_or(0));
        out.varint(known_.size());
        for (const auto& [name, known] : known_) {
            out.string(known.fault.file);
            out.string(known.fault.item);
            out.string(known.fault.detail);
            out.u8(known.pass == pass_ ? 1 : 0);
        }
    }
    out.fixed(crc32c(text));
    if (const Status status =
            os::write_file_durably(options_.folder, std::string(kStateName), text);
        !status.is_ok()) {
        log_warn("scrub_not_saved", {{"error", status.to_string()}});
    }
}

}  // namespace aiml042::app
