# SPDX-FileCopyrightText: scanhost contributors
# SPDX-License-Identifier: Apache-2.0
#
# From a released layout list to static assertions on each of its fields.
BEGIN { print "#include \"sdk/abi/stable.h\"" }
$1 != "constant" {
  place = "offsetof(" $1 ", " $2 ") == " $3
  size = "sizeof(((" $1 "*)0)->" $2 ") == " $4
  print "SCANHOST_ABI_ASSERT(" place " && " size ", \"" $1 "." $2 " was released here\");"
}
