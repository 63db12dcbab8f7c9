// A local object that each thread has its own of: made at first use, destroyed with its thread.
//
//   AIML_PER_THREAD(std::vector<Entry> found);
//
// clang's -Wexit-time-destructors takes it for a static one, whose destructor may run while other
// threads still use it; a thread's own cannot be in use then.

#pragma once

#if defined(__clang__)
#define AIML_PER_THREAD(...)                                                                     \
    _Pragma("clang diagnostic push")                                                             \
        _Pragma("clang diagnostic ignored \"-Wexit-time-destructors\"") thread_local __VA_ARGS__ \
            _Pragma("clang diagnostic pop")
#else
#define AIML_PER_THREAD(...) thread_local __VA_ARGS__
#endif
