# SPDX-FileCopyrightText: scanhost contributors
# SPDX-License-Identifier: Apache-2.0
#
# From what abidw says of the probe to one line for each field:
#   struct field offset size type
# in bytes. A line of a released list may not change; new ones may come at a struct's end.
function attribute(name,    at, rest) {
  at = index($0, " " name "='")
  if (at == 0) return ""
  rest = substr($0, at + length(name) + 3)
  return substr(rest, 1, index(rest, "'") - 1)
}
function sizeOf(id) {
  if (kind[id] == "typedef-decl" || kind[id] == "qualified-type-def") return sizeOf(target[id])
  return bits[id] / 8
}
function typeOf(id,    text, i) {
  if (kind[id] == "pointer-type-def") {
    if (kind[target[id]] == "function-type") return typeOf(target[id])
    return typeOf(target[id]) "*"
  }
  if (kind[id] == "qualified-type-def") return "const " typeOf(target[id])
  if (kind[id] == "array-type-def") return typeOf(target[id]) "[" sizeOf(id) / sizeOf(target[id]) "]"
  if (kind[id] == "function-type") {
    text = typeOf(result[id]) "("
    for (i = 1; i <= parameters[id]; ++i) text = text (i > 1 ? "," : "") typeOf(parameter[id, i])
    return text ")"
  }
  return called[id]
}
/<(type-decl|class-decl|typedef-decl|pointer-type-def|qualified-type-def|array-type-def|function-type) / {
  id = attribute("id")
  match($0, /<[a-z-]+/)
  kind[id] = substr($0, RSTART + 1, RLENGTH - 1)
  bits[id] = attribute("size-in-bits")
  called[id] = attribute("name")
  target[id] = attribute("type-id")
  current = id
}
/<data-member / { offset = attribute("layout-offset-in-bits") / 8 }
/<var-decl / {
  if (kind[current] == "class-decl" && $0 !~ /mangled-name/)
    field[++fields] = called[current] " " attribute("name") " " offset " " attribute("type-id")
}
/<parameter / { parameter[current, ++parameters[current]] = attribute("type-id") }
/<return / { result[current] = attribute("type-id") }
END {
  for (i = 1; i <= fields; ++i) {
    split(field[i], part, " ")
    gsub(/ /, "_", part[4])
    type = typeOf(part[4])
    gsub(/ /, "_", type)
    print part[1], part[2], part[3], sizeOf(part[4]), type
  }
}
