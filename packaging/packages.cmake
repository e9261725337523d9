# SPDX-FileCopyrightText: scanhost contributors
# SPDX-License-Identifier: Apache-2.0
#
# The packages, for CPack: names, texts, and what each wants of others. Both formats are made of the
# same installed files.
set(CPACK_PACKAGE_NAME scanhost)
set(CPACK_PACKAGE_VENDOR "scanhost contributors")
set(CPACK_PACKAGE_CONTACT "${SCANHOST_MAINTAINER}")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # each package has its own
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES OFF)  # the build did: see scanhost_split_debug
set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_RELEASE 1)
set(CPACK_RPM_PACKAGE_LICENSE Apache-2.0)
set(CPACK_RPM_PACKAGE_GROUP Applications/System)
set(CPACK_RPM_PACKAGE_RELOCATABLE OFF)
string(TIMESTAMP today "%a %b %d %Y" UTC)  # of SOURCE_DATE_EPOCH
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/rpm-changelog
     "* ${today} ${SCANHOST_MAINTAINER} - ${PROJECT_VERSION}-1\n- See the release notes.\n")
set(CPACK_RPM_CHANGELOG_FILE ${CMAKE_CURRENT_BINARY_DIR}/rpm-changelog)
# Folders of others.
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
    /usr/lib/systemd /usr/lib/systemd/system /usr/lib/sysusers.d /usr/lib/tmpfiles.d /usr/lib/debug
    /usr/lib/debug/usr /usr/lib/debug/usr/bin /usr/lib/debug/usr/lib
    /usr/share/bash-completion /usr/share/bash-completion/completions /usr/share/zsh
    /usr/share/zsh/vendor-completions /usr/share/zsh/site-functions /usr/share/fish
    /usr/share/fish/vendor_completions.d /usr/share/man /usr/share/man/man1 /usr/share/man/man5 /usr/share/man/man7
    /usr/share/man/man8 /usr/lib/scanhost/plugins)
