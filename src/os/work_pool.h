// A fixed number of threads with one bounded queue.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace aiml042::os {

class WorkPool {
  public:
    WorkPool(unsigned threads, std::size_t queue_max);
    ~WorkPool();  // Finishes what was accepted.
    WorkPool(const WorkPool&) = delete;
    WorkPool& operator=(const WorkPool&) = delete;

    /// False when the queue is full or the pool is stopping; the work is then not run.
    bool try_run(std::function<void()> work);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace aiml042::os
