#!/usr/bin/env python3
"""Writes accountant.json beside this file: epsilons and AUCs from their definitions, 40 digits.

Independent of core/src/privacy/accountant.cpp: the exact epsilon comes from integrating the
hockey-stick divergence of two normal densities (no erfc, no Balle-Wang formula); the proven one
from delta as an infimum over alpha at a fixed epsilon (Canonne, Kamath, Steinke 2020, corollary
13), found as the root of its derivative; the AUC from integrating P(X > Y). Needs python3-mpmath;
about a minute.
"""
import json
import pathlib

import mpmath as mp

mp.mp.dps = 40


def phi(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def hockey_stick(epsilon, mu):
    start = epsilon / mu + mu / 2
    # The density at the start, taken out: what is integrated is of order 1.
    points = [start + step for step in (0, 0.5, 1, 2, 4, 8, 16)] + [start + 16 + mu + abs(start)]
    return mp.quad(lambda x: phi(x - mu) - mp.exp(epsilon) * phi(x), points)


def falling_root(f, target, high):
    """x in 0..high with f(x) = target, f falling; 0 when f(0) is below."""
    low, high = mp.mpf(0), mp.mpf(high)
    if f(low) <= target:
        return low
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if f(middle) > target else (low, middle)
    return high


def ln_delta_proven(epsilon, rho):
    def slope(y):
        alpha = 1 + mp.exp(y)
        return (2 * alpha - 1) * rho - epsilon + mp.log(1 - 1 / alpha)

    low, high = mp.mpf(-60), mp.mpf(60)
    for _ in range(90):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    alpha = 1 + mp.exp(low)
    return (alpha - 1) * (alpha * rho - epsilon) - mp.log(alpha - 1) + alpha * mp.log(1 - 1 / alpha)


def case(reports, sigma, delta):
    rho = mp.mpf(reports) / (2 * mp.mpf(sigma) ** 2)
    mu = mp.sqrt(2 * rho)
    exact_delta = mp.mpf(delta)
    high = rho + 2 * mp.sqrt(rho * -mp.log(exact_delta)) + 1
    auc = mp.quad(lambda x: phi(x), [-mp.sqrt(rho), 0]) + mp.mpf(1) / 2
    return {
        "reports": reports,
        "sigma": sigma,
        "delta": delta,
        "epsilon_gaussian": float(falling_root(lambda e: hockey_stick(e, mu), exact_delta, high)),
        "epsilon_proven": float(
            falling_root(lambda e: ln_delta_proven(e, rho), mp.log(exact_delta), high)
        ),
        "best_auc": float(auc),
    }


table = [(1, 8), (12, 8), (52, 16), (52, 8)]
cases = [case(k, s, 1e-8) for k, s in table]
cases += [case(k, s, d) for k, s in [(1, 8), (12, 8)] for d in (1e-3, 1e-5, 1e-12)]
cases += [case(1, 100, 1e-8), case(1, 0.5, 1e-6), case(52, 1, 1e-10)]
cases += [case(1, 4, 0.1), case(1, 4, 0.3)]
text = json.dumps({"format": "ossicle-accountant", "version": 1, "cases": cases}, indent=1)
pathlib.Path(__file__).with_name("accountant.json").write_text(text + "\n")
