#include "api/answer.h"

#include <utility>

namespace aiml042::api {

std::function<void(Call, net::Reply)> answering(std::function<Result<net::Response>(const Call&)> answer) {
    return [answer = std::move(answer)](const Call& call, net::Reply reply) {
        Result<net::Response> made = answer(call);
        reply.send(made.is_ok() ? std::move(*made) : problem_response(made.status(), call.request->request_id));
    };
}

net::Response no_content() {
    net::Response response;
    response.status = 204;
    return response;
}

}  // namespace aiml042::api
