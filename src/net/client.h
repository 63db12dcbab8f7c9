// A blocking HTTP/1.1 client for the command line: one keep-alive connection to one http:// server.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace aiml042::net {

struct ClientResponse {
    int status = 0;
    std::string body;
    std::uint32_t retry_after_s = 0;  // 0 where not sent.
};

/// One thread at a time. A request that fails in the socket is not sent again: the caller knows
/// whether it may be.
class Client {
  public:
    /// `url` is http://host[:port]; kInvalidArgument for anything else. Connects with the first
    /// request.
    static Result<std::unique_ptr<Client>> make(std::string_view url);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// POSTs `body` to `path`; kStorageFailed (in doubt, may be retried).
    Result<ClientResponse> post(std::string_view path,
                                const std::vector<std::pair<std::string, std::string>>& headers,
                                std::string body);

  private:
    struct State;
    explicit Client(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace aiml042::net
