# A room is a static library that can include only itself and the rooms it lists.
#
#   aiml_room(store LAYER 3 USES base os model codec THIRD_PARTY rocksdb)
#
# Its sources are the .cpp files of its folder: adding a file needs no list to be kept.
# The include root of a room holds one symlink, named after the room, so `#include "fold/applier.h"` from a room
# that does not list `fold` does not compile. Listing a room of the same or a higher layer stops CMake here.
define_property(GLOBAL PROPERTY AIML_ROOMS BRIEF_DOCS "rooms" FULL_DOCS "all rooms, in order")

function(aiml_room name)
  cmake_parse_arguments(ROOM "" "LAYER" "USES;THIRD_PARTY" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  if(NOT sources)  # A room of headers only.
    set(sources "${CMAKE_BINARY_DIR}/rooms/empty.cpp")
    file(TOUCH "${sources}")
  endif()
  add_library(${name} STATIC ${sources})
  set_target_properties(${name} PROPERTIES AIML_LAYER ${ROOM_LAYER} PREFIX "libaiml_")
  set_property(GLOBAL APPEND PROPERTY AIML_ROOMS ${name})
  set(root "${CMAKE_BINARY_DIR}/rooms/${name}")
  file(MAKE_DIRECTORY "${root}")
  file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}" "${root}/${name}" SYMBOLIC)
  target_include_directories(${name} PUBLIC "${root}")
  foreach(used IN LISTS ROOM_USES)
    get_target_property(layer ${used} AIML_LAYER)
    if(layer GREATER_EQUAL ROOM_LAYER)
      message(FATAL_ERROR "room ${name} (layer ${ROOM_LAYER}) may not use ${used} (layer ${layer})")
    endif()
  endforeach()
  target_link_libraries(${name} PUBLIC ${ROOM_USES} PRIVATE aiml_warnings)
  foreach(library IN LISTS ROOM_THIRD_PARTY)
    target_link_libraries(${name} PUBLIC tp_${library})
  endforeach()
endfunction()

# One test program per room: tests/unit/<room>/*_test.cpp plus the shared Catch2 main.
function(aiml_room_test name)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/unit/${name}/*_test.cpp")
  if(NOT sources)
    return()
  endif()
  add_executable(${name}_test ${sources})
  target_link_libraries(${name}_test PRIVATE ${name} catch_main aiml_warnings ${ARGN})
  if(AIML042_SANITIZE)  # What a test says itself is not worth optimising: with sanitizers that takes gcc minutes.
    target_compile_options(${name}_test PRIVATE -O0)
  endif()
  target_compile_definitions(${name}_test PRIVATE AIML_REPO_ROOT="${CMAKE_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name}_test)
  add_dependencies(unit_tests ${name}_test)
endfunction()

# One libFuzzer target: tests/fuzz/<name>_fuzz.cpp over the rooms it lists.
function(aiml_fuzz name)
  if(AIML042_FUZZ)
    add_executable(${name}_fuzz "${CMAKE_SOURCE_DIR}/tests/fuzz/${name}_fuzz.cpp")
    target_link_libraries(${name}_fuzz PRIVATE ${ARGN})
    target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
  else()  # The corpus is replayed by an ordinary program in the normal run.
    add_executable(${name}_replay "${CMAKE_SOURCE_DIR}/tests/fuzz/${name}_fuzz.cpp")
    target_link_libraries(${name}_replay PRIVATE ${ARGN} fuzz_replay_main)
    add_test(NAME fuzz_${name} COMMAND ${name}_replay "${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name}")
    add_dependencies(unit_tests ${name}_replay)
  endif()
endfunction()
