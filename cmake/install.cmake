# find_package(cppickle) and pkg-config for consumers; tests/install/ builds one both ways.
include(CMakePackageConfigHelpers)
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cppickle)

install(TARGETS cppickle EXPORT cppickle-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(EXPORT cppickle-targets NAMESPACE cppickle:: DESTINATION ${config_dir})
if(TARGET cppickle_cli)
  install(TARGETS cppickle_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

configure_package_config_file(cmake/cppickle-config.cmake.in cppickle-config.cmake INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(cppickle-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cppickle-config.cmake ${PROJECT_BINARY_DIR}/cppickle-config-version.cmake
  DESTINATION ${config_dir})

configure_file(cmake/cppickle.pc.in cppickle.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/cppickle.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
