#include "metrics/peer_sides.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "stats/equal_width.h"

namespace aiml042::metrics {

PeerCounts PeerCounts::shares(double n, double m) const {
    PeerCounts out = *this;
    for (double& rows : out.reference) {
        rows /= n;
    }
    for (double& rows : out.current) {
        rows /= m;
    }
    return out;
}

PeerSides::PeerSides(const ReferenceColumn& reference, const ColumnValues& current)
    : reference_(reference),
      current_(current),
      m_(static_cast<double>(numeric() ? current.numbers().size() : current.texts().total())) {}

double PeerSides::lowest() const {
    return std::min(before().front(), now().front());
}

double PeerSides::highest() const {
    return std::max(before().back(), now().back());
}

void PeerSides::for_each_value(const std::function<bool(double, double)>& visit) const {
    if (!numeric()) {
        const TextCounts& texts = current_.texts();
        const std::size_t codes = std::max(reference_.texts().all().size(), texts.all().size());
        for (std::uint32_t code = 0; code < codes; ++code) {
            const auto old_rows = static_cast<double>(reference_.texts().of(code));
            const auto new_rows = static_cast<double>(texts.of(code));
            if (old_rows + new_rows > 0.0 && !visit(old_rows, new_rows)) {
                return;
            }
        }
        return;
    }
    const double weight = n() / static_cast<double>(before().size());
    auto a = before().begin();
    auto b = now().begin();
    while (a != before().end() || b != now().end()) {
        const double value = b == now().end() || (a != before().end() && *a < *b) ? *a : *b;
        const auto a_end = std::upper_bound(a, before().end(), value);
        const auto b_end = std::upper_bound(b, now().end(), value);
        if (!visit(static_cast<double>(a_end - a) * weight, static_cast<double>(b_end - b))) {
            return;
        }
        a = a_end;
        b = b_end;
    }
}

PeerSides::Different PeerSides::different(std::size_t most) const {
    Different out;
    for_each_value([&](double old_rows, double new_rows) {
        out.before += old_rows > 0.0 ? 1 : 0;
        out.now += new_rows > 0.0 ? 1 : 0;
        ++out.both;
        return std::min(out.before, out.now) < most;
    });
    out.before = std::min(out.before, most);
    out.now = std::min(out.now, most);
    out.both = std::min(out.both, most);
    return out;
}

PeerCounts PeerSides::by_value() const {
    PeerCounts out;
    for_each_value([&](double old_rows, double new_rows) {
        out.reference.push_back(old_rows);
        out.current.push_back(new_rows);
        return true;
    });
    return out;
}

PeerCounts PeerSides::between(std::span<const double> edges) const {
    const auto counted = [&](std::span<const double> values, double rows) {
        const double weight = rows / static_cast<double>(values.size());
        std::vector<double> out;
        for (const std::uint64_t count : stats::count_between(values, edges)) {
            out.push_back(static_cast<double>(count) * weight);
        }
        return out;
    };
    return {.reference = counted(before(), n()), .current = counted(now(), m())};
}

double peer_js_distance(const PeerCounts& counts) {
    const auto sum = [](const std::vector<double>& rows) {
        return std::accumulate(rows.begin(), rows.end(), 0.0);
    };
    const PeerCounts shares = counts.shares(sum(counts.reference), sum(counts.current));
    const auto term = [](double x, double middle) {
        return x > 0.0 ? x * std::log(x / middle) : 0.0;
    };
    double divergence = 0.0;
    for (std::size_t i = 0; i < shares.reference.size(); ++i) {
        const double p = shares.reference[i];
        const double q = shares.current[i];
        divergence += 0.5 * (term(p, 0.5 * (p + q)) + term(q, 0.5 * (p + q)));
    }
    return std::sqrt(std::max(0.0, divergence));
}

double one_sample_chi2(const PeerCounts& counts, double n, double m) {
    double sum = 0.0;
    for (std::size_t i = 0; i < counts.reference.size(); ++i) {
        const double expected = counts.reference[i] * (m / n);
        if (expected == 0.0) {
            return std::numeric_limits<double>::infinity();
        }
        sum += (counts.current[i] - expected) * (counts.current[i] - expected) / expected;
    }
    return sum;
}

}  // namespace aiml042::metrics
