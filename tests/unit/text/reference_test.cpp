// The ids of the reference library's own API, on models of others and on one trained here.

#include <sentencepiece_processor.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "model_file.h"
#ifndef __EMSCRIPTEN__
#include <sentencepiece_trainer.h>
#endif

namespace ossicle {
namespace {

using testing::bytes_of;

std::size_t check_same_ids(const std::string& model, const std::vector<std::string>& lines) {
  auto tokenizer = Tokenizer::open(bytes_of(model));
  REQUIRE(tokenizer.ok());
  sentencepiece::SentencePieceProcessor reference;
  REQUIRE(reference.LoadFromSerializedProto(model).ok());
  CHECK(static_cast<int>(tokenizer.value().vocabulary_size()) == reference.GetPieceSize());
  std::size_t ids = 0;
  for (const std::string& line : lines) {
    std::vector<int> expected;
    REQUIRE(reference.Encode(line, &expected).ok());
    CAPTURE(line);
    REQUIRE(testing::encode(tokenizer.value(), line, 1u << 14) == expected);
    ids += expected.size();
  }
  return ids;
}

TEST_CASE("ids equal the reference library's on models of others") {
  const std::string folder = OSL_SHARED_DATA;
  std::vector<std::string> lines = testing::mixed_lines();
  std::ifstream pairs(folder + "/tatoeba-en-zh/cmn-train.tsv");
  for (std::string line; lines.size() < 4000 && std::getline(pairs, line);) lines.push_back(line);
  for (const char* name : {"google-test_model.model", "mozilla-vocab.zhen.spm"}) {
    const std::string model = testing::read_file(folder + "/sentencepiece-models/" + name);
    if (model.empty()) {
      WARN("SKIPPED: " << name << " is not in ../shared/data/sentencepiece-models");
      continue;
    }
    CHECK(check_same_ids(model, lines) > lines.size());
  }
}

/// Characters of every length and kind one after the other, spaces among them, and broken bytes.
std::vector<std::string> random_lines(std::size_t n) {
  const char* parts[] = {" ",  "a",  "The", "ing",    "\u3000",     "é",    "e\u0301",  "ﬁ",
                         "雨", "歌", "さ",  "ﷺ",      "\U0001f3b9", "\xff", "\xe9\x9b", "\u2581",
                         "\t", "…",  "\0",  "\u200d", "\ufffd",     "１",   "ß",        "한"};
  std::vector<std::string> lines(n);
  std::uint32_t seed = 11;
  const auto next = [&] { return (seed = seed * 1664525u + 1013904223u) >> 8; };
  for (std::string& line : lines) {
    for (std::uint32_t left = next() % 40; left > 0; --left) {
      const char* part = parts[next() % std::size(parts)];
      line.append(part, std::max<std::size_t>(std::strlen(part), 1));
    }
  }
  return lines;
}

TEST_CASE("ids equal the reference library's on the released model") {
  const std::string model = testing::read_file(OSL_MODELS "/encoder/bundle/tokenizer.model");
  REQUIRE_FALSE(model.empty());
  std::vector<std::string> lines = testing::mixed_lines();
  const std::vector<std::string> random = random_lines(5000);
  lines.insert(lines.end(), random.begin(), random.end());
  CHECK(check_same_ids(model, lines) > lines.size());
}

#ifndef __EMSCRIPTEN__
std::vector<std::string> training_lines() {
  const char* words[] = {"the",   "piano", "plays",  "a",    "sad",   "song", "drums", "slow",
                         "fast",  "night", "violin", "blue", "voice", "rain", "city",  "melody",
                         "playa", "río",   "雨",     "城市", "夜",    "歌",   "in",    "at"};
  std::vector<std::string> lines;
  std::uint32_t seed = 7;
  for (int i = 0; i < 600; ++i) {
    std::string line;
    for (int j = 0; j < 8; ++j) {
      seed = seed * 1664525u + 1013904223u;
      line += std::string(j != 0 ? " " : "") + words[(seed >> 16) % std::size(words)];
    }
    lines.push_back(line);
  }
  return lines;
}

class Lines : public sentencepiece::SentenceIterator {
 public:
  bool done() const override { return at_ == lines_.size(); }
  void Next() override { ++at_; }
  const std::string& value() const override { return lines_[at_]; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  std::vector<std::string> lines_ = training_lines();
  std::size_t at_ = 0;
};

std::string train(const std::string& options) {
  const std::string all = options +
                          " --minloglevel=2 --num_threads=1 --hard_vocab_limit=false "
                          "--character_coverage=1.0";
  Lines lines;
  std::string model;
  REQUIRE(sentencepiece::SentencePieceTrainer::Train(all, &lines, &model).ok());
  return model;
}

TEST_CASE("ids equal the reference library's on models trained here") {
  for (const char* options : {
           "--vocab_size=120 --model_type=unigram",  // with normalisation rules
           "--vocab_size=400 --model_type=unigram --byte_fallback=true",
           "--vocab_size=120 --model_type=bpe",
           "--vocab_size=120 --model_type=unigram --normalization_rule_name=nmt_nfkc_cf "
           "--user_defined_symbols=<artist>,<title> --split_by_whitespace=false",
           "--vocab_size=90 --model_type=char",
       }) {
    CAPTURE(options);
    CHECK(check_same_ids(train(options), testing::mixed_lines()) > 0);
  }
}

// Run by name to make the golden model again: text_test "[.golden]"
TEST_CASE("the golden model is written", "[.golden]") {
  std::ofstream out(OSL_GOLDEN "/tokenizer/tiny.model", std::ios::binary);
  out << train(
      "--vocab_size=400 --model_type=unigram --byte_fallback=true "
      "--normalization_rule_name=identity");
  CHECK(out.good());
}
#endif

}  // namespace
}  // namespace ossicle
