#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "net/http.h"

using namespace aiml042;  // NOLINT(google-build-using-namespace)

namespace {

/// A client that sends exactly the bytes it is told to.
class RawClient {
  public:
    explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const timeval patience{20, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    }
    ~RawClient() { ::close(socket_); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    void send(const std::string& bytes) const {
        std::size_t sent = 0;
        while (sent < bytes.size()) {
            const ssize_t n = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (n <= 0) {
                return;  // The server may have closed already: what it answered tells.
            }
            sent += static_cast<std::size_t>(n);
        }
    }

    /// One answer, header and body.
    std::string answer() {
        std::size_t end = std::string::npos;
        while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
            if (!more()) {
                return take(received_.size());
            }
        }
        std::size_t total = end + 4;
        if (const std::size_t at = received_.find("Content-Length: "); at < end) {
            total += std::stoul(received_.substr(at + 16));
        }
        while (received_.size() < total) {
            if (!more()) {
                break;
            }
        }
        return take(std::min(total, received_.size()));
    }

    /// Everything until the server closes.
    std::string rest() {
        while (more()) {
        }
        return take(received_.size());
    }

  private:
    bool more() {
        char bytes[4096];
        const ssize_t n = ::recv(socket_, bytes, sizeof(bytes), 0);
        if (n > 0) {
            received_.append(bytes, static_cast<std::size_t>(n));
        }
        return n > 0;
    }

    std::string take(std::size_t n) {
        std::string taken = received_.substr(0, n);
        received_.erase(0, n);
        return taken;
    }

    int socket_;
    std::string received_;
};

/// Answers with method, path and body; "/later" answers when `release` is called; refuses "/refused" by its head.
class Fixture {
  public:
    explicit Fixture(net::ServerOptions options = {}) {
        options.port = 0;
        auto started = net::Server::start(
            std::move(options),
            [](const net::Request& request) {
                net::Admission admission;
                admission.body_bytes_max = 4'000'000;
                admission.ticket = std::make_shared<std::string>("ticket");
                if (request.path == "/refused") {
                    admission.refusal = net::problem(Status(ErrorCode::kUnauthenticated, "no"), request.request_id);
                }
                if (request.path == "/nobody") {
                    admission.body_bytes_max = 0;
                }
                return admission;
            },
            [this](std::shared_ptr<const net::Request> request, net::Reply reply) {
                handle(std::move(request), std::move(reply));
            });
        INFO(started.status().to_string());
        REQUIRE(started.is_ok());
        server = std::move(*started);
    }
    ~Fixture() {
        if (late.joinable()) {
            late.join();
        }
    }
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;

    void handle(std::shared_ptr<const net::Request> request, net::Reply reply) {
        if (request->path == "/dies") {
            return;
        }
        if (request->path == "/throws") {
            throw std::runtime_error("x");
        }
        if (request->path == "/later") {
            late = std::thread([this, reply = std::make_shared<net::Reply>(std::move(reply))] {
                std::unique_lock lock(mutex);
                wake.wait(lock, [this] { return released; });
                net::Response response;
                response.body = "late";
                reply->send(std::move(response));
            });
            const std::lock_guard lock(mutex);
            waiting = true;
            wake.notify_all();
            return;
        }
        net::Response response;
        response.body = request->path + " " + std::to_string(request->body.size()) + " " +
                        std::string(request->body.substr(0, 32)) + *static_cast<const std::string*>(request->ticket.get());
        if (request->path == "/big") {
            response.body.assign(3'000'000, 'b');
        }
        reply.send(std::move(response));
    }

    void wait_for_late() {
        std::unique_lock lock(mutex);
        wake.wait(lock, [this] { return waiting; });
    }

    void release() {
        const std::lock_guard lock(mutex);
        released = true;
        wake.notify_all();
    }

    std::unique_ptr<net::Server> server;
    std::mutex mutex;
    std::condition_variable wake;
    bool waiting = false;
    bool released = false;
    std::thread late;
};

std::string get(const std::string& path, const std::string& fields = "") {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
}

std::string post(const std::string& path, const std::string& body) {
    return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}

std::string body_of(const std::string& answer) {
    const std::size_t end = answer.find("\r\n\r\n");
    return end == std::string::npos ? "" : answer.substr(end + 4);
}

}  // namespace

