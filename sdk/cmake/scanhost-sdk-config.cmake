# SPDX-FileCopyrightText: scanhost contributors
# SPDX-License-Identifier: Apache-2.0
#
# find_package(scanhost-sdk) gives the target scanhost::sdk, the program scanhost::scanhost-plugin, and the
# functions scanhost_add_plugin(), scanhost_add_plugin_test() and scanhost_check_plugin().
# The SDK is headers and that program; they are found from where this file was installed.
if(NOT TARGET scanhost::sdk)
  get_filename_component(_scanhost_prefix "${CMAKE_CURRENT_LIST_DIR}" ABSOLUTE)
  while(NOT EXISTS "${_scanhost_prefix}/include/scanhost/plugin.h")
    get_filename_component(_scanhost_above "${_scanhost_prefix}" DIRECTORY)
    if(_scanhost_above STREQUAL _scanhost_prefix)
      set(scanhost-sdk_FOUND FALSE)
      set(scanhost-sdk_NOT_FOUND_MESSAGE "the SDK's headers are not beside ${CMAKE_CURRENT_LIST_DIR}")
      return()
    endif()
    set(_scanhost_prefix "${_scanhost_above}")
  endwhile()
  add_library(scanhost::sdk INTERFACE IMPORTED)
  set_target_properties(scanhost::sdk PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${_scanhost_prefix}/include"
    INTERFACE_COMPILE_FEATURES cxx_std_17)
endif()
if(NOT TARGET scanhost::scanhost-plugin AND EXISTS "${_scanhost_prefix}/bin/scanhost-plugin")
  add_executable(scanhost::scanhost-plugin IMPORTED)
  set_target_properties(scanhost::scanhost-plugin PROPERTIES
    IMPORTED_LOCATION "${_scanhost_prefix}/bin/scanhost-plugin")
endif()
include("${CMAKE_CURRENT_LIST_DIR}/scanhost_add_plugin.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/scanhost_test_plugin.cmake")
