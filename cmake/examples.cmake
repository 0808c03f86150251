# examples/*.cc, each a program. They use the public headers only.
file(GLOB example_sources CONFIGURE_DEPENDS examples/*.cc)
foreach(source IN LISTS example_sources)
  get_filename_component(name ${source} NAME_WE)
  add_executable(example_${name} ${source})
  set_target_properties(example_${name} PROPERTIES
    OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/examples)
  target_link_libraries(example_${name} PRIVATE cppickle)
  cppickle_link_dependencies(example_${name})
  cppickle_flags(example_${name})
endforeach()
