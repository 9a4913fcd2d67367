#include "report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <set>

namespace ossicle::simulation {
namespace {

template <class... Args>
void append(std::string& text, const char* format, Args... args) {
  char line[512];
  std::snprintf(line, sizeof line, format, args...);
  text += line;
}

// As in kHead.
constexpr double kWidth = 720;
constexpr double kHeight = 420;
constexpr double kLeft = 64;
constexpr double kRight = 40;
constexpr double kTop = 40;
constexpr double kBottom = 60;
constexpr double kFirstDecade = 1;  // 10 contributors / sigma
constexpr double kLastDecade = 6;
constexpr double kLeast = -0.2;
constexpr double kMost = 1.1;

double x_of(double ratio) {
  const double part = (std::log10(ratio) - kFirstDecade) / (kLastDecade - kFirstDecade);
  return kLeft + part * (kWidth - kLeft - kRight);
}
double y_of(double share) {
  const double part = (std::clamp(share, kLeast, kMost) - kLeast) / (kMost - kLeast);
  return kHeight - kBottom - part * (kHeight - kTop - kBottom);
}

constexpr const char* kHead =
    R"svg(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 420" role="img" aria-label="Share of the gain that is recovered, against contributors divided by sigma">
<style>
svg { --paper: #ffffff; --ink: #1d1d1f; --line: #d0d0d4; --a: #0b57a4; --b: #a8410b; --c: #1f6b33;
  color: var(--ink); font: 13px system-ui, sans-serif }
@media (prefers-color-scheme: dark) {
  svg { --paper: #16161a; --ink: #ececf0; --line: #45454d; --a: #7ab8ff; --b: #ffa26b; --c: #7fd897 }
}
text { fill: var(--ink) } .grid { stroke: var(--line) } .zero { stroke: var(--ink) }
.curve { fill: none; stroke-width: 2 } .c0 { --c-own: var(--a) } .c1 { --c-own: var(--b) } .c2 { --c-own: var(--c) }
.c0, .c1, .c2 { stroke: var(--c-own) } .mark { fill: var(--c-own) } .error { stroke-width: 1 } .name { stroke: none; fill: var(--c-own) }
</style>
<rect width="100%" height="100%" style="fill: var(--paper)"/>
)svg";

void add_axes(std::string& svg) {
  for (int decade = static_cast<int>(kFirstDecade); decade <= static_cast<int>(kLastDecade);
       ++decade) {
    const double ratio = std::pow(10.0, decade);
    append(svg, "<path class=\"grid\" d=\"M%.1f %.1fV%.1f\"/>\n", x_of(ratio), kTop,
           kHeight - kBottom);
    append(svg, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.0f</text>\n", x_of(ratio),
           kHeight - kBottom + 20, ratio);
  }
  for (int tenth = -2; tenth <= 10; tenth += 2) {
    const double y = y_of(tenth / 10.0);
    append(svg, "<path class=\"%s\" d=\"M%.1f %.1fH%.1f\"/>\n", tenth == 0 ? "zero" : "grid", kLeft,
           y, kWidth - kRight);
    append(svg, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%d %%</text>\n", kLeft - 8, y + 4,
           10 * tenth);
  }
  append(svg, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">contributors / sigma</text>\n",
         (kLeft + kWidth - kRight) / 2, kHeight - 14);
  svg += "<text x=\"16\" y=\"22\">share of the gain without clip and noise</text>\n";
}

// A mark that tells the curve apart without its colour.
void add_mark(std::string& svg, std::size_t curve, double x, double y) {
  if (curve == 0) {
    append(svg, "<circle class=\"mark\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>\n", x, y);
  } else if (curve == 1) {
    append(svg, "<rect class=\"mark\" x=\"%.1f\" y=\"%.1f\" width=\"8\" height=\"8\"/>\n", x - 4,
           y - 4);
  } else {
    append(svg, "<path class=\"mark\" d=\"M%.1f %.1fl5 9h-10z\"/>\n", x, y - 5);
  }
}

}  // namespace

double best_plain(std::span<const Outcome> outcomes) {
  double best = 0;
  for (const Outcome& one : outcomes) {
    if (one.plain) best = std::max(best, one.gain);
  }
  return best;
}

std::string to_table(std::span<const Outcome> outcomes) {
  std::string table = "contributors\tsigma\trows moved\tgain\tstandard error\tshare\n";
  const double best = best_plain(outcomes);
  for (const Outcome& one : outcomes) {
    append(table, "%llu\t", static_cast<unsigned long long>(one.contributors));
    if (one.plain) {
      table += "plain";
    } else {
      append(table, "%g", one.sigma);
    }
    append(table, "\t%u\t%.4f\t%.4f\t%.3f\n", one.moved, one.gain, one.standard_error,
           one.gain / best);
  }
  return table;
}

std::string to_plot(std::span<const Outcome> outcomes) {
  std::set<double> sigmas;
  for (const Outcome& one : outcomes) {
    if (!one.plain && one.sigma > 0) sigmas.insert(one.sigma);
  }
  const double best = best_plain(outcomes);
  std::string svg = kHead;
  add_axes(svg);
  std::size_t curve = 0;
  for (const double sigma : sigmas) {
    std::string marks;
    std::string line;
    for (const Outcome& one : outcomes) {
      if (one.plain || one.sigma != sigma) continue;
      const double x = x_of(static_cast<double>(one.contributors) / sigma);
      append(line, "%s%.1f %.1f", line.empty() ? "M" : "L", x, y_of(one.gain / best));
      append(marks, "<path class=\"error\" d=\"M%.1f %.1fV%.1f\"/>\n", x,
             y_of((one.gain - one.standard_error) / best),
             y_of((one.gain + one.standard_error) / best));
      add_mark(marks, curve, x, y_of(one.gain / best));
    }
    const double legend = kTop + 24 + 22 * static_cast<double>(curve);
    add_mark(marks, curve, kLeft + 24, legend);
    append(marks, "<text class=\"name\" x=\"%.1f\" y=\"%.1f\">sigma %g</text>\n", kLeft + 38,
           legend + 4, sigma);
    append(svg, "<g class=\"c%zu\">\n", curve);
    svg += "<path class=\"curve\" d=\"" + line + "\"/>\n" + marks + "</g>\n";
    ++curve;
  }
  return svg + "</svg>\n";
}

}  // namespace ossicle::simulation
