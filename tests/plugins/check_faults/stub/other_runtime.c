// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Stands for libc++.so.1, of which only the name matters here.
int scanhost_other_runtime(void);
int scanhost_other_runtime(void) {
  return 0;
}
