#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace aiml042 {

void check_failed(const char* file, int line, const char* condition) {
    std::fprintf(stderr, "check failed at %s:%d: %s\n", file, line, condition);
    std::abort();
}

}  // namespace aiml042
