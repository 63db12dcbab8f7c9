#include "query/parallel.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

namespace aiml042::query {

namespace {

constexpr std::size_t kItemsPerHelperMin = 2;

/// Outlives the call through helpers that the pool starts late; those find it closed and leave
/// `work` alone.
struct Loop {
    explicit Loop(std::size_t count) : items(count) {}

    std::size_t items;
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::condition_variable idle;
    bool closed = false;
    unsigned active = 0;
    Status failure;

    void run(const std::function<Status(std::size_t, unsigned)>& work, unsigned worker) {
        for (std::size_t i = next.fetch_add(1); i < items; i = next.fetch_add(1)) {
            Status status = work(i, worker);
            if (!status.is_ok()) {
                next.store(items);
                const std::lock_guard lock(mutex);
                if (failure.is_ok()) {
                    failure = std::move(status);
                }
            }
        }
    }
};

}  // namespace

Status parallel_for(os::WorkPool& pool,
                    unsigned threads,
                    std::size_t items,
                    const std::function<Status(std::size_t item, unsigned worker)>& work) {
    const auto loop = std::make_shared<Loop>(items);
    for (unsigned worker = 1; worker < threads && items / kItemsPerHelperMin >= worker; ++worker) {
        const bool accepted = pool.try_run([loop, worker, &work] {
            {
                const std::lock_guard lock(loop->mutex);
                if (loop->closed) {
                    return;
                }
                ++loop->active;
            }
            loop->run(work, worker);
            const std::lock_guard lock(loop->mutex);
            --loop->active;
            loop->idle.notify_all();
        });
        if (!accepted) {
            break;
        }
    }
    loop->run(work, 0);
    std::unique_lock lock(loop->mutex);
    loop->closed = true;
    loop->idle.wait(lock, [&] { return loop->active == 0; });
    return loop->failure;
}

}  // namespace aiml042::query
