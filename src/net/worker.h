// Inside of net: one I/O thread with its connections, and what all of them share.
//
// A connection belongs to one worker for life. Answers made on other threads come through the
// worker's inbox, which wakes it once per burst.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/counter.h"
#include "base/mutex.h"
#include "net/http.h"
#include "net/request_pool.h"

namespace aiml042::net {

class Session;
class Worker;

/// Counters of the room, looked up once.
struct ServerCounters {
    ServerCounters();

    Counter* answers[6] = {};  // By first digit of the status.
    Counter* connections;
    Counter* connections_total;
    Counter* refused_connections;
    Counter* refused_heads;
    Counter* timeouts;
    Counter* body_bytes;
    DurationHistogram* duration;
};

/// What all connections of a server share. Immutable after the start but for the counts.
class Shared {
  public:
    Shared(ServerOptions server_options, Admit admit_function, Handler handler_function);

    /// Counts one more connection from `address`; false when a cap is reached.
    bool enter(const std::string& address);
    void leave(const std::string& address);

    /// Waits until no connection is left, at most `timeout_ms`.
    void wait_until_empty(std::uint32_t timeout_ms);

    [[nodiscard]] bool host_allowed(std::string_view host) const;

    const ServerOptions options;
    const Admit admit;
    const Handler handler;
    const ServerCounters counters;
    const std::shared_ptr<BodyBudget> budget;
    std::atomic<bool> draining{false};

  private:
    std::vector<std::string> hosts_;  // Empty: any.
    Mutex mutex_;
    std::condition_variable empty_;
    std::size_t connections_ AIML_GUARDED_BY(mutex_) = 0;
    std::unordered_map<std::string, std::size_t> by_address_ AIML_GUARDED_BY(mutex_);
};

/// Answers on their way to a worker. Outlives it: a Reply may be sent at any time.
class Inbox {
  public:
    explicit Inbox(Worker& worker) : worker_(&worker) {}

    /// From any thread. Dropped when the worker has stopped.
    void push(Session* session, Response response);
    /// On the worker's thread.
    void deliver_all();
    void close();

  private:
    struct Item {
        Session* session = nullptr;  // Alive: a session waits for its answer, and the inbox is
                                     // closed before sessions are cut.
        Response response;
    };

    Worker* const worker_;
    Mutex mutex_;
    bool closed_ = false;  // Written under mutex_ on the worker's thread, which alone may read it
                           // without.
    std::vector<Item> items_ AIML_GUARDED_BY(mutex_);
    std::vector<Item> taken_;  // Of the worker's thread.
};

class Worker {
  public:
    explicit Worker(Shared& shared);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void start();
    /// Takes over an accepted connection; from any thread.
    void adopt(boost::asio::ip::tcp::socket socket, std::string address);
    /// Closes idle connections, lets the others finish; from any thread.
    void begin_drain();
    /// Cuts everything, ends the thread and waits for it.
    void stop();

    // The rest on the worker's thread only.
    void forget(Session& session);

    [[nodiscard]] std::string_view date() const { return date_; }

    /// 16 hex digits, unlike those of any request before.
    void make_request_id(std::string& out);
    [[nodiscard]] static std::int64_t steady_ms();

    [[nodiscard]] Shared& shared() { return *shared_; }

    [[nodiscard]] boost::asio::io_context& io() { return io_; }

    [[nodiscard]] const std::shared_ptr<RequestPool>& requests() const { return requests_; }

    [[nodiscard]] const std::shared_ptr<Inbox>& inbox() const { return inbox_; }

  private:
    void tick();
    void close_all();

    Shared* const shared_;
    const std::shared_ptr<Inbox> inbox_;
    const std::shared_ptr<RequestPool> requests_;
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
    boost::asio::steady_timer timer_;
    std::vector<std::shared_ptr<Session>> sessions_;
    std::string date_;
    std::uint64_t id_seed_;
    std::uint64_t id_count_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace aiml042::net
