// The acceptor, and the life of a server.
//
// One acceptor deals connections to the workers in turn: with few busy connections (the usual case
// of an exporter with 64) every thread gets the same number, which SO_REUSEPORT's hash does not
// give; and a second server on the same port is told so instead of silently sharing it.

#include <chrono>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"
#include "net/http.h"
#include "net/worker.h"

namespace aiml042::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr int kBacklog = 4'096;
constexpr auto kAcceptPause = std::chrono::milliseconds(100);  // When descriptors have run out.

}  // namespace

struct Server::State {
    State(ServerOptions options, Admit admit, Handler handler)
        : shared(std::move(options), std::move(admit), std::move(handler)) {
        for (unsigned i = 0; i < std::max(1U, shared.options.threads); ++i) {
            workers.push_back(std::make_unique<Worker>(shared));
        }
        acceptor.emplace(workers.front()->io());
        pause.emplace(workers.front()->io());
    }

    Status listen();
    void accept();
    void accepted(tcp::socket socket, Worker& worker);
    void stop_accepting();

    Shared shared;
    std::vector<std::unique_ptr<Worker>> workers;
    std::optional<tcp::acceptor> acceptor;    // Of the first worker's thread once started.
    std::optional<asio::steady_timer> pause;  // Of the first worker's thread.
    std::size_t next_worker = 0;
    std::uint16_t port = 0;
    bool drained = false;
};

Status Server::State::listen() {
    error_code error;
    const asio::ip::address address = asio::ip::make_address(shared.options.address, error);
    const std::string host =
        address.is_v6() ? "[" + shared.options.address + "]" : shared.options.address;
    const std::string where = host + ":" + std::to_string(shared.options.port);
    if (error) {
        return {ErrorCode::kInvalidArgument, "cannot listen on " + where + ": not an IP address"};
    }
    const tcp::endpoint endpoint(address, shared.options.port);
    acceptor->open(endpoint.protocol(), error);
    if (!error) {
        acceptor->set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error) {
        acceptor->bind(endpoint, error);
    }
    if (!error) {
        acceptor->listen(kBacklog, error);
    }
    if (error) {
        return {ErrorCode::kConflict, "cannot listen on " + where + ": " + error.message()};
    }
    port = acceptor->local_endpoint(error).port();
    return Status::ok();
}

void Server::State::accept() {
    Worker& worker = *workers[next_worker];
    next_worker = (next_worker + 1) % workers.size();
    acceptor->async_accept(
        worker.io(), [this, &worker](const error_code& error, tcp::socket socket) {
            if (error == asio::error::operation_aborted || !acceptor->is_open()) {
                return;
            }
            if (!error) {
                accepted(std::move(socket), worker);
                accept();
                return;
            }
            log_warn("accept_failed", {{"error", error.message()}});
            pause->expires_after(kAcceptPause);
            pause->async_wait([this](const error_code& stopped) {
                if (!stopped && acceptor->is_open()) {
                    accept();
                }
            });
        });
}

void Server::State::accepted(tcp::socket socket, Worker& worker) {
    error_code error;
    const tcp::endpoint peer = socket.remote_endpoint(error);
    if (error) {  // Gone already.
        return;
    }
    std::string address = peer.address().to_string();
    if (!shared.enter(address)) {
        shared.counters.refused_connections->add();
        return;
    }
    shared.counters.connections_total->add();
    worker.adopt(std::move(socket), std::move(address));
}

void Server::State::stop_accepting() {
    asio::post(workers.front()->io(), [this] {
        error_code ignored;
        acceptor->close(ignored);
        pause->cancel();
    });
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Admit admit, Handler handler) {
    auto state = std::make_unique<State>(std::move(options), std::move(admit), std::move(handler));
    AIML_TRY(state->listen());
    for (const auto& worker : state->workers) {
        worker->start();
    }
    asio::post(state->workers.front()->io(), [raw = state.get()] { raw->accept(); });
    return std::unique_ptr<Server>(
        new Server(std::move(state)));  // NOLINT: the constructor is private.
}

Server::~Server() {
    drain(0);
}

std::uint16_t Server::port() const {
    return state_->port;
}

void Server::drain(std::uint32_t timeout_ms) {
    if (state_->drained) {
        return;
    }
    state_->drained = true;
    state_->shared.draining = true;
    state_->stop_accepting();
    for (const auto& worker : state_->workers) {
        worker->begin_drain();
    }
    state_->shared.wait_until_empty(timeout_ms);
    // Backwards: the first worker runs the acceptor, which hands connections to all of them.
    for (std::size_t i = state_->workers.size(); i-- > 0;) {
        state_->workers[i]->stop();
    }
}

}  // namespace aiml042::net
