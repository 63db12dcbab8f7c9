// One loop shared by the caller and helpers of a pool.

#pragma once

#include <cstddef>
#include <functional>

#include "base/status.h"
#include "os/work_pool.h"

namespace aiml042::query {

/// Calls work(item, worker) once for each item below `items`, on the caller (worker 0) and on up to
/// `threads` - 1 helpers of the pool; when the pool is busy the caller does it all. Two calls never
/// have the same worker at the same time. After the first failure no new item is begun; that
/// failure is returned when all calls are over.
Status parallel_for(os::WorkPool& pool,
                    unsigned threads,
                    std::size_t items,
                    const std::function<Status(std::size_t item, unsigned worker)>& work);

}  // namespace aiml042::query
