# What the core links. cmake/cppickle-config.cmake.in finds the same for a consumer.
find_package(ZLIB REQUIRED)
find_package(BZip2 REQUIRED)
find_package(LibLZMA REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(SIMDJSON REQUIRED IMPORTED_TARGET simdjson)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
find_package(fmt REQUIRED)

# fmt stays private: headers only, so an installed cppickle needs no fmt.
function(cppickle_use_fmt target)
  target_include_directories(${target} SYSTEM PRIVATE
    $<TARGET_PROPERTY:fmt::fmt-header-only,INTERFACE_INCLUDE_DIRECTORIES>)
  target_compile_definitions(${target} PRIVATE FMT_HEADER_ONLY=1)
endfunction()

function(cppickle_link_dependencies target)
  target_link_libraries(${target} PRIVATE
    ZLIB::ZLIB BZip2::BZip2 LibLZMA::LibLZMA PkgConfig::LZ4 PkgConfig::ZSTD PkgConfig::XXHASH PkgConfig::SIMDJSON
    PkgConfig::UTF8PROC PkgConfig::PCRE2 PkgConfig::YAML)
  cppickle_use_fmt(${target})
endfunction()
