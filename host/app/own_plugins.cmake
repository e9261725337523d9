# SPDX-FileCopyrightText: scanhost contributors
# SPDX-License-Identifier: Apache-2.0
#
# cmake -DOUTPUT=own_plugins.cpp -DPLUGINS=a.so;b.so -P own_plugins.cmake
set(rows "")
set(count 0)
foreach(plugin ${PLUGINS})
  get_filename_component(name ${plugin} NAME_WE)
  file(SHA256 ${plugin} digest)
  string(APPEND rows "    {\"${name}\",\n     \"${digest}\"},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE ${OUTPUT}.new "// Written by the build.
#include \"host/app/own_plugins.h\"

#include <algorithm>
#include <array>

namespace scanhost {
namespace {

constexpr std::array<OwnPlugin, ${count}> plugins = {{
${rows}}};

}  // namespace

std::span<const OwnPlugin> ownPlugins() {
  return plugins;
}

bool isOwnPlugin(std::string_view name, std::string_view sha256) {
  return std::any_of(plugins.begin(), plugins.end(), [&](const OwnPlugin& own) {
    return own.name == name && own.sha256 == sha256;
  });
}

}  // namespace scanhost
")
file(COPY_FILE ${OUTPUT}.new ${OUTPUT} ONLY_IF_DIFFERENT)
