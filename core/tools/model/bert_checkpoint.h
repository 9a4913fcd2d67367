#ifndef OSSICLE_TOOLS_MODEL_BERT_CHECKPOINT_H_
#define OSSICLE_TOOLS_MODEL_BERT_CHECKPOINT_H_

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "ossicle/encoder.h"
#include "problem.h"

namespace ossicle::tools {

/// An encoder as other programs keep it: a folder with
///   config.json         Hugging Face's keys of model_type "bert" or "xlm-roberta", GELU only;
///   ours:
///                       embedding_size (a factorised word table), projection_size, pooling ("mean"
///                       or "cls"), matryoshka_dims
///   model.safetensors   float32, Hugging Face's names, with or without "bert." or "roberta."
///                       before them; ours: embeddings.word_projection.weight,
///                       head.projection.weight
///   tokenizer.model     as it is; or sentencepiece.bpe.model, which stands for fairseq's order of
///                       the word rows (XLM-R): they are put into the tokenizer's own
/// What is the same for every token (token type 0) is added to the positions.
class BertCheckpoint {
 public:
  Problem open(const std::string& folder);

  const EncoderShape& shape() const { return shape_; }
  const EncoderWeights& weights() const { return weights_; }
  std::span<const std::byte> tokenizer() const { return tokenizer_; }

 private:
  struct Config;
  class Reader;
  Problem read_config(const std::string& path, Config& config);
  Problem read_weights(const Config& config, Reader& reader);
  void reorder_vocabulary();

  EncoderShape shape_;
  EncoderWeights weights_;
  std::vector<std::byte> file_, tokenizer_;
  std::deque<std::vector<float>> made_;
  bool fairseq_order_ = false;
};

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_MODEL_BERT_CHECKPOINT_H_
