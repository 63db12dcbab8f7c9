#include "base/status.h"

#include <array>

#include "base/check.h"

namespace aiml042 {

namespace {

constexpr std::array kErrors = {
    ErrorInfo{"ok", 200, false, "No error"},
#define AIML_ERROR(name, code, http, retry, title) ErrorInfo{code, http, retry, title},
#include "base/errors.inc"
#undef AIML_ERROR
};

const std::string& empty_string() {
    static const auto* const kEmpty = new std::string;  // Never destroyed.
    return *kEmpty;
}

}  // namespace

const ErrorInfo& error_info(ErrorCode code) {
    const auto index = static_cast<std::size_t>(code);
    AIML_CHECK(index < kErrors.size());
    return kErrors[index];
}

const std::string& Status::detail() const {
    return failure_ ? failure_->detail : empty_string();
}

const std::string& Status::pointer() const {
    return failure_ ? failure_->pointer : empty_string();
}

std::string Status::to_string() const {
    if (is_ok()) {
        return "ok";
    }
    std::string text{error_info(code()).code};
    text += ": ";
    text += detail();
    if (!pointer().empty()) {
        text += " (" + pointer() + ")";
    }
    return text;
}

Status Status::with_context(std::string_view context) && {
    if (failure_) {
        failure_->detail.insert(0, std::string(context) + ": ");
    }
    return std::move(*this);
}

}  // namespace aiml042
