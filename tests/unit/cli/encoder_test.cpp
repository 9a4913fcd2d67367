#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "../encoder/encoder_input.h"
#include "command.h"
#include "io/safetensors.h"

using namespace ossicle;
using namespace ossicle::testing;
using Catch::Matchers::Contains;

namespace {

/// The weights of an EncoderInput as a checkpoint in Hugging Face's names.
struct Checkpoint {
  EncoderInput input;
  std::map<std::string, std::string> config;
  std::map<std::string, std::pair<std::vector<std::uint64_t>, std::span<const float>>> tensors;

  Checkpoint() {
    const EncoderShape& s = input.shape;
    config = {{"model_type", "\"bert\""},
              {"hidden_act", "\"gelu\""},
              {"vocab_size", std::to_string(s.vocabulary)},
              {"hidden_size", std::to_string(s.channels)},
              {"num_hidden_layers", std::to_string(s.layers)},
              {"num_attention_heads", std::to_string(s.heads)},
              {"intermediate_size", std::to_string(s.feed_forward)},
              {"max_position_embeddings", std::to_string(s.max_tokens)},
              {"embedding_size", std::to_string(s.word_size)},
              {"projection_size", std::to_string(s.projection)},
              {"bos_piece_id", "1"},
              {"eos_piece_id", "2"},
              {"matryoshka_dims", "[16, 48]"}};
    const EncoderWeights& w = input.weights;
    const std::uint64_t c = s.channels, f = s.feed_forward, e = s.word_size;
    tensors["embeddings.word_embeddings.weight"] = {{s.vocabulary, e}, w.word};
    tensors["embeddings.word_projection.weight"] = {{c, e}, w.word_projection};
    tensors["embeddings.position_embeddings.weight"] = {{s.max_tokens, c}, w.position};
    tensors["embeddings.token_type_embeddings.weight"] = {{1, c}, input.noise(c, 0)};
    tensors["embeddings.LayerNorm.weight"] = {{c}, w.norm_weight};
    tensors["embeddings.LayerNorm.bias"] = {{c}, w.norm_bias};
    tensors["head.projection.weight"] = {{s.projection, c}, w.projection};
    for (std::size_t n = 0; n < w.layers.size(); ++n) {
      const EncoderWeights::Layer& l = w.layers[n];
      const auto add = [&](const char* name, std::vector<std::uint64_t> shape,
                           std::span<const float> weight, std::span<const float> bias) {
        const std::string full = "encoder.layer." + std::to_string(n) + "." + name;
        tensors[full + ".bias"] = {{shape[0]}, bias};
        tensors[full + ".weight"] = {std::move(shape), weight};
      };
      add("attention.self.query", {c, c}, l.query_weight, l.query_bias);
      add("attention.self.key", {c, c}, l.key_weight, l.key_bias);
      add("attention.self.value", {c, c}, l.value_weight, l.value_bias);
      add("attention.output.dense", {c, c}, l.out_weight, l.out_bias);
      add("attention.output.LayerNorm", {c}, l.norm1_weight, l.norm1_bias);
      add("intermediate.dense", {f, c}, l.up_weight, l.up_bias);
      add("output.dense", {c, f}, l.down_weight, l.down_bias);
      add("output.LayerNorm", {c}, l.norm2_weight, l.norm2_bias);
    }
  }

  /// Writes the folder; returns its path.
  std::string write(const Folder& folder, const std::string& name,
                    const std::string& tokenizer = "tokenizer.model",
                    const std::string& prefix = "") const {
    std::string json;
    for (const auto& [key, value] : config) {
      json += (json.empty() ? "{\"" : ", \"") + key + "\": " + value;
    }
    std::vector<std::string> names;
    std::vector<io::TensorSource> sources;
    names.reserve(tensors.size());
    for (const auto& [key, tensor] : tensors) {
      names.push_back(prefix + key);
      sources.push_back(
          {names.back(), io::Dtype::kF32, tensor.first, std::as_bytes(tensor.second)});
    }
    const auto file = io::write_safetensors(sources).value();
    shell(folder, "mkdir -p " + folder.path(name));
    folder.file(name + "/config.json", json + "}");
    folder.file(name + "/model.safetensors",
                {reinterpret_cast<const char*>(file.data()), file.size()});
    folder.file(name + "/" + tokenizer, input.tokenizer);
    return folder.path(name);
  }
};

const char* const kTexts = "the piano plays\n\n悲伤的钢琴曲\na sad song\r\n";

std::string embedded(const Folder& folder, const std::string& checkpoint,
                     const std::string& more = "") {
  const std::string bundle = folder.path("bundle");
  const Outcome pack = run_tool(folder, "pack --checkpoint " + checkpoint + " --out " + bundle);
  INFO(pack.err);
  REQUIRE(pack.exit_code == 0);
  const Outcome embed =
      run_tool(folder, "embed --bundle " + bundle + " --in " + folder.file("in.txt", kTexts) +
                           " --out " + folder.path("out.f32") + more);
  INFO(embed.err);
  REQUIRE(embed.exit_code == 0);
  return read_text(folder.path("out.f32"));
}

}  // namespace

