"""evaluate.py measure RUN SEED | evaluate.py table RUN SEEDS [TUNING_SEEDS]: the model alone, and as a re-ranker of the
first 200 of weighted iALS.

Seed S of a split has its own run, RUN-s<S>; measuring it writes WORK/runs/RUN-s<S>/measured.npz. The weight of the blend
is the best mean NDCG@10 of validation over TUNING_SEEDS (1,2) and then stays; figures are of the test part, train and
validation masked, as `ossicle eval` takes them. "No text": the same model, `absent` for every item.
"""

import sys

import numpy as np
import torch

import data
import metrics
from paths import RUNS

WEIGHTS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6)
KINDS = ("sequence", "sequence, no text")


def measure(run, seed):
    from export import load
    from train import Tensors, base_scores, scores_of

    torch.set_num_threads(1)
    x = data.load_split(seed)
    model, t = load(f"{run}-s{seed}"), Tensors(x)
    base = base_scores(x)
    scores = {kind: scores_of(model, t, x.train, x.plays, kind == KINDS[0]) for kind in KINDS}

    def lists():
        yield "weighted iALS", metrics.top(base, 10)
        for kind, seq in scores.items():
            yield kind, metrics.top(seq, 10)
            for weight, ranked in zip(WEIGHTS, metrics.reranked(base, seq, WEIGHTS)):
                yield f"{kind} {weight}", ranked

    out = {f"validation|{n}": metrics.per_user(r, x.validation, x.lost_validation) for n, r in lists()}
    for each in (base, *scores.values()):
        for u, rows in enumerate(x.validation):
            each[u, rows] = -np.inf
    out |= {f"test|{n}": metrics.per_user(r, x.test, x.lost_test) for n, r in lists()}
    np.savez_compressed(RUNS / f"{run}-s{seed}" / "measured.npz", **out)
    print(f"{run}-s{seed}", *(f"{n} {v[:, 0].mean():.4f}" for n, v in out.items()), sep="\n  ")


def table(run, seeds, tuning):
    found = {seed: np.load(RUNS / f"{run}-s{seed}" / "measured.npz") for seed in {*seeds, *tuning}}
    rows = ["weighted iALS", *KINDS]
    for kind in KINDS:
        by_weight = {w: np.mean([found[s][f"validation|{kind} {w}"][:, 0].mean() for s in tuning]) for w in WEIGHTS}
        best = max(by_weight, key=by_weight.get)
        print("validation,", kind, {w: round(float(v), 4) for w, v in by_weight.items()}, "->", best)
        rows.append(f"{kind} {best}")
    base = np.mean([found[s]["validation|weighted iALS"][:, 0].mean() for s in tuning])
    print(f"validation, weighted iALS {base:.4f}\n")
    for name in rows:
        per_seed = [found[s][f"test|{name}"] for s in seeds]
        ndcg, recall = ([v[:, c].mean() for v in per_seed] for c in (0, 1))
        pairs = [v[:, 0] - found[s]["test|weighted iALS"][:, 0] for v, s in zip(per_seed, seeds)]
        difference, users = [p.mean() for p in pairs], np.concatenate(pairs)
        print(
            f"{name:24s} ndcg {np.mean(ndcg):.4f} +- {metrics.interval(ndcg):.4f}  recall {np.mean(recall):.4f} +-"
            f" {metrics.interval(recall):.4f}  paired ndcg {np.mean(difference):+.4f} +- {metrics.interval(difference):.4f}"
            f" (seeds) +- {1.96 * users.std() / np.sqrt(len(users)):.4f} (users)"
        )


def numbers(text):
    return [int(n) for n in text.split(",")]


if __name__ == "__main__":
    what, run, seeds, *rest = sys.argv[1:]
    if what == "measure":
        measure(run, int(seeds))
    else:
        table(run, numbers(seeds), numbers(rest[0] if rest else "1,2"))
