#include "api/app.h"

#include <exception>
#include <utility>

#include "api/admin_routes.h"
#include "api/credentials.h"
#include "api/ingest_routes.h"
#include "api/media_type.h"
#include "api/openapi.h"
#include "api/session_routes.h"
#include "api/static_files.h"
#include "api/system_routes.h"
#include "api/ticket.h"
#include "base/counter.h"
#include "base/log.h"

namespace aiml042::api {

namespace {

constexpr std::size_t kSmallBodyBytesMax = 1024 * 1024;

std::string retry_seconds(Timestamp wait) {
    return std::to_string((wait + kSecond - 1) / kSecond);
}

/// `problem` with its own time to wait instead of the second that goes without saying.
net::Response with_retry_after(net::Response problem, std::string seconds) {
    for (auto& [name, value] : problem.headers) {
        if (name == "Retry-After") {
            value = std::move(seconds);
            return problem;
        }
    }
    problem.headers.emplace_back("Retry-After", std::move(seconds));
    return problem;
}

void append(std::vector<Route>& routes, std::vector<Route> more) {
    for (Route& route : more) {
        routes.push_back(std::move(route));
    }
}

}  // namespace

struct App::State {
    State(Parts app_parts, AppOptions app_options, std::vector<Route> more)
        : parts(std::move(app_parts)), options(std::move(app_options)), table(all_routes(std::move(more))) {
        openapi = openapi_document(table.routes(), options.version);
    }

    std::vector<Route> all_routes(std::vector<Route> more);
    net::Admission admit(const net::Request& request);
    std::optional<net::Response> authenticate(const net::Request& request, Ticket& ticket);
    std::optional<net::Response> check_rates(const net::Request& request, const Ticket& ticket);
    Status check_body(const net::Request& request, const Route& route) const;
    std::size_t body_bytes_max(Body body) const;
    void handle(const std::shared_ptr<const net::Request>& request, net::Reply reply);
    void run_on_pool(const Route& route, Call call, net::Reply reply);

