#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#if defined(__SANITIZE_THREAD__)
/// RocksDB is Debian's, built without the sanitizer: what its threads do to its own memory looks
/// like a race.
extern "C" const char* __tsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
    return "race:rocksdb::\n";
}
#endif
