// Status and Result<T>: how a call says that it failed, with a code from errors.inc.
//
// A Status is one pointer; success costs nothing. A failure owns its detail (what happened, with
// values) and, where a request is to blame, a JSON Pointer to the field. Payloads and secrets never
// go into the detail.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace aiml042 {

enum class ErrorCode : std::uint8_t {
    kOk = 0,
#define AIML_ERROR(name, code, http, retry, title) name,
#include "base/errors.inc"
#undef AIML_ERROR
};

/// What the table says of one code.
struct ErrorInfo {
    std::string_view code;
    int http_status;
    bool retryable;
    std::string_view title;
};

[[nodiscard]] const ErrorInfo& error_info(ErrorCode code);

class [[nodiscard]] Status {
  public:
    Status() = default;

    Status(ErrorCode code, std::string detail, std::string pointer = {})
        : failure_(
              std::make_unique<Failure>(Failure{code, std::move(detail), std::move(pointer)})) {}

    Status(Status&&) noexcept = default;
    Status& operator=(Status&&) noexcept = default;

    Status(const Status& other) : failure_(copy(other)) {}

    Status& operator=(const Status& other) {
        if (this != &other) {
            failure_ = copy(other);
        }
        return *this;
    }

    ~Status() = default;

    static Status ok() { return {}; }

    [[nodiscard]] bool is_ok() const { return failure_ == nullptr; }

    explicit operator bool() const { return is_ok(); }

    [[nodiscard]] ErrorCode code() const { return failure_ ? failure_->code : ErrorCode::kOk; }

    [[nodiscard]] const std::string& detail() const;

    /// JSON Pointer of the field at fault; empty when none is.
    [[nodiscard]] const std::string& pointer() const;

    /// "code: detail (pointer)", for logs and the command line.
    [[nodiscard]] std::string to_string() const;

    /// Puts `context: ` before the detail.
    Status with_context(std::string_view context) &&;

  private:
    struct Failure {
        ErrorCode code;
        std::string detail;
        std::string pointer;
    };

    static std::unique_ptr<Failure> copy(const Status& other) {
        return other.failure_ ? std::make_unique<Failure>(*other.failure_) : nullptr;
    }

    std::unique_ptr<Failure> failure_;
};

/// A value, or why there is none.
template <typename T>
class [[nodiscard]] Result {
  public:
    // Implicit both, so that `return value;` and `return status;` read as what they are.
    // NOLINTBEGIN(google-explicit-constructor)
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}

    Result(Status status) : state_(std::in_place_index<1>, std::move(status)) {}

    // NOLINTEND(google-explicit-constructor)

    [[nodiscard]] bool is_ok() const { return state_.index() == 0; }

    explicit operator bool() const { return is_ok(); }

    T& operator*() & { return std::get<0>(state_); }

    const T& operator*() const& { return std::get<0>(state_); }

    T&& operator*() && { return std::get<0>(std::move(state_)); }

    T* operator->() { return &std::get<0>(state_); }

    const T* operator->() const { return &std::get<0>(state_); }

    [[nodiscard]] Status status() const { return is_ok() ? Status() : std::get<1>(state_); }

    [[nodiscard]] ErrorCode code() const {
        return is_ok() ? ErrorCode::kOk : std::get<1>(state_).code();
    }

  private:
    std::variant<T, Status> state_;
};

}  // namespace aiml042

#define AIML_CONCAT_INNER(a, b) a##b
#define AIML_CONCAT(a, b) AIML_CONCAT_INNER(a, b)

/// Returns from the caller when `expression` (a Status) failed.
#define AIML_TRY(expression)                                         \
    do {                                                             \
        if (auto aiml_status = (expression); !aiml_status.is_ok()) { \
            return aiml_status;                                      \
        }                                                            \
    } while (false)

/// Assigns the value of a Result to `target`, or returns its Status from the caller.
#define AIML_ASSIGN(target, expression) \
    AIML_ASSIGN_IMPL(AIML_CONCAT(aiml_result_, __LINE__), target, expression)
// NOLINTBEGIN(bugprone-macro-parentheses): `target` may declare a variable, `result` is a name.
#define AIML_ASSIGN_IMPL(result, target, expression) \
    auto result = (expression);                      \
    if (!result.is_ok()) {                           \
        return result.status();                      \
    }                                                \
    target = std::move(*result)
// NOLINTEND(bugprone-macro-parentheses)
