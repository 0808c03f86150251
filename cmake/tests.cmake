# tests/unit/**/*.cc is one GoogleTest program, which may include private headers.
file(GLOB_RECURSE unit_sources CONFIGURE_DEPENDS tests/unit/*.cc)
if(unit_sources)
  find_package(GTest REQUIRED)
  include(GoogleTest)
  add_executable(cppickle_tests ${unit_sources})
  target_include_directories(cppickle_tests PRIVATE src tests)
  target_compile_definitions(cppickle_tests PRIVATE CPPICKLE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(cppickle_tests PRIVATE cppickle GTest::gtest GTest::gtest_main)
  cppickle_link_dependencies(cppickle_tests)
  cppickle_flags(cppickle_tests)
  gtest_discover_tests(cppickle_tests
    DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    PROPERTIES LABELS unit TIMEOUT 600)
endif()

# tests/fault/*.cc: programs that take the place of malloc, which a sanitizer does too.
if(NOT CPPICKLE_SANITIZE)
  add_executable(cppickle_fault_tests tests/fault/allocation_test.cc)
  target_compile_definitions(cppickle_fault_tests PRIVATE CPPICKLE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(cppickle_fault_tests PRIVATE cppickle GTest::gtest GTest::gtest_main)
  cppickle_flags(cppickle_fault_tests)
  add_test(NAME fault.allocation COMMAND cppickle_fault_tests)
  set_tests_properties(fault.allocation PROPERTIES LABELS unit TIMEOUT 300)
endif()
