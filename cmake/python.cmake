# The Python extension, once for each interpreter in CPPICKLE_PYTHONS: build/python/<tag>/cppickle is the package, ready
# to be imported. build/python/packages.txt lists what was made, INTERPRETER=DIRECTORY, for tests and benchmarks.
file(GLOB extension_sources CONFIGURE_DEPENDS python/src/*.cc)
file(GLOB package_files CONFIGURE_DEPENDS python/cppickle/*)

# Opcodes come in patterns that processors predict better as branches than as one computed jump (see CMakeLists.txt).
set_source_files_properties(python/src/fetched.cc python/src/loader.cc PROPERTIES COMPILE_OPTIONS -fno-jump-tables)

# cppickle_extension(TARGET INTERPRETER DIRECTORY [DEFINITION...])
function(cppickle_extension target interpreter directory)
  execute_process(
    COMMAND "${interpreter}" -c
      "import sysconfig as s; print(s.get_path('include'), s.get_path('platinclude'), s.get_config_var('EXT_SUFFIX'), sep=';', end='')"
    OUTPUT_VARIABLE facts COMMAND_ERROR_IS_FATAL ANY)
  list(GET facts 0 include)
  list(GET facts 1 platform_include)
  list(GET facts 2 suffix)
  if(NOT EXISTS "${platform_include}/pyconfig.h")
    message(STATUS "no headers for ${interpreter}: no extension for it")
    return()
  endif()
  add_library(${target} MODULE ${extension_sources})
  set_target_properties(${target} PROPERTIES
    PREFIX "" SUFFIX "${suffix}" OUTPUT_NAME _cppickle LIBRARY_OUTPUT_DIRECTORY "${directory}/cppickle"
    LINKER_LANGUAGE CXX)
  target_include_directories(${target} PRIVATE src)
  target_include_directories(${target} SYSTEM PRIVATE "${include}" "${platform_include}")
  target_compile_definitions(${target} PRIVATE CPPICKLE_VERSION="${PROJECT_VERSION}" ${ARGN})
  target_link_libraries(${target} PRIVATE cppickle)
  cppickle_flags(${target})
  # CPython's macros cast as C does; a Python extension's function types differ from what the tables hold.
  target_compile_options(${target} PRIVATE -Wno-cast-function-type -Wno-missing-field-initializers -Wno-pedantic
    $<$<NOT:$<CONFIG:Debug>>:-O3> -fno-plt)
  # A wheel must run where the system's C++ runtime is older than the compiler's; nothing of it is to be seen outside.
  if(NOT CPPICKLE_SANITIZE)
    target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc -Wl,--exclude-libs,ALL)
  endif()
endfunction()

function(cppickle_package target interpreter directory)
  cppickle_extension(${target} "${interpreter}" "${directory}" ${ARGN})
  if(NOT TARGET ${target})
    return()
  endif()
  foreach(file ${package_files})
    get_filename_component(name "${file}" NAME)
    file(CREATE_LINK "${file}" "${directory}/cppickle/${name}" SYMBOLIC)
  endforeach()
  file(APPEND "${PROJECT_BINARY_DIR}/python/packages.txt.new" "${interpreter}=${directory}\n")
endfunction()

if(SKBUILD)
  find_package(Python3 REQUIRED COMPONENTS Interpreter Development.Module)
  cppickle_extension(cppickle_extension "${Python3_EXECUTABLE}" "${PROJECT_BINARY_DIR}/python")
  install(TARGETS cppickle_extension LIBRARY DESTINATION cppickle COMPONENT python)
  install(TARGETS cppickle_cli RUNTIME DESTINATION "${SKBUILD_SCRIPTS_DIR}" COMPONENT python)
else()
  file(REMOVE "${PROJECT_BINARY_DIR}/python/packages.txt.new")
  foreach(interpreter ${CPPICKLE_PYTHONS})
    execute_process(COMMAND "${interpreter}" -c "import sys; print('%d%d' % sys.version_info[:2], end='')"
      OUTPUT_VARIABLE version COMMAND_ERROR_IS_FATAL ANY)
    set(tag "cp${version}")
    if(TARGET cppickle_${tag})
      set(tag "${tag}b")
    endif()
    file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/python/${tag}/cppickle")
    cppickle_package(cppickle_${tag} "${interpreter}" "${PROJECT_BINARY_DIR}/python/${tag}")
  endforeach()
  # With nothing that CPython does not promise, for the first interpreter: the tests hold that it behaves the same.
  if(NOT CPPICKLE_SANITIZE)
    list(GET CPPICKLE_PYTHONS 0 interpreter)
    file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/python/public/cppickle")
    cppickle_package(cppickle_public "${interpreter}" "${PROJECT_BINARY_DIR}/python/public" CPPICKLE_PUBLIC_API_ONLY=1)
  endif()
  file(RENAME "${PROJECT_BINARY_DIR}/python/packages.txt.new" "${PROJECT_BINARY_DIR}/python/packages.txt")
endif()
