# SPDX-FileCopyrightText: scanhost contributors
# SPDX-License-Identifier: Apache-2.0
#
# How a folder of this project becomes a target: one target per folder, named after its path
# (host/config -> host_config), made of every .cpp in it; its *_test.cpp files become
# <target>_test. An arrow between folders is a name in LIBS, so a new one shows in review.

add_library(scanhost_options INTERFACE)
target_compile_options(scanhost_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow)
if(SCANHOST_WERROR)
  target_compile_options(scanhost_options INTERFACE -Werror)
endif()
if(SCANHOST_SANITIZE)
  add_compile_options(-fsanitize=${SCANHOST_SANITIZE} -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=${SCANHOST_SANITIZE})
  # GCC sees uninitialised values in instrumented std::regex and std::function where there are none.
  add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
endif()

# scanhost_library(NAME LIBS ...)  the .cpp files of the current folder, tests beside them.
function(scanhost_library name)
  cmake_parse_arguments(ARG "" "" "LIBS;TEST_LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_LIBS} PRIVATE scanhost_options)
  if(BUILD_TESTING AND tests)
    scanhost_test(${name}_test SOURCES ${tests} LIBS ${name} ${ARG_TEST_LIBS})
  endif()
endfunction()

# scanhost_test(NAME SOURCES ... LIBS ...)  one GoogleTest program, each case a ctest test.
function(scanhost_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} scanhost_options GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_compile_definitions(${name} PRIVATE
    SCANHOST_SOURCE_DIR="${PROJECT_SOURCE_DIR}" SCANHOST_BINARY_DIR="${PROJECT_BINARY_DIR}")
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300)
endfunction()

# scanhost_split_debug(TARGET)  what only a debugger reads goes to .debug/ beside the program, where it
# looks for it. Here rather than at packaging, for the digests of plugins are taken of what the build
# makes, and must be those of what is installed.
function(scanhost_split_debug target)
  if(NOT SCANHOST_SPLIT_DEBUG)
    return()
  endif()
  set(symbols $<TARGET_FILE_DIR:${target}>/.debug/$<TARGET_FILE_NAME:${target}>.debug)
  add_custom_command(TARGET ${target} POST_BUILD VERBATIM
    COMMAND ${CMAKE_COMMAND} -E make_directory $<TARGET_FILE_DIR:${target}>/.debug
    COMMAND ${CMAKE_OBJCOPY} --only-keep-debug $<TARGET_FILE:${target}> ${symbols}
    COMMAND ${CMAKE_OBJCOPY} --strip-unneeded --remove-section=.comment
            --add-gnu-debuglink=${symbols} $<TARGET_FILE:${target}>)
endfunction()

include(GNUInstallDirs)

# All that the packages hold.
add_custom_target(packaged)

# scanhost_installed_program(COMPONENT TARGET FOLDER)  installs it, and its symbols with scanhost-dbg.
function(scanhost_installed_program component target folder)
  install(TARGETS ${target} RUNTIME DESTINATION ${folder} COMPONENT ${component}
                            LIBRARY DESTINATION ${folder} COMPONENT ${component})
  add_dependencies(packaged ${target})
  scanhost_split_debug(${target})
  if(SCANHOST_SPLIT_DEBUG)
    install(FILES $<TARGET_FILE_DIR:${target}>/.debug/$<TARGET_FILE_NAME:${target}>.debug
            DESTINATION lib/debug/usr/${folder} COMPONENT scanhost-dbg)
  endif()
endfunction()

# scanhost_own_plugin(NAME ...)  as scanhost_add_plugin, for the plugins that come with this project.
function(scanhost_own_plugin name)
  scanhost_add_plugin(${name} ${ARGN})
  set(component scanhost-${name})
  if(name IN_LIST SCANHOST_DEFAULT_PLUGINS)
    set(component scanhost)
  endif()
  scanhost_installed_program(${component} ${name} lib/scanhost/plugins)
endfunction()
