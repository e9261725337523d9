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

# scanhost_check_plugin(PLUGIN)
#
# Makes `scanhost-plugin inspect FILE` the ctest test PLUGIN-check: it fails when a host of this SDK
# would refuse the plugin.
function(scanhost_check_plugin plugin)
  add_test(NAME ${plugin}-check COMMAND scanhost::scanhost-plugin inspect $<TARGET_FILE:${plugin}>)
endfunction()
