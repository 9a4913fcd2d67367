#include "learning/learn.h"

#include <algorithm>
#include <cstdio>

#include "model/catalogue_build.h"

namespace ossicle::tools {
namespace {

/// The new catalogue as clients will read it.
struct Draft {
  BundleBytes bytes;
  CatalogueData data;
};

Problem make_draft(Epoch& epoch, const BundleFacts& facts, Draft& out) {
  const Result<Catalogue> next = epoch.next();
  if (!next) return problem("the new vectors", next.error());
  Result<BundleBytes> bytes = write_catalogue(next.value(), facts);
  if (!bytes) return problem("the new bundle", bytes.error());
  out.bytes = std::move(bytes).value();
  return open_bundle(out.bytes, out.data);
}

Problem make_lists(const LearnRequest& request, const Catalogue& catalogue, Lists& out) {
  Result<Lists> lists = make_lists(catalogue, request.listeners, request.for_each);
  if (!lists) return problem("lists of the public listeners", lists.error());
  out = std::move(lists).value();
  return {};
}

// Puts back what came into too many lists, until nothing that moved is in too many: rows that are
// put back leave places which others take. `lists` are those of the draft, and of what is left of
// it.
Problem hold_back(const LearnRequest& request, const Lists& before, Epoch& epoch, Draft& draft,
                  Lists& lists, std::vector<HeldRow>& held) {
  for (std::size_t known = held.size();; known = held.size()) {
    for (const std::uint32_t row : over_exposed(before.exposure, lists.exposure)) {
      if (!epoch.has_moved(row)) continue;  // in more lists since others are in fewer
      held.push_back({row, before.exposure[row], lists.exposure[row]});
      epoch.put_back(row);
    }
    if (held.size() == known || epoch.moved() == 0) break;
    OSL_TOOL_TRY(make_draft(epoch, request.facts, draft));
    OSL_TOOL_TRY(make_lists(request, draft.data.view, lists));
  }
  std::sort(held.begin(), held.end(),
            [](const HeldRow& a, const HeldRow& b) { return a.row < b.row; });
  return {};
}

std::string four_digits(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", x);
  return text;
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kLearnt:
      return "learnt";
    case Outcome::kNothing:
      return "nothing";
    case Outcome::kRefused:
      return "refused";
  }
  return "";
}

Problem learn(const LearnRequest& request, LearnResult& out) {
  out = {};
  Epoch epoch(request.now, request.variances);
  for (const BlockSums& sums : request.sums) {
    if (const Status solved = epoch.solve(request.prior, sums, request.noise); !solved) {
      return problem("block " + std::to_string(sums.block), solved.error());
    }
  }
  const auto ends = [&](Outcome outcome, std::string why) {
    out.outcome = outcome;
    out.why = std::move(why);
    return Problem();
  };
  if (epoch.moved() == 0) {
    return ends(Outcome::kNothing, "too few contributors for this noise: no row moves");
  }
  Lists before;
  OSL_TOOL_TRY(make_lists(request, request.now, before));
  Draft draft;
  OSL_TOOL_TRY(make_draft(epoch, request.facts, draft));
  Lists after;
  OSL_TOOL_TRY(make_lists(request, draft.data.view, after));
  OSL_TOOL_TRY(hold_back(request, before, epoch, draft, after, out.held));
  out.moved = epoch.moved();
  out.recall_before = mean(before.recall);
  if (out.moved == 0) {
    out.recall_after = out.recall_before;
    return ends(Outcome::kNothing,
                "every row that moved came into too many lists and was put back");
  }
  out.recall_after = mean(after.recall);
  if (!(out.recall_after >= out.recall_before)) {
    return ends(Outcome::kRefused, "recall of what was held out falls from " +
                                       four_digits(out.recall_before) + " to " +
                                       four_digits(out.recall_after));
  }
  if (const Status checked = check_snapshot(request.now, draft.data.view, {}); !checked) {
    return ends(Outcome::kRefused, problem("clients would refuse it", checked.error()).text);
  }
  out.bundle = std::move(draft.bytes);
  out.variances = epoch.variances();
  return ends(Outcome::kLearnt, "");
}

}  // namespace ossicle::tools
