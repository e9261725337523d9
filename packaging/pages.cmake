# SPDX-FileCopyrightText: scanhost contributors
# SPDX-License-Identifier: Apache-2.0
#
# Man pages and completions, printed by the programs themselves.
find_program(GZIP gzip REQUIRED)
set(pages ${CMAKE_CURRENT_BINARY_DIR}/pages)
file(MAKE_DIRECTORY ${pages})
set(made "")

# scanhost_page(COMPONENT PROGRAM FILE FOLDER ARGUMENTS...)  what PROGRAM prints becomes FILE.
function(scanhost_page component program file folder)
  add_custom_command(OUTPUT ${pages}/${file} VERBATIM
    COMMAND ${program} ${ARGN} > ${pages}/${file})
  install(FILES ${pages}/${file} DESTINATION ${folder} COMPONENT ${component})
  set(made ${made} ${pages}/${file} PARENT_SCOPE)
endfunction()

# scanhost_manual(COMPONENT FILE SECTION ARGUMENTS...)  the same, compressed as manuals are. The first
# argument is the program.
function(scanhost_manual component file section)
  add_custom_command(OUTPUT ${pages}/${file}.gz VERBATIM
    COMMAND ${ARGN} > ${pages}/${file}
    COMMAND ${GZIP} -9nf ${pages}/${file})
  install(FILES ${pages}/${file}.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section}
          COMPONENT ${component})
  set(made ${made} ${pages}/${file}.gz PARENT_SCOPE)
endfunction()

scanhost_manual(scanhost scanhost.8 8 scanhost --print-page man)
scanhost_manual(scanhost scanhost.yaml.5 5 scanhost config print-page)
scanhost_manual(scanhost-cli scanhostctl.1 1 scanhostctl --print-page man)
scanhost_manual(sdk-pages scanhost-plugin.1 1 scanhost-plugin --print-page man)
scanhost_manual(sdk-pages scanhost-plugin-checks.1 1 ${CMAKE_COMMAND} -E echo ".so man1/scanhost-plugin.1")
configure_file(man/scanhost.7 ${pages}/scanhost.7.in @ONLY)
scanhost_manual(scanhost scanhost.7 7 ${CMAKE_COMMAND} -E cat ${pages}/scanhost.7.in)

set(completions ${CMAKE_INSTALL_DATADIR})
foreach(of "scanhost;scanhost" "scanhost-cli;scanhostctl" "sdk-pages;scanhost-plugin")
  list(GET of 0 component)
  list(GET of 1 program)
  scanhost_page(${component} ${program} ${program} ${completions}/bash-completion/completions
                --print-page bash)
  scanhost_page(${component} ${program} _${program} ${completions}/zsh/vendor-completions
                --print-page zsh)
  # Where other distributions' zsh looks.
  install(FILES ${pages}/_${program} DESTINATION ${completions}/zsh/site-functions
          COMPONENT ${component})
  scanhost_page(${component} ${program} ${program}.fish ${completions}/fish/vendor_completions.d
                --print-page fish)
endforeach()

add_custom_target(pages DEPENDS ${made})
add_dependencies(packaged pages)
