# SPDX-FileCopyrightText: scanhost contributors
# SPDX-License-Identifier: Apache-2.0
#
# cmake -DFOLDER=... -DOUTPUT=... -P embed_templates.cmake  writes every file below FOLDER into a source
# file that defines scanhost::templateFiles(), so that scanhost-plugin carries its templates with it.
file(GLOB_RECURSE files RELATIVE ${FOLDER} ${FOLDER}/*)
set(text "#include \"sdk/tool/template_files.h\"\nnamespace scanhost {\n"
         "const std::vector<TemplateFile>& templateFiles() {\n  static const std::vector<TemplateFile> files = {\n")
string(CONCAT text ${text})
foreach(file ${files})
  string(REGEX MATCH "^([^/]+)/(.+)$" whole ${file})
  set(kind ${CMAKE_MATCH_1})
  set(path ${CMAKE_MATCH_2})
  file(READ ${FOLDER}/${file} content)
  string(APPEND text "      {\"${kind}\", \"${path}\", R\"TEMPLATE(${content})TEMPLATE\"},\n")
endforeach()
string(APPEND text "  };\n  return files;\n}\n}\n")
file(WRITE ${OUTPUT} "${text}")
