# SPDX-FileCopyrightText: scanhost contributors
# SPDX-License-Identifier: Apache-2.0
#
# cmake -DFOLDER=... -DOUTPUT=... -P embed_scripts.cmake  writes every .lua of a folder into a header
# as `inline constexpr std::string_view lua_<name>`.
file(GLOB scripts ${FOLDER}/*.lua)
set(text "#pragma once\n#include <string_view>\nnamespace scanhost::queue_redis {\n")
foreach(script ${scripts})
  get_filename_component(name ${script} NAME_WE)
  file(READ ${script} source)
  string(APPEND text "inline constexpr std::string_view lua_${name} = R\"lua(${source})lua\";\n")
endforeach()
string(APPEND text "}\n")
file(WRITE ${OUTPUT} "${text}")
