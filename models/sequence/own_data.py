"""own_data.py RUN SEED WEIGHT: own-data-never-in-training, from the folds of `ossicle eval --export-folds`.

Fold F of seed S has its own run, RUN-f<S>-<F>, trained on the other folds' listeners (train.py fold:S/F RUN-f<S>-<F>);
neither the settings nor WEIGHT come from these folds. Listeners are solved here as the engine solves them.
"""

import json
import sys

import numpy as np
import torch

import data
import metrics
from export import load
from train import Tensors, scores_of


def solve(folder, x, rows, plays):
    """Weighted iALS vectors from whole histories; core/include/ossicle/confidence.h has the weights."""
    c = json.loads((folder / "bundle.json").read_text())["catalogue"]
    w = c["weighted"]
    q = x.factors.astype(np.float64)
    negative = (x.listeners + 1.0) ** w["negative_popularity"]
    gram = c["alpha0"] * (q.T * (negative / negative.mean())) @ q + c["user_lambda"] * np.eye(q.shape[1])
    out = np.zeros((len(rows), q.shape[1]))
    for u, (items, counts) in enumerate(zip(rows, plays)):
        if len(items) == 0:
            continue
        level = np.log1p(counts)
        z = np.clip((level - level.mean()) / (level.std() + w["sd_floor"]), -w["clip"], w["clip"])
        weight = w["scale"] * np.exp(w["spread"] * z) * x.listeners[items] ** -w["popularity"]
        f = q[items]
        out[u] = np.linalg.solve(gram + (f.T * weight) @ f, weight @ f)
    return out


def main():
    torch.set_num_threads(1)
    run, seed, weight = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    found, agree = {}, []
    for fold in range(5):
        x, (rows, plays, masked, truth, lost, ranked) = data.load_fold(seed, fold)
        base = (solve(data.fold_folder(seed, fold), x, rows, plays) @ x.factors.T).astype(np.float32)
        seq = scores_of(load(f"{run}-f{seed}-{fold}"), Tensors(x), rows, plays)
        for u in range(len(rows)):
            for scores in (base, seq):
                scores[u, rows[u]] = scores[u, masked[u]] = -np.inf
        lists = {
            "weighted iALS": metrics.top(base, 10),
            "sequence": metrics.top(seq, 10),
            "re-ranked": next(metrics.reranked(base, seq, [weight])),
        }
        agree += [np.isin(a, b).mean() for a, b in zip(lists["weighted iALS"], ranked)]
        for name, top in lists.items():
            found.setdefault(name, []).append(metrics.per_user(top, truth, lost))
    print(f"seed {seed}: {np.mean(agree):.4f} of the engine's lists are in the lists solved here")
    whole = {name: np.concatenate(parts) for name, parts in found.items()}
    for name, of_user in whole.items():
        difference = of_user[:, 0] - whole["weighted iALS"][:, 0]
        print(
            f"{name:14s} ndcg {of_user[:, 0].mean():.4f} recall {of_user[:, 1].mean():.4f} paired ndcg"
            f" {difference.mean():+.4f} +- {1.96 * difference.std() / np.sqrt(len(difference)):.4f} (users)"
        )


if __name__ == "__main__":
    main()
