#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "files.h"
#include "model/encoder_bundle.h"
#include "verbs.h"

namespace ossicle::tools {
namespace {

constexpr std::array kOptions = {
    Option{"bundle", Takes::kOne, "DIR", "", "an encoder bundle", true},
    Option{"in", Takes::kOne, "FILE", "", "texts, one a line", true},
    Option{"out", Takes::kOne, "FILE", "", "little-endian float32, a row of unit length a text",
           true},
    Option{"dimensions", Takes::kOne, "D", "", "a shorter vector that the bundle offers"},
};

Problem run(const Args& args) {
  std::optional<Encoder> encoder;
  OSL_TOOL_TRY(open_encoder(args.text("bundle"), encoder));
  std::uint32_t dimensions = encoder->shape().vector_size();
  if (args.has("dimensions")) {
    OSL_TOOL_TRY(args.count("dimensions", 1U, 4096U, dimensions));
    const std::vector<std::uint32_t>& offered = encoder->shape().dimensions;
    if (std::ranges::find(offered, dimensions) == offered.end()) {
      std::string list;
      for (const std::uint32_t d : offered) list += (list.empty() ? "" : ", ") + std::to_string(d);
      return problem("--dimensions: this bundle offers " + list);
    }
  }
  std::vector<std::byte> bytes;
  OSL_TOOL_TRY(read_file(args.text("in"), bytes));
  const std::vector<std::string_view> texts = lines_of(bytes);
  std::vector<float> vectors;
  OSL_TOOL_TRY(encode_all(*encoder, texts, dimensions, args.text("in"), vectors));
  return write_file(args.text("out"), std::as_bytes(std::span(vectors)));
}

}  // namespace

const Verb embed_verb = {"embed", "texts to vectors", "", "Nothing leaves this machine.", kOptions,
                         run};

}  // namespace ossicle::tools
