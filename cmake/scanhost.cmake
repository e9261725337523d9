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
