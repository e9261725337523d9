// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "host/ctl/examination.h"
#include "host/ctl/output.h"
#include "host/ctl/verbs.h"

namespace scanhost::ctl {

int doctor(const DoctorCommand& command, const CommonOptions& common) {
  const Examination examination = examine(command.config, common);
  writeListing(std::cout, common.format,
               {{"check", "check"}, {"result", "result"}, {"detail", "detail"}}, examination.checks,
               0);
  return examination.exit_code;
}

}  // namespace scanhost::ctl
