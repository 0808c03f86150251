# Warnings, hardening and instrumentation of our own targets; nothing of this reaches a consumer.
include(CheckCXXCompilerFlag)
check_cxx_compiler_flag(-fcf-protection CPPICKLE_HAS_CF_PROTECTION)

set(cppickle_instrumentation "")
if(CPPICKLE_SANITIZE)
  list(APPEND cppickle_instrumentation
    -fsanitize=${CPPICKLE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
endif()
if(CPPICKLE_FUZZ)
  list(APPEND cppickle_instrumentation -fsanitize=fuzzer-no-link)
endif()
if(CPPICKLE_COVERAGE)
  list(APPEND cppickle_instrumentation --coverage -fprofile-update=atomic)
endif()

# g++ 12 sees overlapping copies in plain appends to a std::string (GCC bug 105651). clang warns of each flexible array
# member (document/cell.h) in each file; g++ takes __extension__ for an answer.
set(cppickle_false_alarms "")
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  set(cppickle_false_alarms -Wno-restrict)
elseif(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  set(cppickle_false_alarms -Wno-c99-extensions)
endif()

function(cppickle_flags target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wimplicit-fallthrough
    ${cppickle_false_alarms}
    $<$<BOOL:${CPPICKLE_WERROR}>:-Werror> ${cppickle_instrumentation})
  target_link_options(${target} PRIVATE ${cppickle_instrumentation})
  if(CPPICKLE_HARDEN AND NOT CPPICKLE_SANITIZE AND NOT CPPICKLE_COVERAGE)
    # _FORTIFY_SOURCE needs an optimizing build.
    target_compile_options(${target} PRIVATE $<$<NOT:$<CONFIG:Debug>>:
      -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS -fstack-protector-strong
      $<$<BOOL:${CPPICKLE_HAS_CF_PROTECTION}>:-fcf-protection>>)
    target_link_options(${target} PRIVATE -Wl,-z,relro,-z,now)
  endif()
endfunction()
