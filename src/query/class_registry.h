// One number per class text over all blocks of a deployment, for as long as the process lives:
// states computed from different blocks and cached at different times can then be merged.
//
// The texts of other columns have a registry each. Threads: all calls from any thread. Bound:
// limits::kClassesPerDeploymentMax texts.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"
#include "model/column.h"

namespace aiml042::query {

class ClassRegistry {
  public:
    /// `subject` begins the error about too many: "column x has"; `pointer` is the parameter that
    /// asked for them.
    explicit ClassRegistry(
        std::string subject = "the labels and predictions of this deployment have",
        std::string pointer = "/metric");

    /// Tells registries of one process apart, whose numbers mean different texts.
    [[nodiscard]] std::uint64_t serial() const { return serial_; }

    /// The code of a class, given out on first sight. kQueryTooLarge when there are too many.
    Result<std::uint32_t> code(std::string_view text);

    /// The code of every string of a pool, in its order.
    Result<std::vector<std::uint32_t>> codes(const model::StringPool& pool);

    /// The text of a code; "other" for codes that were not given out here (what a threshold does
    /// not call positive).
    [[nodiscard]] std::string text(std::uint32_t code) const;

    [[nodiscard]] std::uint32_t size() const;

  private:
    Result<std::uint32_t> code_locked(std::string_view text) AIML_REQUIRES(mutex_);

    const std::uint64_t serial_;
    const std::string subject_;
    const std::string pointer_;
    mutable Mutex mutex_;
    std::map<std::string, std::uint32_t, std::less<>> by_text_ AIML_GUARDED_BY(mutex_);
    std::vector<std::string> texts_ AIML_GUARDED_BY(mutex_);
};

}  // namespace aiml042::query
