// Whatever the bytes of a text, it has a vector, the same alone and among others.
#include <cstdint>
#include <vector>

#include "golden_encoder.h"

using namespace ossicle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Encoder encoder = [] {
    const std::string weights = fuzz::read_golden("encoder-v1/encoder.safetensors");
    auto opened = Encoder::open(fuzz::bytes_of(fuzz::read_golden("encoder-v1/bundle.json")),
                                fuzz::owned(fuzz::bytes_of(weights)),
                                fuzz::bytes_of(fuzz::read_golden("tokenizer/tiny.model")));
    OSL_FUZZ_CHECK(opened.ok());
    return std::move(opened).value();
  }();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view texts[] = {"before", text, text.substr(0, size / 2)};
  fuzz::check_encode(encoder, texts, false);
  std::vector<float> among(3 * encoder.shape().vector_size()), alone(among.size() / 3);
  OSL_FUZZ_CHECK(encoder.encode(texts, encoder.shape().vector_size(), among).ok());
  OSL_FUZZ_CHECK(encoder.encode({&text, 1}, encoder.shape().vector_size(), alone).ok());
  OSL_FUZZ_CHECK(
      std::memcmp(alone.data(), among.data() + alone.size(), alone.size() * sizeof(float)) == 0);
  return 0;
}
