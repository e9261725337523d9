# SPDX-FileCopyrightText: scanhost contributors
# SPDX-License-Identifier: Apache-2.0
#
# find_package(scanhost-client) gives the target scanhost::client. Library and headers are found from
# where this file was installed.
if(NOT TARGET scanhost::client)
  include(CMakeFindDependencyMacro)
  find_dependency(Poco COMPONENTS Foundation Net NetSSL)
  get_filename_component(_scanhost_prefix "${CMAKE_CURRENT_LIST_DIR}" REALPATH)
  while(NOT EXISTS "${_scanhost_prefix}/include/scanhost/client/client.h")
    get_filename_component(_scanhost_above "${_scanhost_prefix}" DIRECTORY)
    if(_scanhost_above STREQUAL _scanhost_prefix)
      set(scanhost-client_FOUND FALSE)
      set(scanhost-client_NOT_FOUND_MESSAGE
          "the client's headers are not beside ${CMAKE_CURRENT_LIST_DIR}")
      return()
    endif()
    set(_scanhost_prefix "${_scanhost_above}")
  endwhile()
  # lib/cmake/scanhost-client/ is two folders below the library.
  get_filename_component(_scanhost_library "${CMAKE_CURRENT_LIST_DIR}/../../libscanhost-client.a"
                         ABSOLUTE)
  add_library(scanhost::client STATIC IMPORTED)
  set_target_properties(scanhost::client PROPERTIES
    IMPORTED_LOCATION "${_scanhost_library}"
    INTERFACE_INCLUDE_DIRECTORIES "${_scanhost_prefix}/include"
    INTERFACE_COMPILE_FEATURES cxx_std_17
    INTERFACE_LINK_LIBRARIES "Poco::NetSSL;Poco::Net;Poco::Foundation")
endif()
