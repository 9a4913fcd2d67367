#ifndef OSSICLE_TESTS_UNIT_SEQUENCE_ORACLE_H_
#define OSSICLE_TESTS_UNIT_SEQUENCE_ORACLE_H_

// The sequence model in plain f64, from the definition in sequence.h.

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "sequence_checkpoint.h"

namespace ossicle::testing {

class SequenceOracle {
 public:
  using Rows = std::vector<std::vector<double>>;

  SequenceOracle(const SequenceCheckpoint& checkpoint, const SequenceItems& items)
      : c_(checkpoint), items_(items) {}

  /// What each row asks for, BEGIN's first.
  Rows queries(const std::vector<std::uint32_t>& sequence) const {
    Rows x = {widened(c_.get("begin"))};
    for (const std::uint32_t item : sequence) x.push_back(input(item));
    Rows h = product("input", x);
    const std::vector<float>& position = c_.get("position");
    for (std::size_t r = 0; r < h.size(); ++r) {
      for (std::size_t i = 0; i < h[r].size(); ++i) {
        h[r][i] += static_cast<double>(position[r * h[r].size() + i]);
      }
    }
    norm("norm", h);
    for (std::uint32_t n = 0; n < c_.shape.layers; ++n) layer(n, h);
    return product("head", h);
  }

  double logit(const std::vector<double>& query, std::uint32_t item) const {
    double sum = 0;
    for (std::size_t i = 0; i < query.size(); ++i) sum += query[i] * factor(item, i);
    return sum + c_.shape.popularity * std::log2(1.0 + items_.listeners[item]);
  }

 private:
  static std::vector<double> widened(const std::vector<float>& x) { return {x.begin(), x.end()}; }

  double factor(std::uint32_t item, std::size_t i) const {
    return static_cast<double>(items_.scale[item]) *
           static_cast<double>(items_.q[item * items_.row_stride + i]);
  }

  std::vector<double> input(std::uint32_t item) const {
    std::vector<double> x;
    for (std::size_t i = 0; i < c_.shape.factors; ++i) {
      x.push_back(c_.shape.factor_scale * factor(item, i));
    }
    const bool text = !items_.text_scale.empty() && items_.text_scale[item] > 0;
    for (std::size_t i = 0; i < c_.shape.text; ++i) {
      x.push_back(text ? static_cast<double>(items_.text_scale[item]) *
                             static_cast<double>(items_.text[item * items_.text_stride + i])
                       : static_cast<double>(c_.get("absent")[i]));
    }
    return x;
  }

  Rows product(const std::string& name, const Rows& x) const {
    const std::vector<float>& w = c_.get(name + ".weight");
    const std::vector<float>& b = c_.get(name + ".bias");
    Rows y;
    for (const std::vector<double>& row : x) {
      std::vector<double>& out = y.emplace_back();
      for (std::size_t o = 0; o < b.size(); ++o) {
        double sum = static_cast<double>(b[o]);
        for (std::size_t i = 0; i < row.size(); ++i) {
          sum += static_cast<double>(w[o * row.size() + i]) * row[i];
        }
        out.push_back(sum);
      }
    }
    return y;
  }

  void norm(const std::string& name, Rows& x) const {
    const std::vector<float>& w = c_.get(name + ".weight");
    const std::vector<float>& b = c_.get(name + ".bias");
    for (std::vector<double>& row : x) {
      double mean = 0, variance = 0;
      for (const double v : row) mean += v / static_cast<double>(row.size());
      for (const double v : row)
        variance += (v - mean) * (v - mean) / static_cast<double>(row.size());
      const double inverse = 1 / std::sqrt(variance + c_.shape.layer_norm_epsilon);
      for (std::size_t i = 0; i < row.size(); ++i) {
        row[i] = (row[i] - mean) * inverse * static_cast<double>(w[i]) + static_cast<double>(b[i]);
      }
    }
  }

  Rows attend(const Rows& q, const Rows& k, const Rows& v) const {
    const std::size_t heads = c_.shape.heads, size = c_.shape.channels / heads;
    Rows out(q.size(), std::vector<double>(c_.shape.channels));
    for (std::size_t r = 0; r < q.size(); ++r) {
      for (std::size_t h = 0; h < heads; ++h) {
        std::vector<double> weight;
        double sum = 0;
        for (std::size_t t = 0; t <= r; ++t) {
          double score = 0;
          for (std::size_t i = h * size; i < (h + 1) * size; ++i) score += q[r][i] * k[t][i];
          weight.push_back(std::exp(score / std::sqrt(static_cast<double>(size))));
          sum += weight.back();
        }
        for (std::size_t t = 0; t <= r; ++t) {
          for (std::size_t i = h * size; i < (h + 1) * size; ++i) {
            out[r][i] += weight[t] / sum * v[t][i];
          }
        }
      }
    }
    return out;
  }

  void layer(std::uint32_t n, Rows& x) const {
    const std::string name = "layer." + std::to_string(n) + ".";
    add(product(name + "out", attend(product(name + "query", x), product(name + "key", x),
                                     product(name + "value", x))),
        x);
    norm(name + "norm1", x);
    Rows hidden = product(name + "up", x);
    for (std::vector<double>& row : hidden) {
      for (double& v : row) v *= 0.5 * std::erfc(-v / std::sqrt(2.0));
    }
    add(product(name + "down", hidden), x);
    norm(name + "norm2", x);
  }

  static void add(const Rows& y, Rows& x) {
    for (std::size_t r = 0; r < x.size(); ++r) {
      for (std::size_t i = 0; i < x[r].size(); ++i) x[r][i] += y[r][i];
    }
  }

  const SequenceCheckpoint& c_;
  const SequenceItems& items_;
};

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_UNIT_SEQUENCE_ORACLE_H_