TEST_CASE("server: pipelined requests are answered in order on one connection") {
    const Fixture fixture;
    RawClient client(fixture.server->port());
    std::string all;
    for (int i = 0; i < 100; ++i) {
        all += i % 2 == 0 ? get("/" + std::to_string(i)) : post("/" + std::to_string(i), "body");
    }
    client.send(all);
    for (int i = 0; i < 100; ++i) {
        CHECK(body_of(client.answer()) ==
              "/" + std::to_string(i) + (i % 2 == 0 ? " 0 ticket" : " 4 bodyticket"));
    }
}

TEST_CASE("server: a request in single bytes is the same request") {
    const Fixture fixture;
    RawClient client(fixture.server->port());
    const std::string chunked =
        "POST /c HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    for (const char c : post("/a", "hello") + chunked) {
        client.send(std::string(1, c));
    }
    CHECK(body_of(client.answer()) == "/a 5 helloticket");
    CHECK(body_of(client.answer()) == "/c 5 abcdeticket");
}

TEST_CASE("server: large bodies and answers arrive whole") {
    const Fixture fixture;
    RawClient client(fixture.server->port());
    client.send(post("/a", std::string(3'500'000, 'x')));
    CHECK(body_of(client.answer()) == "/a 3500000 " + std::string(32, 'x') + "ticket");
    client.send(get("/big"));
    CHECK(body_of(client.answer()) == std::string(3'000'000, 'b'));
    client.send(post("/b", "small"));
    CHECK(body_of(client.answer()) == "/b 5 smallticket");
}

TEST_CASE("server: HEAD has the length of GET and no body") {
    const Fixture fixture;
    RawClient client(fixture.server->port());
    client.send("HEAD /h HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const std::string all = client.rest();
    CHECK(all.find("Content-Length: 11\r\n") != std::string::npos);
    CHECK(all.ends_with("\r\n\r\n"));
}

// A01: what follows an ambiguous request is never answered.
TEST_CASE("server: after a refused header the connection ends with one answer") {
    const Fixture fixture;
    RawClient client(fixture.server->port());
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
                get("/smuggled"));
    const std::string all = client.rest();
    CHECK(all.starts_with("HTTP/1.1 400 "));
    CHECK(all.find("smuggled") == std::string::npos);
    CHECK(all.find("HTTP/1.1", 8) == std::string::npos);
}

