#!/usr/bin/env python3
"""The small proof of norm_proof.json once more, from the definition and without any of the core's code or tricks.

  python3 tests/golden/privacy/check_norm_proof.py
"""

import hashlib
import json
import pathlib
import struct
import sys

Q = 2**32 - 2**20 + 1
N, MAX_NORM, COINS, T, TEST_BITS = 139, 77, 80, 8192, 14
CONTEXT = b"round\x01"
MASK = 2**64 - 1


def splitmix(state):
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def keystream(key, nonce, rounds=20):
    """The words of ChaCha (RFC 8439, where rounds are 20), from block 0 on."""
    def rotl(x, n):
        return ((x << n) | (x >> (32 - n))) & 0xFFFFFFFF
    def quarter(x, a, b, c, d):
        for p, q, r, n in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            x[p] = (x[p] + x[q]) & 0xFFFFFFFF
            x[r] = rotl(x[r] ^ x[p], n)
    counter = 0
    while True:
        start = [*struct.unpack("<4I", b"expand 32-byte k"), *struct.unpack("<8I", key), counter, *struct.unpack("<3I", nonce)]
        x = list(start)
        for _ in range(rounds // 2):
            for i in range(4):
                quarter(x, i, 4 + i, 8 + i, 12 + i)
            for i in range(4):
                quarter(x, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
        yield from ((a + b) & 0xFFFFFFFF for a, b in zip(x, start))
        counter += 1


def numbers(key, nonce):
    return (word for word in keystream(key, nonce) if word < Q)


def take(stream, count):
    return [next(stream) for _ in range(count)]


def pack(values):
    return struct.pack(f"<{len(values)}I", *values)


def flat(elements):
    return [x for e in elements for x in e]


def digest(tag, *parts):
    return hashlib.sha256(b"ossicle norm proof v1: " + tag + b"\0" + b"".join(parts)).digest()


# Elements of F_q[X] / (X^4 - 17), as tuples.
def add(a, b):
    return tuple((x + y) % Q for x, y in zip(a, b))


def times(a, b):
    c = [0] * 7
    for i in range(4):
        for j in range(4):
            c[i + j] += a[i] * b[j]
    return tuple((c[i] + (17 * c[i + 4] if i < 3 else 0)) % Q for i in range(4))


def number(x):
    return (x % Q, 0, 0, 0)


def power(a, e):
    result = number(1)
    while e:
        if e & 1:
            result = times(result, a)
        a = times(a, a)
        e >>= 1
    return result


def minus(a):
    return tuple(-x % Q for x in a)


def total(elements):
    result = number(0)
    for e in elements:
        result = add(result, e)
    return result


def weights(points, at):
    """Lagrange: what the values at `points` of a polynomial of degree below len(points) weigh in that at another point."""
    result = []
    for p in points:
        over, under = number(1), number(1)
        for other in points:
            if other != p:
                over = times(over, add(at, number(-other)))
                under = times(under, number(p - other))
        result.append(times(over, power(under, Q**4 - 2)))
    return result


def dot(some_weights, values):
    return total(times(w, v) for w, v in zip(some_weights, values))


def to_bits(x, count):
    assert 0 <= x < 2**count
    return [(x >> i) & 1 for i in range(count)]


random = splitmix(2026)
first_seed, second_seed, verify_key = (bytes(next(random) & 255 for _ in range(32)) for _ in range(3))
random = splitmix(1)
table = [next(random) % 17 - 8 for _ in range(N)]

# The shares, the coins and the bits.
second_share = take(numbers(second_seed, b"osl-field-v1"), N)
first_share = [(x - y) % Q for x, y in zip(table, second_share)]
context = digest(b"context", pack([N, MAX_NORM]), CONTEXT)
in_lanes = len(first_share) // 64 * 64
lanes = [hashlib.sha256(context + first_seed + pack(first_share[lane:in_lanes:4])).digest() for lane in range(4)]
first_part = digest(b"first", context, first_seed, *lanes, pack(first_share[in_lanes:]))
second_part = digest(b"second", context, second_seed)
tests = digest(b"tests", context, first_part, second_part)
coin_bytes = pack(take(keystream(tests, b"osl-tests-v1", 8), (N + 7) // 8 * COINS // 4))


def coin_sums(x):
    return [sum(v for i, v in enumerate(x) if coin_bytes[COINS * (i // 8) + j] >> (i % 8) & 1) for j in range(COINS)]


sums = coin_sums(table)
squares = sum(x * x for x in table)
norm_bits = (MAX_NORM**2).bit_length()
bits = to_bits(squares, norm_bits) + to_bits(MAX_NORM**2 - squares, norm_bits)
for j in range(COINS - 1):
    bits += to_bits(sums[j] - sums[j + 1] + T, TEST_BITS)
second_stream = numbers(second_seed, b"osl-proof-v1")
second_bits = take(second_stream, len(bits))
first_bits = [(x - y) % Q for x, y in zip(bits, second_bits)]
bits_part = digest(b"bits", tests, first_seed, pack(first_bits))
check = digest(b"check", tests, bits_part)
stream = numbers(check, b"osl-check-v1")
rho, gamma = tuple(take(stream, 4)), tuple(take(stream, 4))

# The proof: wires as polynomials, and the sum of their squares.
size = N + len(bits)
points = min((2**k for k in range(1, 12)), key=lambda p: -(-size // (p - 1)) + 2 * p)
wires = -(-size // (points - 1))
root = pow(19, (Q - 1) // (2 * points), Q)
powers = [pow(root, j, Q) for j in range(2 * points)]


def elements(stream, count):
    return [tuple(take(stream, 4)) for _ in range(count)]


first_row = elements(numbers(first_seed, b"osl-wires-v1"), wires)
second_row = elements(second_stream, wires)


def columns(x, some_bits, one, row):
    cells = [number(v) for v in x] + [times(power(rho, m + 1), number(2 * b - one)) for m, b in enumerate(some_bits)]
    cells += [number(0)] * (wires * (points - 1) - size)
    return [[row[l], *cells[l::wires]] for l in range(wires)]


whole = columns(table, bits, 1, [add(a, b) for a, b in zip(first_row, second_row)])
proof = []
for j in range(2 * points):
    if j % 2 == 0:
        values = [column[j // 2] for column in whole]
    else:
        odd = weights(powers[0::2], number(powers[j]))
        values = [dot(odd, column) for column in whole]
    proof.append(total(times(v, v) for v in values))
second_proof = elements(second_stream, 2 * points)
first_proof = [add(a, minus(b)) for a, b in zip(proof, second_proof)]

# The two messages.
point = tuple(take(numbers(digest(b"query", verify_key, context), b"osl-query-v1"), 4))
wire_weights, proof_weights = weights(powers[0::2], point), weights(powers, point)


def from_bits(some_bits):
    return sum(x << i for i, x in enumerate(some_bits))


def message(x, some_bits, one, row, some_proof):
    answers = [dot(wire_weights, column) for column in columns(x, some_bits, one, row)]
    y = coin_sums(x)
    v, u = from_bits(some_bits[:norm_bits]), from_bits(some_bits[norm_bits : 2 * norm_bits])
    equations = [v + u - one * MAX_NORM**2]
    for j in range(COINS - 1):
        at = 2 * norm_bits + j * TEST_BITS
        equations.append(y[j] - y[j + 1] + one * T - from_bits(some_bits[at : at + TEST_BITS]))
    claim = total(some_proof[2::2])
    claim = add(claim, number(-v))
    claim = add(claim, minus(total(times(power(rho, 2 * m + 2), number(one)) for m in range(len(bits)))))
    claim = add(claim, total(times(power(gamma, j + 1), number(e)) for j, e in enumerate(equations)))
    return pack(flat([*answers, dot(proof_weights, some_proof), claim])) + check


def sha(data):
    return hashlib.sha256(data).hexdigest()


got = {
    "second_seed": second_seed.hex(),
    "first_share": sha(pack(first_share)),
    "second_share": sha(pack(second_share)),
    "proof": sha(first_seed + pack(first_bits) + pack(flat(first_proof))),
    "parts": (first_part + second_part + bits_part).hex(),
    "first_message": sha(message(first_share, first_bits, 1, first_row, first_proof)),
    "second_message": sha(message(second_share, second_bits, 0, second_row, second_proof)),
}
want = json.loads(pathlib.Path(__file__).with_name("norm_proof.json").read_text())["small"]
wrong = [key for key, value in got.items() if want.get(key) != value]
print(f"differ: {', '.join(wrong)}" if wrong else f"norm_proof.json: {len(got)} values of the small proof come out again")
sys.exit(bool(wrong))