    Parts parts;
    const AppOptions options;
    std::string openapi;
    const RouteTable table;
    Counter& refused_rate = counter("aiml042_rate_limited_total", "Requests answered 429");
    Counter& refused_load = counter("aiml042_overloaded_total", "Requests answered 503 before their body was read");
};

std::vector<Route> App::State::all_routes(std::vector<Route> more) {
    std::vector<Route> routes;
    append(routes, ingest_routes(parts));
    append(routes, session_routes(parts, options));
    append(routes, key_routes(parts));
    append(routes, project_routes(parts));
    append(routes, deployment_routes(parts));
    append(routes, dead_letter_routes(parts));
    append(routes, system_routes(parts, options, openapi));
    append(routes, std::move(more));
    return routes;
}

// --- Admission ------------------------------------------------------------------------------------------------------

std::size_t App::State::body_bytes_max(Body body) const {
    switch (body) {
        case Body::kNone:
            return 0;
        case Body::kSmall:
            return kSmallBodyBytesMax;
        case Body::kIngest:
            break;
    }
    return options.body_bytes_max;
}

std::optional<net::Response> App::State::authenticate(const net::Request& request, Ticket& ticket) {
    const access::Scope scope = ticket.route->scope;
    if (scope == access::Scope::kNone) {
        return std::nullopt;
    }
    access::Authentication found = parts.authenticator.authenticate(credentials_of(request));
    if (!found.status.is_ok()) {
        net::Response refusal = problem_response(found.status, request.request_id);
        return found.retry_after_s == 0 ? refusal
                                        : with_retry_after(std::move(refusal), std::to_string(found.retry_after_s));
    }
    if (!found.principal.allows(scope)) {
        const Status status(ErrorCode::kForbidden,
                            "This needs the scope " + std::string(access::scope_name(scope)) + ".");
        return problem_response(status, request.request_id);
    }
    ticket.principal = std::move(found.principal);
    ticket.use = std::move(found.use);
    return std::nullopt;
}

std::optional<net::Response> App::State::check_rates(const net::Request& request, const Ticket& ticket) {
    if (ticket.use == nullptr) {
        return std::nullopt;
    }
    const bool ingest = ticket.route->body == Body::kIngest;
    const Timestamp now = parts.clock.steady();
    std::optional<Timestamp> wait = ingest ? ticket.use->items.wait(now) : std::nullopt;
    if (!wait) {
        wait = ticket.use->requests.take(1, now);
    }
    if (wait) {
        refused_rate.add();
        const Status status(ErrorCode::kRateLimited, "This key has used up what it may do for now.");
        return with_retry_after(problem_response(status, request.request_id), retry_seconds(*wait));
    }
    if (ingest) {
        if (const Status status = parts.ports.admission(); !status.is_ok()) {
            refused_load.add();
            return problem_response(status, request.request_id);
        }
    }
    return std::nullopt;
}

Status App::State::check_body(const net::Request& request, const Route& route) const {
    if (route.body == Body::kIngest) {
        AIML_TRY(body_form_of(request).status());
        return encoding_of(request).status();
    }
    return route.body == Body::kSmall && announces_body(request) ? require_json(request) : Status::ok();
}

net::Admission App::State::admit(const net::Request& request) {
    net::Admission admission;
    RouteMatch match = table.find(request.method, request.raw_path);
    auto ticket = std::make_shared<Ticket>();
    ticket->route = match.route;
    ticket->path_parameters = std::move(match.parameters);
    if (match.route == nullptr) {
        const bool reading = request.method == net::Method::kGet || request.method == net::Method::kHead;
        if (!match.allow.empty() && request.method != net::Method::kOptions) {
            const Status status(ErrorCode::kMethodNotAllowed, "Served here: " + match.allow + ".");
            admission.refusal = problem_response(status, request.request_id);
            admission.refusal->headers.emplace_back("Allow", match.allow);
        } else if (match.allow.empty() && !(reading && is_page_path(request.path))) {
            admission.refusal =
                problem_response(Status(ErrorCode::kNotFound, "There is nothing at this path."), request.request_id);
        }
        ticket->allow = std::move(match.allow);
        admission.ticket = std::move(ticket);
        return admission;
    }
    admission.refusal = authenticate(request, *ticket);
    if (!admission.refusal) {
        admission.refusal = check_rates(request, *ticket);
    }
    if (!admission.refusal) {
        if (const Status status = check_body(request, *match.route); !status.is_ok()) {
            admission.refusal = problem_response(status, request.request_id);
        }
    }
    admission.body_bytes_max = body_bytes_max(match.route->body);
    admission.ticket = std::move(ticket);
    return admission;
}

// --- Handling -------------------------------------------------------------------------------------------------------

void App::State::handle(const std::shared_ptr<const net::Request>& request, net::Reply reply) {
    const Ticket& ticket = ticket_of(*request);
    if (ticket.route == nullptr) {
        net::Response response;
        if (ticket.allow.empty()) {
            response = serve_page(*request);
        } else {
            response.status = 204;
            response.headers.emplace_back("Allow", ticket.allow);
        }
        reply.send(std::move(response));
        return;
    }
    Call call{.request = request, .principal = ticket.principal, .path_parameters = ticket.path_parameters};
    if (ticket.route->place == Place::kWorker) {
        run_on_pool(*ticket.route, std::move(call), std::move(reply));
    } else {
        ticket.route->handle(std::move(call), std::move(reply));
    }
}

void App::State::run_on_pool(const Route& route, Call call, net::Reply reply) {
    struct Work {
        Call call;
        net::Reply reply;
    };
    const std::string request_id = call.request->request_id;
    const auto work = std::make_shared<Work>(Work{std::move(call), std::move(reply)});
    const bool accepted = parts.pool.try_run([&route, work] {
        const std::string id = work->call.request->request_id;
        try {
            route.handle(std::move(work->call), std::move(work->reply));
        } catch (const std::exception& error) {  // The reply answers 500 when it dies.
            log_error("handler_failed", {{"request_id", id}, {"route", route.pattern}, {"error", error.what()}});
        }
    });
    if (!accepted) {
        refused_load.add();
        work->reply.send(problem_response(Status(ErrorCode::kOverloaded, "Too many requests are waiting."), request_id));
    }
}

App::App(Parts parts, AppOptions options, std::vector<Route> more)
    : state_(std::make_unique<State>(std::move(parts), std::move(options), std::move(more))) {}

App::~App() = default;

net::Admit App::admit() {
    return [state = state_.get()](const net::Request& request) { return state->admit(request); };
}

net::Handler App::handler() {
    return [state = state_.get()](const std::shared_ptr<const net::Request>& request, net::Reply reply) {
        state->handle(request, std::move(reply));
    };
}

const RouteTable& App::routes() const {
    return state_->table;
}

const std::string& App::openapi() const {
    return state_->openapi;
}

}  // namespace aiml042::api
