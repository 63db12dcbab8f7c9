#include "api/route.h"

#include <algorithm>

namespace aiml042::api {

std::string_view Call::path_parameter(std::string_view name) const {
    const auto found = std::ranges::find_if(
        path_parameters, [name](const auto& entry) { return entry.first == name; });
    return found == path_parameters.end() ? std::string_view() : std::string_view(found->second);
}

net::Response json_response(std::string body, int status) {
    net::Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

net::Response problem_response(const Status& status, std::string_view request_id) {
    return net::problem(status, request_id);
}

}  // namespace aiml042::api
