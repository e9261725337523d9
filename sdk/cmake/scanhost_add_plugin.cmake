# SPDX-FileCopyrightText: scanhost contributors
# SPDX-License-Identifier: Apache-2.0
#
# scanhost_add_plugin(NAME SOURCES ... [LIBS ...])
#
# Builds plugins/NAME.so below the build folder: hidden symbols, one export (scanhost_plugin_v1), nothing left undefined.
# The same function serves the project's own plugins and a vendor's, by find_package(scanhost-sdk).
set(SCANHOST_PLUGIN_VERSION_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/plugin.map)

function(scanhost_add_plugin name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_library(${name} MODULE ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so"
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/plugins
    POSITION_INDEPENDENT_CODE ON
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${SCANHOST_PLUGIN_VERSION_SCRIPT})
  if(TARGET scanhost::sdk)
    target_link_libraries(${name} PRIVATE scanhost::sdk)
  else()
    target_link_libraries(${name} PRIVATE sdk)
  endif()
  target_link_libraries(${name} PRIVATE ${ARG_LIBS})
  target_link_options(${name} PRIVATE -Wl,--version-script=${SCANHOST_PLUGIN_VERSION_SCRIPT})
  if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize" AND NOT SCANHOST_SANITIZE)
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
endfunction()
