#ifndef OSSICLE_TOOLS_EVALUATION_SOURCES_H_
#define OSSICLE_TOOLS_EVALUATION_SOURCES_H_

#include <span>
#include <string>

#include "evaluation/held_out.h"
#include "evaluation/report.h"

namespace ossicle::tools {

/// A way of making lists to be measured, and its row's name.
struct NamedList {
  std::string name;
  ListSettings settings;
};

/// What is measured where nothing else is asked for: each source in several weights, novelty,
/// diversity.
std::vector<NamedList> usual_lists(bool with_text);

/// own-data-out, one row for each way of making lists, all over the same catalogues and listeners.
Problem eval_lists(const ListRequest& request, std::span<const NamedList> lists, bool on_validation,
                   Report& report);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_EVALUATION_SOURCES_H_
