#ifndef OSSICLE_TOOLS_EVALUATION_LISTS_SOURCES_H_
#define OSSICLE_TOOLS_EVALUATION_LISTS_SOURCES_H_

#include <span>
#include <string>

#include "evaluation/lists/held_out.h"
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

/// How much the NDCG of a listener's list rises over that of the first way: mean over listeners and
/// seeds, and the half-width of its 95 % interval over them (normal).
struct PairedRise {
  double mean = 0;
  double half_width_95 = 0;
};

/// own-data-out, one row for each way of making lists, all over the same catalogues and listeners;
/// `rises` has one entry for each.
Problem eval_lists(const ListRequest& request, std::span<const NamedList> lists, bool on_validation,
                   Report& report, std::vector<PairedRise>& rises);

std::string table(std::span<const NamedList> lists, std::span<const PairedRise> rises);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_EVALUATION_LISTS_SOURCES_H_
