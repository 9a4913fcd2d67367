#include "privacy/field.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/rng.h"
#include "ossicle/norm_proof.h"
#include "privacy/chacha20.h"
#include "privacy/field_stream.h"
#include "privacy/flp.h"
#include "privacy/ntt.h"

namespace ossicle {
namespace {

using privacy::field::Element;
using privacy::field::kQ;

std::uint32_t any_number(std::uint64_t& random) { return base::below(random, kQ); }

Element any_element(std::uint64_t& random) {
  Element e;
  for (std::uint32_t& x : e.at) x = any_number(random);
  return e;
}

TEST_CASE("the modulus is a prime with 2^20th roots of unity, and 17 is no square") {
  for (std::uint32_t d = 2; d < 65536; ++d) REQUIRE(kQ % d != 0);
  for (const std::uint32_t prime : {2u, 3u, 5u, 7u, 13u}) {
    CHECK(privacy::field::power(privacy::field::kGenerator, (kQ - 1) / prime) != 1);
  }
  CHECK((kQ - 1) % (1u << 20) == 0);
  CHECK(privacy::field::power(privacy::field::kNonResidue, (kQ - 1) / 2) == kQ - 1);
}

TEST_CASE("numbers are reduced as division does it") {
  std::uint64_t random = 1;
  std::vector<std::uint64_t> cases = {0,          1,           kQ - 1,
                                      kQ,         kQ + 1u,     2 * std::uint64_t{kQ} - 1,
                                      0xffffffff, 0x100000000, ~std::uint64_t{0}};
  for (int i = 0; i < 20000; ++i) cases.push_back(base::next(random) >> (i % 40));
  for (const std::uint64_t x : cases) {
    REQUIRE(privacy::field::reduce(x) == x % kQ);
    const auto a = static_cast<std::uint32_t>(x % kQ);
    REQUIRE(privacy::field::add(a, kQ - 1) == (std::uint64_t{a} + kQ - 1) % kQ);
    REQUIRE(privacy::field::add(privacy::field::subtract(5, a), a) == 5);
    REQUIRE(privacy::field::multiply(a, privacy::field::inverse(a)) == (a == 0 ? 0 : 1));
  }
}

TEST_CASE("signed numbers come back from the field") {
  using Limits = std::numeric_limits<std::int32_t>;
  for (const std::int32_t x : {0, 1, -1, 1024, -1024, 2146959360, -2146959360}) {
    CHECK(privacy::field::to_signed(privacy::field::from_signed(x)) == x);
  }
  CHECK(privacy::field::from_signed(Limits::min()) == kQ - (1u << 31));
  CHECK(privacy::field::from_signed(Limits::max()) == (1u << 31) - 1);
}

TEST_CASE("elements form a field") {
  std::uint64_t random = 2;
  for (int i = 0; i < 500; ++i) {
    const Element a = any_element(random);
    const Element b = any_element(random);
    const Element c = any_element(random);
    REQUIRE(multiply(a, inverse(a)) == privacy::field::constant(1));
    REQUIRE(multiply(a, multiply(b, c)) == multiply(multiply(a, b), c));
    REQUIRE(multiply(a, add(b, c)) == add(multiply(a, b), multiply(a, c)));
    REQUIRE(scale(a, b.at[0]) == multiply(a, privacy::field::constant(b.at[0])));
  }
  const Element x{{0, 1, 0, 0}};
  CHECK(power(x, 4) == privacy::field::constant(17));
  CHECK(inverse(Element{}) == Element{});
}

TEST_CASE("four blocks at a time are the keystream") {
  const SecretSeed key{7};
  privacy::ChaChaState state = privacy::chacha20_state(key, "osl-field-v1");
  privacy::field::Keystream keystream(key, "osl-field-v1");
  std::array<std::uint32_t, 64> words;
  std::array<std::uint32_t, 16> block;
  for (int batch = 0; batch < 3; ++batch) {
    keystream.next(words);
    for (std::size_t i = 0; i < 4; ++i) {
      privacy::chacha20_block(state, block);
      REQUIRE(std::equal(block.begin(), block.end(), words.begin() + static_cast<int>(16 * i)));
    }
  }
}

TEST_CASE("eight rounds give the known stream") {
  // draft-strombergson-chacha-test-vectors-01, TC1, 256 bits, 8 rounds: the start of block 0.
  privacy::field::Keystream keystream(SecretSeed{},
                                      std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0", 12),
                                      privacy::field::Rounds::kPublic);
  std::array<std::uint32_t, 64> words;
  keystream.next(words);
  CHECK(std::vector(words.begin(), words.begin() + 4) ==
        std::vector<std::uint32_t>{0x2fef003e, 0xd6405f89, 0xe8b85b7f, 0xa1a5091f});
}

Element value_of(const std::vector<Element>& coefficients, const Element& x) {
  Element value;
  for (std::size_t i = coefficients.size(); i-- > 0;)
    value = add(multiply(value, x), coefficients[i]);
  return value;
}

TEST_CASE(
    "values at the even powers of a root of unity give those at the odd ones, and any other") {
  std::uint64_t random = 3;
  for (std::size_t n = 2; n <= 64; n *= 2) {
    std::vector<Element> coefficients(n);
    for (Element& e : coefficients) e = any_element(random);
    const std::vector<std::uint32_t> roots = privacy::field::roots_of_unity(n);
    std::vector<Element> all(2 * n);
    std::vector<Element> even(n);
    for (std::size_t j = 0; j < 2 * n; ++j) {
      all[j] = value_of(coefficients, privacy::field::constant(roots[j]));
      if (j % 2 == 0) even[j / 2] = all[j];
    }
    std::vector<Element> odd = even;
    to_odd_powers(odd, roots);
    for (std::size_t k = 0; k < n; ++k) REQUIRE(odd[k] == all[2 * k + 1]);

    privacy::field::SquaresQuery query{std::vector<Element>(n), std::vector<Element>(2 * n)};
    const Element point = any_element(random);
    REQUIRE(query_at(point, roots, query));
    REQUIRE(query_proof(query, all) == value_of(coefficients, point));
    Element from_even;
    for (std::size_t k = 0; k < n; ++k)
      from_even = add(from_even, multiply(query.wire[k], even[k]));
    REQUIRE(from_even == value_of(coefficients, point));
    CHECK_FALSE(query_at(privacy::field::constant(roots[n]), roots, query));
  }
}

TEST_CASE("a proof of squares holds for its vector at any point, and shows its sum") {
  std::uint64_t random = 4;
  for (const std::size_t n : {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
    std::vector<std::uint32_t> numbers(n);
    for (std::uint32_t& x : numbers) x = any_number(random);
    std::vector<Element> tail(13);
    for (Element& e : tail) e = any_element(random);
    const auto layout = privacy::field::squares_layout(n + tail.size());
    REQUIRE(layout.wires * (layout.points - 1) >= n + tail.size());
    std::vector<Element> seeds(layout.wires);
    for (Element& e : seeds) e = any_element(random);
    const auto roots = privacy::field::roots_of_unity(layout.points);
    std::vector<Element> proof(2 * layout.points);
    prove_squares(layout, roots, {numbers, tail}, seeds, proof);

    Element sum;
    for (const std::uint32_t x : numbers) {
      sum = add(sum, privacy::field::constant(privacy::field::multiply(x, x)));
    }
    for (const Element& e : tail) sum = add(sum, multiply(e, e));
    Element shown;
    for (std::size_t k = 1; k < layout.points; ++k) shown = add(shown, proof[2 * k]);
    REQUIRE(shown == sum);

    privacy::field::SquaresQuery query{std::vector<Element>(layout.points),
                                       std::vector<Element>(2 * layout.points)};
    REQUIRE(query_at(any_element(random), roots, query));
    std::vector<Element> values(layout.wires);
    const auto holds = [&] {
      query_wires(layout, query, {numbers, tail}, seeds, values);
      Element squares;
      for (const Element& e : values) squares = add(squares, multiply(e, e));
      return squares == query_proof(query, proof);
    };
    CHECK(holds());
    tail[5].at[3] ^= 1;
    CHECK_FALSE(holds());
    tail[5].at[3] ^= 1;
    proof[1].at[0] = privacy::field::add(proof[1].at[0], 1);
    CHECK_FALSE(holds());
  }
}

}  // namespace
}  // namespace ossicle