TEST_CASE("a checkpoint is packed and gives a row of unit length for each line") {
  const Folder folder;
  const Checkpoint checkpoint;
  const std::string bytes = embedded(folder, checkpoint.write(folder, "bert"));
  REQUIRE(bytes.size() == 4 * 48 * sizeof(float));
  std::vector<float> rows(4 * 48);
  std::memcpy(rows.data(), bytes.data(), bytes.size());
  for (std::size_t i = 0; i < 4; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < 48; ++j) sum += double{rows[48 * i + j]} * double{rows[48 * i + j]};
    CHECK(sum == Approx(1).margin(1e-5));
  }
  // The same weights by the library, without files.
  const auto bundle = checkpoint.input.write();
  auto encoder = open(bundle.value(), checkpoint.input.tokenizer);
  std::vector<float> out(48);
  const std::string_view text = "a sad song";
  REQUIRE(encoder.value().encode({&text, 1}, 48, out).ok());
  CHECK(std::memcmp(out.data(), rows.data() + 3 * 48, sizeof(float) * 48) == 0);
  CHECK(embedded(folder, folder.path("bert"), " --dimensions 16").size() == 4 * 16 * sizeof(float));
}

TEST_CASE("names may begin with bert., and the order of XLM-R's words is put right") {
  const Folder folder;
  Checkpoint checkpoint;
  checkpoint.config.erase("bos_piece_id");
  checkpoint.config.erase("eos_piece_id");
  const std::string plain = [&] {
    Checkpoint own = checkpoint;
    own.config["bos_piece_id"] = "1";
    own.config["eos_piece_id"] = "2";
    return embedded(folder, own.write(folder, "own"));
  }();
  // One row more: fairseq's padding, which sentencepiece does not have.
  const EncoderShape& s = checkpoint.input.shape;
  std::vector<float> word(s.word_size * (s.vocabulary + 1));
  const auto row = [&](std::size_t i) { return word.begin() + static_cast<long>(i * s.word_size); };
  for (std::size_t piece = 0; piece < s.vocabulary; ++piece) {
    const std::size_t to = piece == 0 ? 3 : piece == 1 ? 0 : piece == 2 ? 2 : piece + 1;
    std::copy_n(checkpoint.input.weights.word.begin() + static_cast<long>(piece * s.word_size),
                s.word_size, row(to));
  }
  checkpoint.config["vocab_size"] = std::to_string(s.vocabulary + 1);
  checkpoint.tensors["embeddings.word_embeddings.weight"] = {{s.vocabulary + 1, s.word_size}, word};
  CHECK(embedded(folder, checkpoint.write(folder, "xlmr", "sentencepiece.bpe.model", "bert.")) ==
        plain);
}

TEST_CASE("a checkpoint that cannot be packed is named, with the part that is wrong") {
  const Folder folder;
  Checkpoint c;
  std::string expected;
  SECTION("another activation") {
    c.config["hidden_act"] = "\"relu\"";
    expected = "hidden_act is not gelu";
  }
  SECTION("another family") {
    c.config["model_type"] = "\"gpt2\"";
    expected = "model_type";
  }
  SECTION("a size that is missing") {
    c.config.erase("hidden_size");
    expected = "hidden_size";
  }
  SECTION("absurd layers") {
    c.config["num_hidden_layers"] = "4000000";
    expected = "encoder.layer.2.attention.self.query.weight";
  }
  SECTION("heads that do not divide") {
    c.config["num_attention_heads"] = "5";
    expected = "heads";
  }
  SECTION("a weight that is missing") {
    c.tensors.erase("encoder.layer.1.output.dense.bias");
    expected = "encoder.layer.1.output.dense.bias";
  }
  SECTION("a weight of another shape") {
    c.config["intermediate_size"] = "256";
    expected = "intermediate.dense.weight";
  }
  const std::string path = c.write(folder, "bad");
  const Outcome r =
      run_tool(folder, "pack --checkpoint " + path + " --out " + folder.path("bundle"));
  CHECK(r.exit_code == 2);
  CHECK_THAT(r.err, Contains(expected));
  CHECK_FALSE(exists(folder.path("bundle/bundle.json")));
}

TEST_CASE("embed names what is wrong and writes nothing") {
  const Folder folder;
  const std::string bundle = folder.path("bundle");
  embedded(folder, Checkpoint().write(folder, "bert"));
  const std::string out = folder.path("none.f32");
  const std::string start = "embed --out " + out + " --bundle " + bundle + " --in ";
  Outcome r = run_tool(folder, start + folder.path("no.txt"));
  CHECK(r.exit_code == 2);
  CHECK_THAT(r.err, Contains("no.txt"));
  r = run_tool(folder, start + folder.path("in.txt") + " --dimensions 17");
  CHECK(r.exit_code == 2);
  CHECK_THAT(r.err, Contains("16, 48"));
  shell(folder, "truncate -s -4 " + bundle + "/encoder.safetensors");
  r = run_tool(folder, start + folder.path("in.txt"));
  CHECK(r.exit_code == 2);
  CHECK_THAT(r.err, Contains("another size"));
  CHECK_FALSE(exists(out));
}
