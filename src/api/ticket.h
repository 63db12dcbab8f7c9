// Inside of api: what was found out about a request when it was admitted.

#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "access/authenticator.h"
#include "api/route.h"

namespace aiml042::api {

struct Ticket {
    const Route* route = nullptr;  // Null: OPTIONS (then `allow` is set) or a file of the page.
    std::string allow;
    access::Principal principal;
    std::shared_ptr<access::KeyUse> use;  // Null for routes open to all.
    std::vector<std::pair<std::string, std::string>> path_parameters;
};

/// The ticket of an admitted request.
[[nodiscard]] inline const Ticket& ticket_of(const net::Request& request) {
    return *static_cast<const Ticket*>(request.ticket.get());
}

}  // namespace aiml042::api
