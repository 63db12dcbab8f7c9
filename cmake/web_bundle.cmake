# Packs web/dist into one object: see scripts/pack_web.py for the table it writes. Without npm's output a plain page
# that says so is packed, so that the C++ side builds alone.
function(aiml_web_bundle target)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(out "${CMAKE_CURRENT_BINARY_DIR}/web_bundle.cpp")
  file(GLOB_RECURSE dist CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/web/dist/*")
  add_custom_command(OUTPUT "${out}"
    COMMAND Python3::Interpreter "${CMAKE_SOURCE_DIR}/scripts/pack_web.py" "${CMAKE_SOURCE_DIR}/web/dist" "${out}"
    DEPENDS "${CMAKE_SOURCE_DIR}/scripts/pack_web.py" ${dist}
    COMMENT "Packing the web UI" VERBATIM)
  target_sources(${target} PRIVATE "${out}")
endfunction()
