# SPDX-FileCopyrightText: scanhost contributors
# SPDX-License-Identifier: Apache-2.0
#
# How a plugin made by scanhost_add_plugin() is tested from its own folder.

# scanhost_add_plugin_test(PLUGIN SOURCES ... [LIBS ...])
#
# Builds PLUGIN-test, which finds the plugin's file in SCANHOST_PLUGIN_FILE, and makes it the ctest
# test of that name.
function(scanhost_add_plugin_test plugin)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${plugin}-test ${ARG_SOURCES})
  target_link_libraries(${plugin}-test PRIVATE scanhost::sdk ${CMAKE_DL_LIBS} ${ARG_LIBS})
  target_compile_definitions(${plugin}-test PRIVATE SCANHOST_PLUGIN_FILE="$<TARGET_FILE:${plugin}>")
  add_dependencies(${plugin}-test ${plugin})
  add_test(NAME ${plugin}-test COMMAND ${plugin}-test)
endfunction()

# scanhost_check_plugin(PLUGIN [ARGUMENTS ...])
#
# Makes `scanhost-plugin check FILE ARGUMENTS...` the ctest test PLUGIN-check.
function(scanhost_check_plugin plugin)
  cmake_parse_arguments(ARG "" "" "ARGUMENTS" ${ARGN})
  add_test(NAME ${plugin}-check
           COMMAND scanhost::scanhost-plugin check $<TARGET_FILE:${plugin}> ${ARG_ARGUMENTS})
endfunction()
