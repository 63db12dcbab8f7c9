#include "query/class_registry.h"

#include <fmt/format.h>

#include "base/limits.h"

namespace aiml042::query {

Result<std::uint32_t> ClassRegistry::code(std::string_view text) {
    const MutexLock lock(mutex_);
    return code_locked(text);
}

Result<std::vector<std::uint32_t>> ClassRegistry::codes(const model::StringPool& pool) {
    std::vector<std::uint32_t> out(pool.size());
    const MutexLock lock(mutex_);
    for (std::uint32_t i = 0; i < pool.size(); ++i) {
        AIML_ASSIGN(out[i], code_locked(pool.at(i)));
    }
    return out;
}

std::string ClassRegistry::text(std::uint32_t code) const {
    const MutexLock lock(mutex_);
    return code < texts_.size() ? texts_[code] : "other";
}

std::uint32_t ClassRegistry::size() const {
    const MutexLock lock(mutex_);
    return static_cast<std::uint32_t>(texts_.size());
}

Result<std::uint32_t> ClassRegistry::code_locked(std::string_view text) {
    const auto found = by_text_.find(text);
    if (found != by_text_.end()) {
        return found->second;
    }
    if (texts_.size() >= limits::kClassesPerDeploymentMax) {
        return Status(
            ErrorCode::kQueryTooLarge,
            fmt::format("the labels and predictions of this deployment have more than {} classes",
                        limits::kClassesPerDeploymentMax),
            "/metric");
    }
    const auto code = static_cast<std::uint32_t>(texts_.size());
    texts_.emplace_back(text);
    by_text_.emplace(texts_.back(), code);
    return code;
}

}  // namespace aiml042::query
