// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The settings of exporter-prometheus; the host has checked them and filled in defaults.
#pragma once

#include <scanhost/host.h>

#include <string>

namespace scanhost {

struct PrometheusConfig {
  explicit PrometheusConfig(const Settings& settings)
      : path(settings["path"].asString("/metrics")) {}

  std::string path;
};

}  // namespace scanhost
