// Handlers that make their answer and return it, or a Status.

#pragma once

#include <functional>

#include "api/route.h"
#include "base/status.h"
#include "net/http.h"

namespace aiml042::api {

/// A Route::handle of a function that returns the answer; a failed Status becomes its problem document.
[[nodiscard]] std::function<void(Call, net::Reply)> answering(std::function<Result<net::Response>(const Call&)> answer);

/// 204.
[[nodiscard]] net::Response no_content();

}  // namespace aiml042::api
