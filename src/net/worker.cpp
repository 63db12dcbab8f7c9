#include "net/worker.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <random>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include "base/check.h"
#include "base/log.h"
#include "net/guard.h"
#include "net/response_head.h"
#include "net/session.h"
#include "os/clock.h"
#include "os/thread.h"

namespace aiml042::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr auto kTick = std::chrono::milliseconds(250);

// The inbox of the worker that runs on this thread.
constinit thread_local const Inbox* current_inbox = nullptr;

}  // namespace

ServerCounters::ServerCounters()
    : connections(&gauge("aiml042_http_connections", "Open connections")),
      connections_total(&counter("aiml042_http_connections_total", "Connections accepted")),
      refused_connections(
          &counter("aiml042_http_refused_connections_total", "Connections over a cap")),
      refused_heads(
          &counter("aiml042_http_refused_heads_total", "Requests refused by the framing guard")),
      timeouts(
          &counter("aiml042_http_timeouts_total", "Connections cut because they were too slow")),
      body_bytes(&counter("aiml042_http_body_bytes_total", "Bytes of request bodies, as sent")),
      duration(&duration_histogram("aiml042_http_request_duration_seconds",
                                   "From the complete header to the first byte of the answer")) {
    static constexpr std::array kClasses = {"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
    for (std::size_t i = 0; i < kClasses.size(); ++i) {
        answers[i] = &counter("aiml042_http_answers_total",
                              "Answers by class of status",
                              "class=\"" + std::string(kClasses[i]) + "\"");
    }
}

Shared::Shared(ServerOptions server_options, Admit admit_function, Handler handler_function)
    : options(std::move(server_options)),
      admit(std::move(admit_function)),
      handler(std::move(handler_function)),
      budget(std::make_shared<BodyBudget>(options.body_bytes_in_flight_max)),
      hosts_(options.allowed_hosts) {
    error_code error;
    const asio::ip::address address = asio::ip::make_address(options.address, error);
    if (hosts_.empty() && !error && address.is_loopback()) {
        hosts_ = {"localhost", "127.0.0.1", "[::1]"};
        hosts_.push_back(address.is_v6() ? "[" + options.address + "]" : options.address);
    }
}

bool Shared::enter(const std::string& address) {
    const MutexLock lock(mutex_);
    if (connections_ >= options.connections_max) {
        return false;
    }
    std::size_t& of_address = by_address_[address];
    if (of_address >= options.connections_per_address_max) {
        return false;
    }
    ++of_address;
    ++connections_;
    counters.connections->set(connections_);
    return true;
}

void Shared::leave(const std::string& address) {
    const MutexLock lock(mutex_);
    const auto found = by_address_.find(address);
    AIML_CHECK(found != by_address_.end());
    if (--found->second == 0) {
        by_address_.erase(found);
    }
    --connections_;
    counters.connections->set(connections_);
    if (connections_ == 0) {
        empty_.notify_all();
    }
}

void Shared::wait_until_empty(std::uint32_t timeout_ms) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    MutexLock lock(mutex_);
    while (connections_ != 0 && lock.wait_until(empty_, deadline)) {
    }
}

bool Shared::host_allowed(std::string_view host) const {
    return hosts_.empty() || host.empty() ||
           std::ranges::any_of(hosts_,
                               [host](const std::string& name) { return host_is(host, name); });
}

// --- The inbox ---------------------------------------------------------------------------------

void Inbox::push(Session* session, Response response) {
    if (current_inbox == this) {
        if (!closed_) {  // Only this thread ever writes it.
            session->deliver(std::move(response));
        }
        return;
    }
    const MutexLock lock(mutex_);
    if (closed_) {
        return;
    }
    items_.push_back({session, std::move(response)});
    if (items_.size() == 1) {  // Posting wakes the thread; later ones of the burst come along.
        asio::post(worker_->io(), [worker = worker_] { worker->inbox()->deliver_all(); });
    }
}

void Inbox::deliver_all() {
    {
        const MutexLock lock(mutex_);
        taken_.swap(items_);
    }
    for (Item& item : taken_) {
        item.session->deliver(std::move(item.response));
    }
    taken_.clear();
}

void Inbox::close() {
    const MutexLock lock(mutex_);
    closed_ = true;
    items_.clear();
}

// --- The worker --------------------------------------------------------------------------------

Worker::Worker(Shared& shared)
    : shared_(&shared),
      inbox_(std::make_shared<Inbox>(*this)),
      requests_(std::make_shared<RequestPool>(shared.budget)),
      io_(1),
      guard_(io_.get_executor()),
      timer_(io_),
      date_(http_date(os::SystemClock().now())) {
    std::random_device random;
    id_seed_ = (std::uint64_t{random()} << 32) | random();
}

Worker::~Worker() {
    stop();
}

void Worker::start() {
    thread_ = std::thread([this] {
        os::enter_thread("http", os::Rank::kAnswering);
        current_inbox = inbox_.get();
        tick();
        io_.run();
        current_inbox = nullptr;
    });
}

void Worker::adopt(asio::ip::tcp::socket socket, std::string address) {
    asio::post(io_, [this, socket = std::move(socket), address = std::move(address)]() mutable {
        auto session = std::make_shared<Session>(std::move(socket), *this, std::move(address));
        session->index = sessions_.size();
        sessions_.push_back(session);
        if (stopping_) {
            session->close();
        } else {
            session->start();
        }
    });
}

void Worker::begin_drain() {
    asio::post(io_, [this] {
        const auto sessions = sessions_;  // A closed one leaves the list.
        for (const auto& session : sessions) {
            session->drain();
        }
    });
}

void Worker::stop() {
    if (!thread_.joinable()) {
        return;
    }
    asio::post(io_, [this] { close_all(); });
    thread_.join();
}

void Worker::close_all() {
    stopping_ = true;
    inbox_->close();
    const auto sessions = sessions_;
    for (const auto& session : sessions) {
        session->close();
    }
    while (!sessions_.empty()) {  // Those whose answer will not come any more.
        forget(*sessions_.back());
    }
    timer_.cancel();
    guard_.reset();
}

void Worker::forget(Session& session) {
    AIML_CHECK(session.index < sessions_.size() && sessions_[session.index].get() == &session);
    shared_->leave(session.address());
    sessions_.back()->index = session.index;
    std::swap(sessions_[session.index], sessions_.back());
    sessions_.pop_back();  // The last use of `session` may end here.
}

void Worker::make_request_id(std::string& out) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    // A bijective mix of a counter: no two ids of a worker are equal, and they do not tell how many
    // there were.
    std::uint64_t x = id_seed_ + ++id_count_ * 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    x ^= x >> 31;
    out.resize(16);
    for (char& c : out) {
        c = kHex[x >> 60];
        x <<= 4;
    }
}

std::int64_t Worker::steady_ms() {
    return os::SystemClock().steady() / kMillisecond;
}

void Worker::tick() {
    date_ = http_date(os::SystemClock().now());
    const std::int64_t now_ms = steady_ms();
    for (std::size_t i = sessions_.size();
         i-- > 0;) {  // Backwards: a closed one is swapped with the last.
        const auto session = sessions_[i];
        session->tick(now_ms);
    }
    timer_.expires_after(kTick);
    timer_.async_wait([this](const error_code& error) {
        if (!error && !stopping_) {
            tick();
        }
    });
}

}  // namespace aiml042::net
