# One target per outside library, all from Debian packages. A room names what it needs in THIRD_PARTY;
# static archives where Debian has them, so that the release binary is one file to copy.
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)

function(aiml_archive name)  # aiml_archive(name file...): an interface over static archives.
  add_library(tp_${name} INTERFACE)
  foreach(file IN LISTS ARGN)
    find_library(AIML_${file}_ARCHIVE NAMES lib${file}.a REQUIRED)
    target_link_libraries(tp_${name} INTERFACE ${AIML_${file}_ARCHIVE})
  endforeach()
endfunction()

# fmt and spdlog have no archive in Debian 12: base compiles them once from their headers.
add_library(tp_fmt INTERFACE)
add_library(tp_spdlog INTERFACE)
target_compile_definitions(tp_spdlog INTERFACE SPDLOG_FMT_EXTERNAL)
add_library(tp_boost INTERFACE)
target_compile_definitions(tp_boost INTERFACE BOOST_ASIO_SEPARATE_COMPILATION
                           BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(tp_boost INTERFACE Threads::Threads)
add_library(tp_boost_math INTERFACE)

aiml_archive(xxhash xxhash)
aiml_archive(zstd zstd)
aiml_archive(zlib z)
aiml_archive(sqlite sqlite3)
target_link_libraries(tp_sqlite INTERFACE Threads::Threads ${CMAKE_DL_LIBS} m)
aiml_archive(rocksdb rocksdb snappy lz4 bz2 zstd z gflags)
target_link_libraries(tp_rocksdb INTERFACE Threads::Threads ${CMAKE_DL_LIBS})
aiml_archive(yaml yaml-cpp)
add_library(tp_cli11 INTERFACE)
aiml_archive(crypto crypto)
target_link_libraries(tp_crypto INTERFACE Threads::Threads ${CMAKE_DL_LIBS})
aiml_archive(ssl ssl crypto)
target_link_libraries(tp_ssl INTERFACE Threads::Threads ${CMAKE_DL_LIBS})

# simdjson has only a shared object in Debian 12: it travels beside the binary (rpath $ORIGIN).
find_library(AIML_SIMDJSON NAMES simdjson REQUIRED)
add_library(tp_simdjson INTERFACE)
target_link_libraries(tp_simdjson INTERFACE ${AIML_SIMDJSON})
