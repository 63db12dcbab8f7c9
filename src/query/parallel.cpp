#include "query/parallel.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <utility>

#include "base/mutex.h"

namespace aiml042::query {

namespace {

constexpr std::size_t kItemsPerHelperMin = 2;

/// Outlives the call through helpers that the pool starts late; those find it closed and leave
/// `work` alone.
struct Loop {
    explicit Loop(std::size_t count) : items(count) {}

    std::size_t items;
    std::atomic<std::size_t> next{0};
    Mutex mutex;
    std::condition_variable idle;
    bool closed AIML_GUARDED_BY(mutex) = false;
    unsigned active AIML_GUARDED_BY(mutex) = 0;
    Status failure AIML_GUARDED_BY(mutex);

    void run(const std::function<Status(std::size_t, unsigned)>& work, unsigned worker) {
        for (std::size_t i = next.fetch_add(1); i < items; i = next.fetch_add(1)) {
            Status status = work(i, worker);
            if (!status.is_ok()) {
                next.store(items);
                const MutexLock lock(mutex);
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
                const MutexLock lock(loop->mutex);
                if (loop->closed) {
                    return;
                }
                ++loop->active;
            }
            loop->run(work, worker);
            const MutexLock lock(loop->mutex);
            --loop->active;
            loop->idle.notify_all();
        });
        if (!accepted) {
            break;
        }
    }
    loop->run(work, 0);
    MutexLock lock(loop->mutex);
    loop->closed = true;
    while (loop->active != 0) {
        lock.wait(loop->idle);
    }
    return loop->failure;
}

}  // namespace aiml042::query
