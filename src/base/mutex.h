// Mutexes that clang's thread-safety analysis understands (preset `clang`): what a mutex guards is
// said at the member with AIML_GUARDED_BY, and reading or writing it without the lock does not
// compile there. To gcc the annotations are nothing and the classes cost what std's cost.

#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>

#if defined(__clang__)
#define AIML_THREAD(attribute) __attribute__((attribute))
#else
#define AIML_THREAD(attribute)
#endif

/// The member is read and written only under this mutex.
#define AIML_GUARDED_BY(mutex) AIML_THREAD(guarded_by(mutex))
/// The caller holds this mutex.
#define AIML_REQUIRES(mutex) AIML_THREAD(requires_capability(mutex))
/// The caller holds this mutex, at least shared.
#define AIML_REQUIRES_SHARED(mutex) AIML_THREAD(requires_shared_capability(mutex))
/// The caller does not hold this mutex: the function takes it.
#define AIML_EXCLUDES(mutex) AIML_THREAD(locks_excluded(mutex))

namespace aiml042 {

class AIML_THREAD(capability("mutex")) Mutex {
  public:
    void lock() AIML_THREAD(acquire_capability()) { mutex_.lock(); }

    void unlock() AIML_THREAD(release_capability()) { mutex_.unlock(); }

  private:
    friend class MutexLock;
    std::mutex mutex_;
};

/// Holds a Mutex to the end of the scope.
class AIML_THREAD(scoped_lockable) MutexLock {
  public:
    explicit MutexLock(Mutex& mutex) AIML_THREAD(acquire_capability(mutex)) : lock_(mutex.mutex_) {}

    MutexLock(const MutexLock&) = delete;
    MutexLock& operator=(const MutexLock&) = delete;

    ~MutexLock() AIML_THREAD(release_capability()) {}  // NOLINT(modernize-use-equals-default)

    /// Lets go, waits for a notification (or for nothing, now and then) and holds the mutex again:
    /// call it in a loop over the condition.
    void wait(std::condition_variable& condition) { condition.wait(lock_); }

    /// The same, and at most until `deadline`; false when that is reached.
    bool wait_until(std::condition_variable& condition,
                    std::chrono::steady_clock::time_point deadline) {
        return condition.wait_until(lock_, deadline) == std::cv_status::no_timeout;
    }

  private:
    std::unique_lock<std::mutex> lock_;
};

class AIML_THREAD(capability("mutex")) SharedMutex {
  public:
    void lock() AIML_THREAD(acquire_capability()) { mutex_.lock(); }

    void unlock() AIML_THREAD(release_capability()) { mutex_.unlock(); }

    void lock_shared() AIML_THREAD(acquire_shared_capability()) { mutex_.lock_shared(); }

    void unlock_shared() AIML_THREAD(release_shared_capability()) { mutex_.unlock_shared(); }

  private:
    std::shared_mutex mutex_;
};

/// Holds a SharedMutex alone to the end of the scope.
class AIML_THREAD(scoped_lockable) WriteLock {
  public:
    explicit WriteLock(SharedMutex& mutex) AIML_THREAD(acquire_capability(mutex)) : mutex_(mutex) {
        mutex_.lock();
    }

    WriteLock(const WriteLock&) = delete;
    WriteLock& operator=(const WriteLock&) = delete;

    ~WriteLock() AIML_THREAD(release_capability()) { mutex_.unlock(); }

  private:
    SharedMutex& mutex_;
};

/// Holds a SharedMutex with other readers to the end of the scope.
class AIML_THREAD(scoped_lockable) ReadLock {
  public:
    explicit ReadLock(SharedMutex& mutex) AIML_THREAD(acquire_shared_capability(mutex))
        : mutex_(mutex) {
        mutex_.lock_shared();
    }

    ReadLock(const ReadLock&) = delete;
    ReadLock& operator=(const ReadLock&) = delete;

    ~ReadLock() AIML_THREAD(release_capability()) { mutex_.unlock_shared(); }

  private:
    SharedMutex& mutex_;
};

}  // namespace aiml042
