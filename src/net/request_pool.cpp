#include "net/request_pool.h"

#include <utility>

#include "base/limits.h"

namespace aiml042::net {

struct RequestPool::GiveBack {
    std::shared_ptr<RequestPool> pool;

    void operator()(PooledRequest* request) const {
        pool->give_back(std::unique_ptr<PooledRequest>(request));
    }
};

std::shared_ptr<PooledRequest> RequestPool::take() {
    std::unique_ptr<PooledRequest> request;
    {
        const MutexLock lock(mutex_);
        if (!kept_.empty()) {
            request = std::move(kept_.back());
            kept_.pop_back();
        }
    }
    if (request == nullptr) {
        request = std::make_unique<PooledRequest>();
        request->body_storage.resize(kPadding);
    }
    return {request.release(), GiveBack{shared_from_this()}};
}

bool RequestPool::reserve(PooledRequest& request, std::size_t bytes) const {
    if (!budget_->try_reserve(bytes)) {
        return false;
    }
    request.reserved_bytes += bytes;
    return true;
}

void RequestPool::give_back(std::unique_ptr<PooledRequest> request) {
    budget_->release(std::exchange(request->reserved_bytes, 0));
    request->ticket.reset();
    if (request->body_storage.size() > limits::kBodyKeptBytesMax + kPadding) {
        return;
    }
    request->body = {};
    request->query.clear();
    request->headers.clear();
    const MutexLock lock(mutex_);
    if (kept_.size() < limits::kRequestsKeptMax) {
        kept_.push_back(std::move(request));
    }
}

}  // namespace aiml042::net
