"""playlists.py RUN SEEDS: lists of 10 that go on from 5 items of a listener's training part.

The truth is what was held out (validation and test), so no list was seen in training. Greedy: the likeliest item is
appended and the model asked again. Beside it: the first 10 of weighted iALS solved from the same 5 items (each of
weight scale * listeners^-0.1, as equal play counts give), popularity, random. Coherence is the mean cosine of the tag
sets of two items of a list, over pairs that both have tags.
"""

import sys

import numpy as np
import torch

import data
import metrics
import texts
from export import load
from train import Tensors, batch_of, inputs

GIVEN, LENGTH = 5, 10
ALPHA0, LAMBDA, SCALE = 0.083, 10.975, 1.34  # of the shipped catalogue


@torch.no_grad()
def greedy(model, t, given):
    items = batch_of(given, GIVEN)
    logits_of_popularity = model.popularity * t.log_listeners
    for _ in range(LENGTH):
        logits = model(*inputs(t, items, True))[:, -1] @ t.factors.T + logits_of_popularity
        items = torch.cat([items, logits.scatter(1, items, -torch.inf).argmax(1, keepdim=True)], 1)
    return items[:, GIVEN:].numpy()


def ials(x, given):
    q = x.factors.astype(np.float64)
    negative = (x.listeners + 1) ** 0.15
    gram = ALPHA0 * (q.T * (negative / negative.mean())) @ q + LAMBDA * np.eye(q.shape[1])
    users = []
    for rows in given:
        w = SCALE * x.listeners[rows] ** -0.1
        users.append(np.linalg.solve(gram + (q[rows].T * w) @ q[rows], w @ q[rows]))
    return masked_top(np.array(users) @ q.T, given)


def masked_top(scores, given):
    for row, items in zip(scores, given):
        row[items] = -np.inf
    return metrics.top(scores, LENGTH)


def coherence(lists, tags):
    """tags: unit rows [N, T], zero without tags."""
    total = []
    for rows in lists:
        some = tags[rows]
        some = some[some.any(1)]
        if len(some) > 1:
            cosines = some @ some.T
            total.append((cosines.sum() - len(some)) / (len(some) * (len(some) - 1)))
    return np.mean(total)


def tag_rows(seed, x):
    artists, held_out = data.artists_of_split(seed)
    of_artist = texts.strongest_tags(held_out)
    names = sorted({tag for tags in of_artist.values() for tag in tags})
    number = {tag: i for i, tag in enumerate(names)}
    out = np.zeros((len(x.factors), len(names)), np.float32)
    for row, artist in enumerate(artists):
        tags = of_artist.get(artist, [])
        out[row, [number[tag] for tag in tags]] = 1 / np.sqrt(max(len(tags), 1))
    return out


def main():
    torch.set_num_threads(1)
    run, rows = sys.argv[1], {}
    for seed in map(int, sys.argv[2].split(",")):
        x, rng = data.load_split(seed), np.random.default_rng(seed)
        users = [u for u in range(len(x.train)) if len(x.train[u]) >= GIVEN]
        given = [rng.choice(x.train[u], GIVEN, replace=False) for u in users]
        truth = [np.concatenate([x.validation[u], x.test[u]]) for u in users]
        lost = [x.lost_validation[u] + x.lost_test[u] for u in users]
        shape = (len(users), len(x.factors))
        lists = {
            "sequence, greedy": greedy(load(f"{run}-s{seed}"), Tensors(x), given),
            "weighted iALS": ials(x, given),
            "popularity": masked_top(np.tile(x.listeners.astype(float), (len(users), 1)), given),
            "random": masked_top(rng.random(shape, np.float32), given),
        }
        tags = tag_rows(seed, x)
        for name, ranked in lists.items():
            found = metrics.per_user(ranked, truth, lost)[:, [0, 2]]
            rows.setdefault(name, []).append((found, coherence(ranked, tags)))
    first = np.concatenate([found[:, 0] for found, _ in rows["weighted iALS"]])
    for name, values in rows.items():
        of_users = np.concatenate([found for found, _ in values])
        ndcg, hit = of_users.mean(0)
        less = of_users[:, 0] - first
        half = 1.96 * less.std() / np.sqrt(len(less))
        print(
            f"{name:18s} ndcg {ndcg:.4f} hit {hit:.4f} coherence {np.mean([c for _, c in values]):.4f}"
            f" less weighted iALS: ndcg {less.mean():+.4f} +- {half:.4f} (users)"
        )


if __name__ == "__main__":
    main()
