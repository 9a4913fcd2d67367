#include "text/unigram.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace ossicle {
namespace {

using text::PieceTrie;
using text::SentencepieceModel;
using text::Unigram;
using Type = SentencepieceModel::Type;

TEST_CASE("a trie finds what was put in, and nothing else, however much it grows") {
  PieceTrie trie(1);
  std::vector<std::string> pieces(3000);
  for (std::size_t i = 0; i < pieces.size(); ++i) pieces[i] = "p" + std::to_string(i * 7);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    REQUIRE(trie.insert(pieces[i], static_cast<std::int32_t>(i)));
  }
  CHECK_FALSE(trie.insert(pieces[5], 1));
  const auto find = [&](const std::string& piece) {
    std::uint32_t node = PieceTrie::kRoot;
    for (const char c : piece) {
      node = trie.next(node, c);
      if (node == PieceTrie::kNowhere) return PieceTrie::kNoPiece;
    }
    return trie.piece(node);
  };
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    REQUIRE(find(pieces[i]) == static_cast<std::int32_t>(i));
  }
  for (const std::string& absent : {std::string("p"), std::string("p8"), std::string("p\0", 2)}) {
    CHECK(find(absent) == PieceTrie::kNoPiece);
  }
}

SentencepieceModel small_model() {
  SentencepieceModel model;
  model.pieces = {{"<unk>", 0, Type::kUnknown}, {"<s>", 0, Type::kControl}, {"a", -1}, {"ab", -2}};
  return model;
}

TEST_CASE("the best path is taken, and unknown characters in a row are one") {
  auto unigram = Unigram::open(small_model());
  REQUIRE(unigram.ok());
  std::vector<std::int32_t> ids(8);
  const auto encode = [&](std::string_view text) {
    const std::size_t n = unigram.value().encode(text, ids);
    return std::vector(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(n));
  };
  // The dummy prefix U+2581 is unknown here.
  CHECK(encode("ab") == std::vector<std::int32_t>{0, 3});
  CHECK(encode("aab雨夜a") == std::vector<std::int32_t>{0, 2, 3, 0, 2});
  CHECK(encode(" ").empty());
}

TEST_CASE("models that need more than the scores are left to the library") {
  const auto with = [](void (*change)(SentencepieceModel&)) {
    SentencepieceModel model = small_model();
    change(model);
    return Unigram::can_encode(model);
  };
  CHECK(with([](SentencepieceModel&) {}));
  CHECK_FALSE(with([](auto& m) { m.algorithm = SentencepieceModel::Algorithm::kBpe; }));
  CHECK_FALSE(with([](auto& m) { m.space_as_suffix = true; }));
  CHECK_FALSE(with([](auto& m) { m.has_samples = true; }));
  CHECK_FALSE(with([](auto& m) { m.pieces[2].type = Type::kUserDefined; }));
  CHECK_FALSE(with([](auto& m) { m.pieces[2].type = Type::kUnused; }));
}

TEST_CASE("a vocabulary that contradicts itself is refused") {
  const auto refusal = [](void (*change)(SentencepieceModel&)) {
    SentencepieceModel model = small_model();
    change(model);
    const auto opened = Unigram::open(model);
    return opened.ok() ? std::string() : std::string(opened.error().what);
  };
  using Catch::Matchers::Contains;
  CHECK(refusal([](auto&) {}).empty());
  CHECK_THAT(refusal([](auto& m) { m.pieces[3].text = "a"; }), Contains("twice"));
  CHECK_THAT(refusal([](auto& m) { m.pieces[1].type = Type::kUnknown; }), Contains("second"));
  CHECK_THAT(refusal([](auto& m) { m.pieces[0].type = Type::kControl; }), Contains("no unknown"));
  CHECK_THAT(refusal([](auto& m) { m.pieces[1] = {"<0x41>", 0, Type::kByte}; }), Contains("byte"));
  CHECK_THAT(refusal([](auto& m) { m.byte_fallback = true; }), Contains("not all bytes"));
  CHECK_THAT(refusal([](auto& m) { m.pieces.resize(2); }), Contains("no piece"));
}

}  // namespace
}  // namespace ossicle
