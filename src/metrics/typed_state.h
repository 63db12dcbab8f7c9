// What the states of all families share: merge and clone by their own type, and reading rows in
// small compact runs.

#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/check.h"
#include "base/mutex.h"
#include "metrics/family.h"

namespace aiml042::metrics {

/// The state as its own type. Finishing or merging a state of another family is a bug.
template <typename Derived>
[[nodiscard]] const Derived& as(const State& state) {
    const auto* derived = dynamic_cast<const Derived*>(&state);
    AIML_CHECK(derived != nullptr);
    return *derived;
}

/// Derived has merge_from(const Derived&) and a copy constructor.
template <typename Derived>
class TypedState : public State {
  public:
    void merge(const State& other) final {
        static_cast<Derived*>(this)->merge_from(as<Derived>(other));
    }

    [[nodiscard]] std::unique_ptr<State> clone() const final {
        return std::make_unique<Derived>(static_cast<const Derived&>(*this));
    }
};

/// Rows are handled in runs of this many, so that scratch arrays live on the stack and in the first
/// cache.
inline constexpr std::size_t kRun = 1'024;

/// Calls visit(run) for successive pieces of at most kRun indexes.
template <typename Visitor>
void for_each_run(std::span<const std::uint32_t> selection, Visitor&& visit) {
    for (std::size_t begin = 0; begin < selection.size(); begin += kRun) {
        visit(selection.subspan(begin, std::min(kRun, selection.size() - begin)));
    }
}

/// Something dear that is computed from a state when first asked for, by whichever thread comes
/// first, and thrown away when the state changes. Copies start empty.
template <typename T>
class Lazy {
  public:
    Lazy() = default;
    ~Lazy() = default;

    Lazy(const Lazy& /*other*/) {}

    Lazy& operator=(const Lazy& /*other*/) {
        reset();
        return *this;
    }

    Lazy(Lazy&& /*other*/) noexcept {}

    Lazy& operator=(Lazy&& /*other*/) noexcept {
        reset();
        return *this;
    }

    /// The value, made by make() if there is none. Valid until reset(). From any thread.
    template <typename Make>
    const T& get(Make&& make) const {
        const MutexLock lock(mutex_);
        if (!value_) {
            value_ = std::make_unique<const T>(make());
        }
        return *value_;
    }

    /// Only by the owner, while nobody reads.
    void reset() {
        const MutexLock lock(mutex_);
        value_.reset();
    }

  private:
    mutable Mutex mutex_;
    mutable std::unique_ptr<const T> value_ AIML_GUARDED_BY(mutex_);
};

}  // namespace aiml042::metrics
