# SPDX-FileCopyrightText: scanhost contributors
# SPDX-License-Identifier: Apache-2.0
#
# cmake -DFOLDER=... -DOUTPUT=... -P embed_scripts.cmake  writes every .lua of a folder, after the
# parts that its "-- uses:" line names, into a header as `inline constexpr std::string_view lua_<name>`.
file(GLOB scripts ${FOLDER}/*.lua)
set(text "#pragma once\n#include <string_view>\nnamespace scanhost::queue_redis {\n")
foreach(script ${scripts})
  get_filename_component(name ${script} NAME_WE)
  file(READ ${script} source)
  if(NOT source MATCHES "-- uses: ([a-z ]+)\n")
    message(FATAL_ERROR "${script}: names no parts in a line '-- uses: ...'")
  endif()
  string(REPLACE " " ";" parts "${CMAKE_MATCH_1}")
  set(whole "")
  foreach(part ${parts})
    file(READ ${FOLDER}/parts/${part}.lua part_source)
    string(APPEND whole "${part_source}")
  endforeach()
  string(APPEND whole "${source}")
  string(REGEX REPLACE "(^|\n)--[^\n]*" "\\1" whole "${whole}")
  string(REGEX REPLACE "\n\n+" "\n" whole "${whole}")
  string(APPEND text "inline constexpr std::string_view lua_${name} = R\"lua(${whole})lua\";\n")
endforeach()
string(APPEND text "}\n")
file(WRITE ${OUTPUT} "${text}")
