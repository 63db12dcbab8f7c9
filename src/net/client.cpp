#include "net/client.h"

#include <chrono>
#include <cstdlib>
#include <optional>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

namespace aiml042::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

struct Client::State {
    boost::system::error_code connect();
    Result<ClientResponse> exchange(const http::request<http::string_body>& request);

    std::string authority;  // Host and port as the URL has them.
    std::string host;
    std::string port = "80";
    asio::io_context io;
    std::optional<beast::tcp_stream> stream;
};

Client::Client(std::unique_ptr<State> state) : state_(std::move(state)) {}

Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::make(std::string_view url) {
    constexpr std::string_view kScheme = "http://";
    if (!url.starts_with(kScheme)) {
        return Status(ErrorCode::kInvalidArgument,
                      "expected a URL http://host:port, got \"" + std::string(url) + "\"");
    }
    url.remove_prefix(kScheme.size());
    url = url.substr(0, url.find('/'));
    auto state = std::make_unique<State>();
    state->authority = url;
    const std::size_t bracket = url.starts_with('[') ? url.find(']') : std::string_view::npos;
    const std::size_t colon = url.find(':', bracket == std::string_view::npos ? 0 : bracket);
    state->host =
        bracket == std::string_view::npos ? url.substr(0, colon) : url.substr(1, bracket - 1);
    if (colon != std::string_view::npos) {
        state->port = url.substr(colon + 1);
    }
    return std::unique_ptr<Client>(new Client(std::move(state)));
}

boost::system::error_code Client::State::connect() {
    boost::system::error_code error;
    asio::ip::tcp::resolver resolver(io);
    const auto found = resolver.resolve(host, port, error);
    if (!error) {
        stream.emplace(io);
        asio::connect(stream->socket(), found, error);
    }
    return error;
}

Result<ClientResponse> Client::State::exchange(const http::request<http::string_body>& request) {
    const auto failed = [this](const boost::system::error_code& error) {
        stream.reset();
        return Status(ErrorCode::kStorageFailed, authority + ": " + error.message());
    };
    boost::system::error_code error;
    if (!stream) {
        if (error = connect(); error) {
            return failed(error);
        }
    }
    http::write(*stream, request, error);
    if (error) {
        return failed(error);
    }
    beast::flat_buffer buffer;
    buffer.reserve(65536);
    http::response<http::string_body> response;
    http::read(*stream, buffer, response, error);
    if (error) {
        return failed(error);
    }
    if (!response.keep_alive()) {
        stream.reset();
    }
    ClientResponse answer;
    answer.status = static_cast<int>(response.result_int());
    answer.retry_after_s = static_cast<std::uint32_t>(
        std::strtoul(std::string(response[http::field::retry_after]).c_str(), nullptr, 10));
    answer.body = std::move(response.body());
    return answer;
}

Result<ClientResponse> Client::post(std::string_view path,
                                    const std::vector<std::pair<std::string, std::string>>& headers,
                                    std::string body) {
    http::request<http::string_body> request{
        http::verb::post, beast::string_view(path.data(), path.size()), 11};
    request.set(http::field::host, state_->authority);
    for (const auto& [name, value] : headers) {
        request.set(name, value);
    }
    request.body() = std::move(body);
    request.prepare_payload();
    return state_->exchange(request);
}

}  // namespace aiml042::net
