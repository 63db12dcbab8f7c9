# Every warning we ask for is an error, with both compilers. Third-party headers come as SYSTEM.
add_library(aiml_warnings INTERFACE)
target_compile_options(aiml_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Werror;-Wall;-Wextra;-Wpedantic;-Wshadow;-Wconversion;-Wsign-conversion;-Wnon-virtual-dtor;-Wold-style-cast;-Wcast-align;-Woverloaded-virtual;-Wdouble-promotion;-Wformat=2;-Wimplicit-fallthrough;-Wundef;-Wextra-semi>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(aiml_warnings INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wduplicated-cond;-Wduplicated-branches;-Wlogical-op;-Wuseless-cast;-Wsuggest-override>)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(aiml_warnings INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wthread-safety;-Wthread-safety-beta;-Wimplicit-int-conversion;-Wshorten-64-to-32;-Wexit-time-destructors;-Wunreachable-code>)
endif()
