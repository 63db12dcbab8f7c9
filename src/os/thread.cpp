#include "os/thread.h"

#include <array>
#include <cstdio>

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace aiml042::os {

namespace {

constexpr std::size_t kNameBytes = 16;  // Of Linux, the end included.
constexpr std::array<int, 3> kNice = {0, 5, 10};

}  // namespace

void enter_thread(const char* name, Rank rank) {
    std::array<char, kNameBytes> kept{};
    std::snprintf(kept.data(), kept.size(), "%s", name);
    ::pthread_setname_np(::pthread_self(), kept.data());
    const int nice = kNice[static_cast<std::size_t>(rank)];
    if (nice != 0) {  // On Linux a thread's own: its id counts as a process.
        ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), nice);
    }
}

std::size_t memory_bytes() {
    return static_cast<std::size_t>(::sysconf(_SC_PHYS_PAGES)) *
           static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace aiml042::os
