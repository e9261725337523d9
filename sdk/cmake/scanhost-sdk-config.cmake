# SPDX-FileCopyrightText: scanhost contributors
# SPDX-License-Identifier: Apache-2.0
#
# find_package(scanhost-sdk) gives the target scanhost::sdk and the function scanhost_add_plugin().
# The SDK is headers alone; they are found from where this file was installed.
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
include("${CMAKE_CURRENT_LIST_DIR}/scanhost_add_plugin.cmake")
