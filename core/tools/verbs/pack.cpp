#include <array>
#include <cstdio>

#include "model/bert_checkpoint.h"
#include "model/encoder_bundle.h"
#include "verbs.h"

namespace ossicle::tools {
namespace {

constexpr std::array kOptions = {
    Option{"checkpoint", Takes::kOne, "DIR", "", "config.json, model.safetensors, tokenizer.model",
           true},
    Option{"out", Takes::kOne, "DIR", "", "where the bundle is written", true},
    Option{"name", Takes::kOne, "NAME", "encoder", "its name"},
    Option{"licence", Takes::kOne, "TEXT", "unknown", "of the weights"},
    Option{"source", Takes::kOne, "TEXT", "unknown", "what it was trained on"},
    Option{"recipe", Takes::kOne, "TEXT", "unknown", "the command that makes it again"},
};

constexpr const char* kNotes =
    "Reads a BERT-type encoder (GELU, float32, Hugging Face's names) with a sentencepiece model "
    "and\n"
    "quantises it to 8 bits. A tokenizer named sentencepiece.bpe.model is XLM-R's.";

Problem run(const Args& args) {
  BertCheckpoint checkpoint;
  OSL_TOOL_TRY(checkpoint.open(args.text("checkpoint")));
  const Result<EncoderBundleBytes> bytes =
      write_encoder(checkpoint.shape(), checkpoint.weights(), checkpoint.tokenizer(),
                    {.name = args.text("name"),
                     .licence = args.text("licence"),
                     .source = args.text("source"),
                     .recipe = args.text("recipe")});
  if (!bytes) return problem(args.text("checkpoint"), bytes.error());
  OSL_TOOL_TRY(write_encoder_bundle(args.text("out"), bytes.value(), checkpoint.tokenizer()));
  std::printf("%s: %zu bytes of weights, %zu of tokenizer\n", args.text("out").c_str(),
              bytes.value().weights.size(), checkpoint.tokenizer().size());
  return {};
}

}  // namespace

const Verb pack_verb = {"pack", "make an int8 encoder bundle of a checkpoint", "", kNotes, kOptions,
                        run};

}  // namespace ossicle::tools
