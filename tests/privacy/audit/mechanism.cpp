#include "mechanism.h"

#include "base/rng.h"
#include "ossicle/sync.h"

namespace ossicle::audit {

Result<Claim> claim_of(const Mechanism& mechanism) {
  const std::uint32_t reports = mechanism.accounted > 0 ? mechanism.accounted : mechanism.reports;
  const Result<double> rho = zcdp_rho(reports, mechanism.sigma);
  if (!rho.ok()) return rho.error();
  const Result<double> epsilon = epsilon_proven(rho.value(), kDelta);
  if (!epsilon.ok()) return epsilon.error();
  const Result<double> auc = best_membership_auc(rho.value());
  if (!auc.ok()) return auc.error();
  return Claim{rho.value(), epsilon.value(), auc.value()};
}

SecretSeed seed_of(std::uint64_t purpose, std::uint64_t number) {
  SecretSeed seed;
  std::uint64_t state = number;
  std::uint64_t word = purpose;
  for (std::size_t i = 0; i < seed.size(); ++i) {
    if (i % 8 == 0) word ^= base::next(state);
    seed[i] = static_cast<std::uint8_t>(word >> (8 * (i % 8)));
  }
  return seed;
}

Status fill(std::span<const double> p, const Heard& heard, std::uint64_t pick,
            std::span<double> units) {
  return fill_block(p, heard, static_cast<std::uint32_t>(pick % kBlocks), pick, units);
}

Status prepare(const Mechanism& mechanism, std::span<const double> units,
               std::span<std::int32_t> steps) {
  OSL_TRY(quantise(units, steps));
  return mechanism.clips ? clip(steps, kMaxNorm) : Status{};
}

Listener::Listener(const TableShape& shape, std::uint32_t items, std::uint64_t seed)
    : shape_(shape), state_(seed), p_(shape.factors) {
  for (double& x : p_) x = base::normal(state_);
  for (std::uint32_t i = 0; i < items; ++i) heard_[base::below(state_, kHeadItems)] = 1;
}

Status Listener::table(std::span<double> units, std::span<std::int32_t> steps) {
  OSL_TRY(fill(p_, heard_, random(), units));
  return prepare({.shape = shape_}, units, steps);
}

std::uint64_t Listener::random() { return base::next(state_); }

SecretSeed Listener::seed() {
  SecretSeed seed;
  for (std::uint8_t& byte : seed) byte = static_cast<std::uint8_t>(random());
  return seed;
}

Round::Round(const Mechanism& mechanism)
    : mechanism_(mechanism),
      table_(mechanism.shape.numbers()),
      share_(mechanism.shape.numbers()),
      first_(mechanism.shape.numbers()),
      second_(mechanism.shape.numbers()) {}

Status Round::add(std::span<const double> units, const SecretSeed& seed) {
  OSL_TRY(prepare(mechanism_, units, table_));
  OSL_TRY(split(table_, seed, share_));
  OSL_TRY(add_share(second_, share_));
  expand_share(seed, share_);
  return add_share(first_, share_);
}

Status Round::publish(const SecretSeed& noise, std::span<std::int32_t> sum) {
  if (mechanism_.noises) {
    const std::uint64_t sigma =
        std::uint64_t{mechanism_.sigma} * kMaxNorm / mechanism_.noise_divisor;
    OSL_TRY(add_noise(first_, {sigma * sigma, 1}, noise));
  }
  return join(first_, second_, sum);
}

}  // namespace ossicle::audit
