# The checks of tools/ and the tests that build something, each a ctest.
find_package(Python3 COMPONENTS Interpreter REQUIRED)

function(cppickle_check name)
  add_test(NAME check.${name} COMMAND ${Python3_EXECUTABLE} ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(check.${name} PROPERTIES LABELS check TIMEOUT 600)
endfunction()

cppickle_check(layers tools/check_layers.py)
cppickle_check(sources tools/check_sources.py)
cppickle_check(generated tools/make_format_page.py)
cppickle_check(compat_names tools/make_compat_names.py)

# What must not compile: tests/compile_fail/*.cc.
file(GLOB compile_fail_sources CONFIGURE_DEPENDS tests/compile_fail/*.cc)
foreach(source IN LISTS compile_fail_sources)
  get_filename_component(name ${source} NAME_WE)
  cppickle_check(compile_fail.${name} tools/check_compile_fail.py ${source} --
    ${CMAKE_CXX_COMPILER} -std=c++23 -I${PROJECT_SOURCE_DIR}/include -I${PROJECT_SOURCE_DIR}/src -Wall -Wextra -Werror)
endforeach()

# Each public header compiles alone, and twice in one file.
file(GLOB_RECURSE public_headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include include/*.h)
set(header_sources "")
foreach(header IN LISTS public_headers)
  string(MAKE_C_IDENTIFIER ${header} name)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/headers/${name}.cc
    CONTENT "#include \"${header}\"\n#include \"${header}\"\n")
  list(APPEND header_sources ${PROJECT_BINARY_DIR}/headers/${name}.cc)
endforeach()
if(header_sources)
  add_library(cppickle_headers OBJECT ${header_sources})
  target_link_libraries(cppickle_headers PRIVATE cppickle)
  cppickle_flags(cppickle_headers)
endif()

# A consumer's project against the installed library, and the samples of the docs: both use what users use, a plain build.
if(NOT CPPICKLE_SANITIZE AND NOT CPPICKLE_COVERAGE AND CPPICKLE_INSTALL)
  add_test(NAME install.consumer
    COMMAND ${PROJECT_SOURCE_DIR}/tests/install/run.sh ${PROJECT_BINARY_DIR} ${CMAKE_CXX_COMPILER})
  set_tests_properties(install.consumer PROPERTIES LABELS install TIMEOUT 600)

  file(GLOB pages CONFIGURE_DEPENDS README.md docs/*.md)
  cppickle_check(doc_samples tools/run_doc_samples.py --build ${PROJECT_BINARY_DIR} --compiler ${CMAKE_CXX_COMPILER} ${pages})
endif()

# The command line: text tests, each file of tests/cli/ a test of its own.
file(GLOB text_tests CONFIGURE_DEPENDS tests/cli/*.test)
if(TARGET cppickle_cli)
  foreach(file IN LISTS text_tests)
    get_filename_component(name ${file} NAME_WE)
    add_test(NAME cli.${name}
      COMMAND ${Python3_EXECUTABLE} tests/run_cli_tests.py $<TARGET_FILE:cppickle_cli> ${file}
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(cli.${name} PROPERTIES LABELS cli TIMEOUT 600)
  endforeach()
endif()
