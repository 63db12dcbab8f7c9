#include "query/class_registry.h"

#include <atomic>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"

namespace aiml042::query {

namespace {

std::uint64_t next_serial() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

}  // namespace

ClassRegistry::ClassRegistry(std::string subject, std::string pointer)
    : serial_(next_serial()), subject_(std::move(subject)), pointer_(std::move(pointer)) {}

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
            fmt::format("{} more than {} classes", subject_, limits::kClassesPerDeploymentMax),
            pointer_);
    }
    const auto code = static_cast<std::uint32_t>(texts_.size());
    texts_.emplace_back(text);
    by_text_.emplace(texts_.back(), code);
    return code;
}

}  // namespace aiml042::query
