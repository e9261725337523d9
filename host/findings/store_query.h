// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Conditions, order and fields as a results plugin takes them.
#pragma once

#include <scanhost/abi/draft/results.h>
#include <scanhost/text.h>

#include <string>
#include <vector>

#include "host/findings/filter.h"
#include "host/findings/projection.h"
#include "host/findings/sort.h"

namespace scanhost {

/// Lends a query while it lives; what it was made of may go. Offset and limit are set on `abi()`.
class StoreQuery {
 public:
  /// A null projection asks for whole findings. Fields that are computed (cvss_score,
  /// severity_name) are asked for by what they are computed from.
  StoreQuery(std::string generation, std::vector<Condition> conditions,
             const std::vector<SortKey>& sort = {}, const Projection* projection = nullptr);
  StoreQuery(const StoreQuery&) = delete;
  StoreQuery& operator=(const StoreQuery&) = delete;

  scanhost_results_query& abi() { return query_; }

 private:
  void lendConditions();
  void lendSort(const std::vector<SortKey>& sort);
  void lendFields(const Projection& projection);

  std::string generation_;
  std::vector<Condition> conditions_;
  std::vector<std::vector<scanhost_operand>> operands_;
  std::vector<scanhost_condition> abi_conditions_;
  std::vector<const scanhost_condition*> condition_list_;
  std::vector<scanhost_sort_key> sort_;
  std::vector<scanhost_text> fields_;
  scanhost_results_query query_{};
};

}  // namespace scanhost
