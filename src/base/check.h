// Assertions. AIML_CHECK is always on; AIML_DCHECK only in builds without NDEBUG. Input never
// reaches either: a check that fails is a bug of ours, and the process stops where it stands.

#pragma once

namespace aiml042 {

[[noreturn]] void check_failed(const char* file, int line, const char* condition);

}  // namespace aiml042

#define AIML_CHECK(condition)                                        \
    do {                                                             \
        if (!(condition)) [[unlikely]] {                             \
            ::aiml042::check_failed(__FILE__, __LINE__, #condition); \
        }                                                            \
    } while (false)

#ifdef NDEBUG
#define AIML_DCHECK(condition) static_cast<void>(0)
#else
#define AIML_DCHECK(condition) AIML_CHECK(condition)
#endif
