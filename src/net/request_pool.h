// Requests that are used again, so that their buffers are allocated (and cleared) once and not per
// request; and the count of body bytes that are in memory at one time.
//
// Threads: take() on one thread, the last holder of a request may be on any other. A request may
// outlive the server.

#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "net/http.h"

namespace aiml042::net {

/// Bytes of bodies in memory, over all connections.
class BodyBudget {
  public:
    explicit BodyBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    /// False, and nothing is reserved, when the bound would be passed.
    bool try_reserve(std::size_t bytes) {
        const std::size_t before = bytes_.fetch_add(bytes, std::memory_order_relaxed);
        if (before + bytes > bytes_max_) {
            release(bytes);
            return false;
        }
        return true;
    }

    void release(std::size_t bytes) { bytes_.fetch_sub(bytes, std::memory_order_relaxed); }

    [[nodiscard]] std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

  private:
    const std::size_t bytes_max_;
    std::atomic<std::size_t> bytes_{0};
};

struct PooledRequest : Request {
    std::size_t reserved_bytes = 0;  // Of the budget; given back when the request is.
};

class RequestPool : public std::enable_shared_from_this<RequestPool> {
  public:
    /// Bytes behind a body that a parser may read.
    static constexpr std::size_t kPadding = 64;

    explicit RequestPool(std::shared_ptr<BodyBudget> budget) : budget_(std::move(budget)) {}

    /// An empty request; body_storage has any content and at least kPadding bytes.
    std::shared_ptr<PooledRequest> take();

    /// Counts `bytes` more of the body against the budget.
    [[nodiscard]] bool reserve(PooledRequest& request, std::size_t bytes) const;

  private:
    struct GiveBack;

    void give_back(std::unique_ptr<PooledRequest> request);

    const std::shared_ptr<BodyBudget> budget_;
    Mutex mutex_;
    std::vector<std::unique_ptr<PooledRequest>> kept_ AIML_GUARDED_BY(mutex_);
};

}  // namespace aiml042::net
