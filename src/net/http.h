// HTTP as the rooms above see it: requests, replies, the server. No Asio type leaves this room.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace aiml042::net {

enum class Method : std::uint8_t {
    kGet,
    kHead,
    kPost,
    kPut,
    kDelete,
    kOptions,
    kUnserved,  // PATCH, which no route has: the path says what to use instead.
};

/// One request, body read. Lives until its Reply is answered.
struct Request {
    Method method = Method::kGet;
    std::string path;      // Decoded, always begins with '/'.
    std::string raw_path;  // As sent: only here is %2F told from '/'.
    std::vector<std::pair<std::string, std::string>> query;    // Decoded, in order, repeats kept.
    std::vector<std::pair<std::string, std::string>> headers;  // Names in lower case.
    std::string_view body;                                     // Followed by 64 readable bytes.
    std::string remote_address;                                // Of the socket, without port.
    std::string request_id;              // Ours, 16 hex digits; also in the answer's X-Request-Id.
    std::string body_storage;            // Owner of `body`.
    std::shared_ptr<const void> ticket;  // What Admit gave with its admission.

    /// First header of that (lower-case) name; empty when none.
    [[nodiscard]] std::string_view header(std::string_view name) const;
    /// First query parameter of that name; nothing when none.
    [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::shared_ptr<const void>
        body_owner;                // With `static_body`: keeps it alive; may be null for constants.
    std::string_view static_body;  // Sent instead of `body` when not empty.
    bool close = false;
};

/// problem+json (RFC 9457) of a failed Status: type, title, status, code, detail, pointer,
/// request_id; with Retry-After where the code says that a retry makes sense and WWW-Authenticate
/// where it is 401.
[[nodiscard]] Response problem(const Status& status, std::string_view request_id);

/// The right and duty to answer one request, exactly once, from any thread. One that dies
/// unanswered answers 500.
class Reply {
  public:
    struct Sink {
        virtual ~Sink() = default;
        virtual void send(Response response) = 0;
    };

    explicit Reply(std::shared_ptr<Sink> sink) : sink_(std::move(sink)) {}

    Reply(Reply&&) noexcept = default;
    Reply& operator=(Reply&&) = delete;
    Reply(const Reply&) = delete;
    Reply& operator=(const Reply&) = delete;
    ~Reply();

    void send(Response response);

  private:
    std::shared_ptr<Sink> sink_;
};

/// Called on an I/O thread; must not block. The request stays valid as long as the shared pointer.
using Handler = std::function<void(std::shared_ptr<const Request>, Reply)>;

/// Decides on a request by its head, before the body is read: an answer refuses it (and closes
/// where a body was on its way); none lets it in with at most `body_bytes_max` bytes.
/// `request.body` is empty here. Called on an I/O thread.
struct Admission {
    std::optional<Response> refusal;
    std::size_t body_bytes_max = 0;
    std::shared_ptr<const void> ticket;  // Kept in Request::ticket, for the handler.
};

using Admit = std::function<Admission(const Request&)>;

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8042;  // 0: any free one; see port().
    unsigned threads = 2;
    std::size_t connections_max = 10'000;
    std::size_t connections_per_address_max = 8'192;
    std::uint32_t header_timeout_ms = 10'000;
    std::uint32_t body_rate_min = 1'024;  // Bytes per second, averaged; slower bodies are cut.
    std::uint32_t idle_timeout_ms = 75'000;
    std::uint32_t write_timeout_ms = 30'000;
    std::size_t body_bytes_in_flight_max =
        256ULL << 20;                        // Over all connections; beyond it 503 before the body.
    std::vector<std::string> allowed_hosts;  // Empty: loopback names and the listen address on a
                                             // loopback bind, else any.
};

class Server {
  public:
    static Result<std::unique_ptr<Server>> start(ServerOptions options,
                                                 Admit admit,
                                                 Handler handler);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] std::uint16_t port() const;

    /// Stops accepting, lets requests in flight be answered (with Connection: close), at most
    /// `timeout_ms`; then cuts.
    void drain(std::uint32_t timeout_ms);

  private:
    struct State;
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace aiml042::net
