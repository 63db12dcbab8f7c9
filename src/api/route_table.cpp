#include "api/route_table.h"

#include <algorithm>
#include <tuple>

#include "base/check.h"
#include "net/target.h"

namespace aiml042::api {

namespace {

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> segments;
    while (!path.empty()) {
        path.remove_prefix(1);  // The '/'.
        const std::size_t end = std::min(path.find('/'), path.size());
        segments.push_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return segments;
}

bool is_parameter(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool segments_match(const std::vector<std::string_view>& pattern,
                    const std::vector<std::string_view>& path) {
    return std::equal(pattern.begin(),
                      pattern.end(),
                      path.begin(),
                      path.end(),
                      [](std::string_view a, std::string_view b) {
                          return is_parameter(a) ? !b.empty() : a == b;
                      });
}

}  // namespace

std::string_view method_name(net::Method method) {
    switch (method) {
        case net::Method::kGet:
            return "GET";
        case net::Method::kHead:
            return "HEAD";
        case net::Method::kPost:
            return "POST";
        case net::Method::kPut:
            return "PUT";
        case net::Method::kDelete:
            return "DELETE";
        case net::Method::kOptions:
            return "OPTIONS";
        case net::Method::kUnserved:
            break;
    }
    return "unserved";
}

RouteTable::RouteTable(std::vector<Route> routes) : routes_(std::move(routes)) {
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        const Route& route = routes_[i];
        AIML_CHECK(route.pattern.starts_with('/'));
        const auto segments = split(route.pattern);
        auto found = std::ranges::find_if(patterns_,
                                          [&](const Pattern& p) { return p.segments == segments; });
        if (found == patterns_.end()) {
            const auto first = std::ranges::find_if(segments, is_parameter);
            const auto parameters =
                static_cast<std::size_t>(std::ranges::count_if(segments, is_parameter));
            patterns_.push_back({segments,
                                 segments.size() - parameters,
                                 static_cast<std::size_t>(first - segments.begin()),
                                 {},
                                 {}});
            found = patterns_.end() - 1;
        }
        const bool twice = std::ranges::any_of(found->routes, [&](std::size_t other) {
            return routes_[other].method == route.method;
        });
        AIML_CHECK(!twice);
        found->routes.push_back(i);
        found->allow += method_name(route.method);
        found->allow += route.method == net::Method::kGet ? ", HEAD, " : ", ";
    }
    for (Pattern& pattern : patterns_) {
        pattern.allow += "OPTIONS";
    }
    std::ranges::stable_sort(patterns_, [](const Pattern& a, const Pattern& b) {
        return std::tie(a.literals, a.first_literals) > std::tie(b.literals, b.first_literals);
    });
}

RouteMatch RouteTable::find(net::Method method, std::string_view raw_path) const {
    RouteMatch match;
    if (!raw_path.starts_with('/')) {
        return match;
    }
    const auto segments = split(raw_path);
    const auto pattern = std::ranges::find_if(
        patterns_, [&](const Pattern& p) { return segments_match(p.segments, segments); });
    if (pattern == patterns_.end()) {
        return match;
    }
    const net::Method served = method == net::Method::kHead ? net::Method::kGet : method;
    for (const std::size_t i : pattern->routes) {
        if (routes_[i].method == served) {
            match.route = &routes_[i];
        }
    }
    if (match.route == nullptr) {
        match.allow = pattern->allow;
        return match;
    }
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const std::string_view name = pattern->segments[i];
        if (is_parameter(name)) {
            auto& [key, value] = match.parameters.emplace_back();
            key = name.substr(1, name.size() - 2);
            if (!net::percent_decode(segments[i], net::TargetPart::kPath, value)) {
                return {};
            }
        }
    }
    return match;
}

}  // namespace aiml042::api