# Digests of plugins are written down in the program: nothing may touch the files any more.
set(CPACK_RPM_SPEC_MORE_DEFINE "%global __os_install_post %{nil}
%global use_source_date_epoch_as_buildtime 1
%global clamp_mtime_to_source_date_epoch 1
%global _build_id_links none
%global packager ${SCANHOST_MAINTAINER}
%global _buildhost scanhost")

set(exact "(= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")
set(CPACK_COMPONENTS_ALL "")

# scanhost_package(COMPONENT NAME SUMMARY DESCRIPTION [DEPENDS ...] [RECOMMENDS ...] [SUGGESTS ...])
# Names of packages that both formats know; a version stands behind a name as for Debian.
macro(scanhost_package component name summary description)
  cmake_parse_arguments(ARG "" "" "DEPENDS;RECOMMENDS;SUGGESTS" ${ARGN})
  string(TOUPPER ${component} key)
  list(APPEND CPACK_COMPONENTS_ALL ${component})
  set(CPACK_COMPONENT_${key}_GROUP ${component})
  set(CPACK_COMPONENT_GROUP_${key}_DISPLAY_NAME ${name})
  set(CPACK_COMPONENT_${key}_DESCRIPTION "${summary}\n${description}")
  set(CPACK_COMPONENT_GROUP_${key}_DESCRIPTION "${summary}\n${description}")
  list(JOIN ARG_DEPENDS ", " depends)
  list(JOIN ARG_RECOMMENDS ", " recommends)
  list(JOIN ARG_SUGGESTS ", " suggests)
  set(CPACK_DEBIAN_${key}_PACKAGE_NAME ${name})
  set(CPACK_DEBIAN_${key}_PACKAGE_DEPENDS "${depends}")
  set(CPACK_DEBIAN_${key}_PACKAGE_RECOMMENDS "${recommends}")
  set(CPACK_DEBIAN_${key}_PACKAGE_SUGGESTS "${suggests}")
  set(CPACK_RPM_${key}_PACKAGE_NAME ${name})
  set(CPACK_RPM_${key}_PACKAGE_SUMMARY "${summary}")
  set(CPACK_RPM_${key}_PACKAGE_DESCRIPTION "${description}")
  string(REPLACE "(" "" depends "${depends}")
  string(REPLACE ")" "" depends "${depends}")
  set(CPACK_RPM_${key}_PACKAGE_REQUIRES "${depends}")
endmacro()

scanhost_package(scanhost scanhost "vulnerability scans, launched exactly once"
"A service that runs vulnerability scans for people and for agents, over MCP
and from the command line. Scanners, queue, stores, transports and exporters
are plugins; with it come those for nmap and Nessus, SQLite, MCP, Prometheus
and JSON logs."
  DEPENDS "scanhost-cli ${exact}" nmap RECOMMENDS ca-certificates SUGGESTS scanhost-queue-redis)
# The account is made by sysusers, also where another program is process 1.
string(APPEND CPACK_DEBIAN_SCANHOST_PACKAGE_DEPENDS ", systemd | systemd-standalone-sysusers")
string(APPEND CPACK_RPM_SCANHOST_PACKAGE_REQUIRES ", systemd")
set(CPACK_DEBIAN_SCANHOST_PACKAGE_PROVIDES scanhost-abi-1)
set(CPACK_RPM_SCANHOST_PACKAGE_PROVIDES scanhost-abi-1)
set(CPACK_DEBIAN_SCANHOST_PACKAGE_CONTROL_EXTRA
    "${CMAKE_CURRENT_SOURCE_DIR}/deb/postinst;${CMAKE_CURRENT_SOURCE_DIR}/deb/prerm;${CMAKE_CURRENT_SOURCE_DIR}/deb/postrm;${CMAKE_CURRENT_SOURCE_DIR}/deb/triggers;${CMAKE_CURRENT_SOURCE_DIR}/deb/conffiles")
set(CPACK_DEBIAN_SCANHOST_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_RPM_SCANHOST_USER_FILELIST "%config(noreplace) /etc/scanhost/scanhost.yaml"
                                     "%dir /usr/lib/scanhost/plugins")
set(CPACK_RPM_SCANHOST_POST_INSTALL_SCRIPT_FILE ${CMAKE_CURRENT_SOURCE_DIR}/rpm/postinstall)
set(CPACK_RPM_SCANHOST_PRE_UNINSTALL_SCRIPT_FILE ${CMAKE_CURRENT_SOURCE_DIR}/rpm/preuninstall)
set(CPACK_RPM_SCANHOST_POST_UNINSTALL_SCRIPT_FILE ${CMAKE_CURRENT_SOURCE_DIR}/rpm/postuninstall)

scanhost_package(scanhost-cli scanhost-cli "command line for scanhost"
"scanhostctl asks a scanhost, on this machine or another, for scans, and shows
how they are and what they found.")

scanhost_package(sdk scanhost-sdk "what plugins for scanhost are built against"
"Headers of the plugin ABI and the C++ layer over it, CMake packages for plugins
and for programs that ask a service for scans, a template, and scanhost-plugin,
which makes, inspects and checks plugins."
  SUGGESTS cmake g++)
set(CPACK_DEBIAN_SDK_PACKAGE_SECTION libdevel)
# sdk by itself is what `cmake --install --component sdk` gives a vendor, out of any build.
foreach(part client sdk-pages)
  string(TOUPPER ${part} key)
  set(CPACK_COMPONENT_${key}_GROUP sdk)
  list(APPEND CPACK_COMPONENTS_ALL ${part})
endforeach()

set(of_queue-redis "keeps tasks in Redis, which several nodes share")
set(of_scanner-wapiti "scans web applications with wapiti")
set(of_scanner-nuclei "scans with nuclei and its templates")
set(of_scanner-greenbone "scans with a Greenbone manager over GMP")
set(of_exporter-webhook "posts signed notices of what happened to a URL")
set(of_exporter-otlp "sends traces to an OpenTelemetry collector")
# A queue runs in the service's process, which takes none but that of its own build.
set(also_of_queue-redis "scanhost ${exact}")
set(suggested_by_queue-redis redis-server)
set(suggested_by_scanner-wapiti wapiti)
foreach(plugin ${SCANHOST_FURTHER_PLUGINS})
  scanhost_package(scanhost-${plugin} scanhost-${plugin} "plugin of scanhost: ${plugin}"
"A plugin for the scanhost service that
${of_${plugin}}.
Name it in the configuration; the service takes it into use with its next
reload."
    DEPENDS scanhost-abi-1 ${also_of_${plugin}} SUGGESTS ${suggested_by_${plugin}})
endforeach()

if(SCANHOST_SPLIT_DEBUG)
  scanhost_package(scanhost-dbg scanhost-dbg "symbols of scanhost for debuggers"
"What a debugger needs to name functions and lines in the programs and plugins
of scanhost.")
  set(CPACK_DEBIAN_SCANHOST-DBG_PACKAGE_SECTION debug)
  set(CPACK_RPM_SCANHOST-DBG_PACKAGE_NAME scanhost-debuginfo)
endif()

include(CPack)
