# fuzz/fuzz_NAME.cc makes two programs: replay_NAME, in every build, runs files through the target and is a test over
# tests/corpus/NAME/ and tests/corpus/crash/; fuzz_NAME is libFuzzer's, in the `fuzz` preset only.
file(GLOB fuzz_sources CONFIGURE_DEPENDS fuzz/fuzz_*.cc)
foreach(source IN LISTS fuzz_sources)
  get_filename_component(program ${source} NAME_WE)
  string(REGEX REPLACE "^fuzz_" "" name ${program})

  add_executable(replay_${name} ${source} fuzz/replay_main.cc)
  set(targets replay_${name})
  if(CPPICKLE_FUZZ)
    add_executable(${program} ${source})
    target_link_options(${program} PRIVATE -fsanitize=fuzzer)
    list(APPEND targets ${program})
  endif()
  foreach(target IN LISTS targets)
    target_include_directories(${target} PRIVATE src fuzz)
    target_link_libraries(${target} PRIVATE cppickle)
    cppickle_link_dependencies(${target})
    cppickle_flags(${target})
  endforeach()

  add_test(NAME replay.${name}
    COMMAND replay_${name} ${PROJECT_SOURCE_DIR}/tests/corpus/${name} ${PROJECT_SOURCE_DIR}/tests/corpus/crash)
  set_tests_properties(replay.${name} PROPERTIES LABELS replay TIMEOUT 900)
endforeach()

# What the scanner sees in pickles, to compare with CPython (tests/python/scan_differential.py).
add_executable(scan_events fuzz/scan_events.cc)
set_target_properties(scan_events PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
target_include_directories(scan_events PRIVATE src)
target_link_libraries(scan_events PRIVATE cppickle)
cppickle_link_dependencies(scan_events)
cppickle_flags(scan_events)
