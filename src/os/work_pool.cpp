#include "os/work_pool.h"

#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "os/thread.h"

namespace aiml042::os {

struct WorkPool::State {
    explicit State(std::size_t queue_max) : queue(queue_max) {}

    BoundedQueue<std::function<void()>> queue;
    std::vector<std::jthread> threads;
};

WorkPool::WorkPool(unsigned threads, std::size_t queue_max)
    : state_(std::make_unique<State>(queue_max)) {
    for (unsigned i = 0; i < threads; ++i) {
        state_->threads.emplace_back([queue = &state_->queue] {
            enter_thread("query", Rank::kFollowing);
            while (auto work = queue->pop()) {
                (*work)();
            }
        });
    }
}

WorkPool::~WorkPool() {
    state_->queue.close();
}

bool WorkPool::try_run(std::function<void()> work) {
    return state_->queue.try_push(std::move(work));
}

}  // namespace aiml042::os
