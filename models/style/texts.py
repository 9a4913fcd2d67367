"""Texts with the labels that they should get: MusicCaps, by the encoder's own split.

A caption may come blind: without the words of its own labels, so that they must be told from the rest.
"""

import dataclasses
import random

import numpy

import labels  # noqa: F401  (puts the encoder's recipe on the path)
from corpus import part

import sources

SEED = 17


@dataclasses.dataclass
class Texts:
    texts: list[str]
    truth: numpy.ndarray  # [texts, labels], bool


def _table(rows, n_labels):
    truth = numpy.zeros((len(rows), n_labels), dtype=bool)
    for i, (_, named) in enumerate(rows):
        truth[i, list(named)] = True
    return Texts([text for text, _ in rows], truth)


def read(matcher):
    """{part: {"captions", "blind", "aspects": Texts}}; aspects: a few of them in one short text."""
    rng = random.Random(SEED)
    rows = {p: {"captions": [], "blind": [], "aspects": []} for p in ("train", "dev", "test")}
    for key, aspects, caption in sources.musiccaps() or ():
        named = matcher.named(aspects)
        into = rows[part(key, 0.05, 0.1)]
        into["captions"].append((caption, named))
        into["blind"].append((matcher.blind(caption, named), named))
        some = rng.sample(aspects, min(len(aspects), rng.randint(1, 5)))
        into["aspects"].append((", ".join(some), named))
    return {p: {k: _table(v, len(matcher.labels)) for k, v in kinds.items()} for p, kinds in rows.items()}
