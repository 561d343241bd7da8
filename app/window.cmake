# The window: only wires what ui/ and core/ offer.
add_executable(hearsay ${CMAKE_CURRENT_LIST_DIR}/main.cpp)
target_link_libraries(hearsay PRIVATE hearsay_options hearsay_ui)
target_compile_definitions(hearsay PRIVATE HEARSAY_VERSION="${PROJECT_VERSION}")
install(TARGETS hearsay RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