TEST_CASE("server: other protocols get their answer at once") {
    const Fixture fixture;
    for (const std::string& bytes : {std::string("\x16\x03\x01\x00\xa5", 5), std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")}) {
        RawClient client(fixture.server->port());
        client.send(bytes);
        const std::string answer = client.rest();
        CHECK((answer.starts_with("HTTP/1.1 400 ") || answer.starts_with("HTTP/1.1 501 ")));
    }
}

TEST_CASE("server: on a loopback address only loopback names are served") {
    const Fixture fixture;
    RawClient client(fixture.server->port());
    client.send("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    CHECK(client.rest().starts_with("HTTP/1.1 421 "));
    RawClient absolute(fixture.server->port());
    absolute.send("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(absolute.rest().starts_with("HTTP/1.1 421 "));
    RawClient named(fixture.server->port());
    named.send("GET /x HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n");
    CHECK(named.answer().starts_with("HTTP/1.1 200 "));
}

// A16, A21
TEST_CASE("server: a body that is too large is refused before it is read") {
    const Fixture fixture;
    RawClient client(fixture.server->port());
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 1000000000\r\n\r\n");
    CHECK(client.rest().starts_with("HTTP/1.1 413 "));
    RawClient chunked(fixture.server->port());
    chunked.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 60; ++i) {
        chunked.send("20000\r\n" + std::string(0x20000, 'x') + "\r\n");
    }
    CHECK(chunked.rest().starts_with("HTTP/1.1 413 "));
    RawClient none(fixture.server->port());
    none.send(post("/nobody", "x"));
    CHECK(none.answer().starts_with("HTTP/1.1 413 "));
}

TEST_CASE("server: 100 Continue comes after admission and only then") {
    const Fixture fixture;
    RawClient client(fixture.server->port());
    client.send("POST /x HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    CHECK(client.answer() == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("ok");
    CHECK(body_of(client.answer()) == "/x 2 okticket");
    client.send("POST /refused HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    CHECK(client.rest().starts_with("HTTP/1.1 401 "));
}

TEST_CASE("server: a small refused body is read over and the connection lives on") {
    const Fixture fixture;
    RawClient client(fixture.server->port());
    client.send(post("/refused", std::string(20'000, 'x')));
    CHECK(client.answer().starts_with("HTTP/1.1 401 "));
    client.send(get("/next"));
    CHECK(body_of(client.answer()) == "/next 0 ticket");
}

TEST_CASE("server: bodies in flight are bounded, and the bound is given back") {
    net::ServerOptions options;
    options.body_bytes_in_flight_max = 1'000'000;
    const Fixture fixture(std::move(options));
    RawClient slow(fixture.server->port());
    slow.send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n" + std::string(20'000, 'x'));
    RawClient other(fixture.server->port());
    // The slow one's bytes were reserved when its head was read, which is before this is answered or soon after.
    std::string answer;
    do {
        other.send(post("/b", std::string(200'000, 'y')));
        answer = other.answer();
    } while (answer.starts_with("HTTP/1.1 200 "));
    CHECK(answer.starts_with("HTTP/1.1 503 "));
    CHECK(answer.find("Retry-After: 1\r\n") != std::string::npos);
    slow.send(std::string(880'000, 'x'));
    CHECK(slow.answer().starts_with("HTTP/1.1 200 "));
    RawClient again(fixture.server->port());
    again.send(post("/c", std::string(900'000, 'z')));
    CHECK(again.answer().starts_with("HTTP/1.1 200 "));
}

TEST_CASE("server: a handler that dies or throws answers 500") {
    const Fixture fixture;
    RawClient client(fixture.server->port());
    client.send(get("/dies") + get("/throws") + get("/lives"));
    CHECK(client.answer().starts_with("HTTP/1.1 500 "));
    CHECK(client.answer().starts_with("HTTP/1.1 500 "));
    CHECK(client.answer().starts_with("HTTP/1.1 200 "));
}

TEST_CASE("server: an answer may come from another thread, and draining waits for it") {
    Fixture fixture;
    RawClient idle(fixture.server->port());
    idle.send(get("/idle"));
    CHECK(idle.answer().starts_with("HTTP/1.1 200 "));
    RawClient client(fixture.server->port());
    client.send(get("/later"));
    fixture.wait_for_late();
    std::thread drainer([&] { fixture.server->drain(60'000); });
    CHECK(idle.rest().empty());  // Closed, as nothing was on its way.
    fixture.release();
    const std::string answer = client.rest();
    CHECK(body_of(answer) == "late");
    CHECK(answer.find("Connection: close\r\n") != std::string::npos);
    drainer.join();
}

TEST_CASE("server: a reply may outlive the server") {
    Fixture fixture;
    RawClient client(fixture.server->port());
    client.send(get("/later"));
    fixture.wait_for_late();
    fixture.server.reset();
    CHECK(client.rest().empty());
    fixture.release();
}

TEST_CASE("server: slow headers and slow bodies are cut, idle connections closed") {
    net::ServerOptions options;
    options.header_timeout_ms = 300;
    options.idle_timeout_ms = 300;
    options.body_rate_min = 1'000'000'000;
    const Fixture fixture(std::move(options));
    RawClient header(fixture.server->port());
    header.send("GET / HTT");
    RawClient silent(fixture.server->port());
    RawClient idle(fixture.server->port());
    idle.send(get("/x"));
    CHECK(idle.answer().starts_with("HTTP/1.1 200 "));
    RawClient body(fixture.server->port());
    body.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nx");
    CHECK(header.rest().empty());
    CHECK(silent.rest().empty());
    CHECK(idle.rest().empty());
    CHECK(body.rest().empty());
}

TEST_CASE("server: connections per address are capped, and leave room when they end") {
    net::ServerOptions options;
    options.connections_per_address_max = 2;
    const Fixture fixture(std::move(options));
    RawClient first(fixture.server->port());
    first.send(get("/1"));
    CHECK(first.answer().starts_with("HTTP/1.1 200 "));
    {
        RawClient second(fixture.server->port());
        second.send(get("/2"));
        CHECK(second.answer().starts_with("HTTP/1.1 200 "));
        RawClient third(fixture.server->port());
        CHECK(third.rest().empty());
    }
    std::string answer;
    do {  // Until the server has seen that the second one is gone.
        RawClient fourth(fixture.server->port());
        fourth.send(get("/4", "Connection: close\r\n"));
        answer = fourth.rest();
    } while (answer.empty());
    CHECK(answer.starts_with("HTTP/1.1 200 "));
}

TEST_CASE("server: a port in use is told, also when another server of ours has it") {
    const Fixture fixture;
    net::ServerOptions options;
    options.port = fixture.server->port();
    const auto second = net::Server::start(options, nullptr, nullptr);
    CHECK(second.code() == ErrorCode::kConflict);
    options.address = "localhost";
    CHECK(net::Server::start(options, nullptr, nullptr).code() == ErrorCode::kInvalidArgument);
}
