# SPDX-FileCopyrightText: scanhost contributors
# SPDX-License-Identifier: Apache-2.0
#
# What lies in /usr/share/doc/PACKAGE: copyright, changelog, bill of materials and licences.
set(papers ${CMAKE_CURRENT_BINARY_DIR}/papers)
set(made "")
# Of the commit, as scripts/package says it; told to each command, so that another one makes them anew.
set(dated ${CMAKE_COMMAND} -E env SOURCE_DATE_EPOCH=$ENV{SOURCE_DATE_EPOCH})

# scanhost_papers(COMPONENT PACKAGE "COMPILED-IN DEBIAN PACKAGES" TARGETS...)
function(scanhost_papers component package compiled_in)
  set(files "")
  foreach(target ${ARGN})
    list(APPEND files $<TARGET_FILE:${target}>)
  endforeach()
  add_custom_command(OUTPUT ${papers}/${package}/sbom.cdx.json ${papers}/${package}/licences.txt VERBATIM
    COMMAND ${dated} ${CMAKE_CURRENT_SOURCE_DIR}/papers/sbom ${package} ${PROJECT_VERSION} ${papers}/${package}
            "${compiled_in}" ${files}
    DEPENDS ${ARGN} papers/sbom papers/licences.txt)
  add_custom_command(OUTPUT ${papers}/${package}/changelog.Debian.gz VERBATIM
    COMMAND ${dated} ${CMAKE_CURRENT_SOURCE_DIR}/papers/changelog ${package} ${PROJECT_VERSION}
            "${SCANHOST_MAINTAINER}" ${papers}/${package}/changelog.Debian.gz
    DEPENDS papers/changelog)
  install(FILES papers/copyright ${papers}/${package}/sbom.cdx.json ${papers}/${package}/licences.txt
                ${papers}/${package}/changelog.Debian.gz
          DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${component})
  set(made ${made} ${papers}/${package}/sbom.cdx.json ${papers}/${package}/changelog.Debian.gz PARENT_SCOPE)
endfunction()

scanhost_papers(scanhost scanhost "libboost1.74-dev libcli11-dev libexpected-dev libseccomp-dev"
                scanhost scanhost-runner ${SCANHOST_DEFAULT_PLUGINS})
scanhost_papers(scanhost-cli scanhost-cli "libcli11-dev libexpected-dev" scanhostctl)
set(of_checks "")
if(TARGET scanhost-plugin-checks)
  set(of_checks scanhost-plugin-checks)
endif()
scanhost_papers(sdk-pages scanhost-sdk "libboost1.74-dev libcli11-dev libexpected-dev libgtest-dev libgmock-dev libstdc++-12-dev"
                scanhost-plugin ${of_checks})
foreach(plugin ${SCANHOST_FURTHER_PLUGINS})
  scanhost_papers(scanhost-${plugin} scanhost-${plugin} "" ${plugin})
endforeach()
if(SCANHOST_SPLIT_DEBUG)
  scanhost_papers(scanhost-dbg scanhost-dbg "")
endif()

add_custom_target(papers DEPENDS ${made})
add_dependencies(packaged papers)
