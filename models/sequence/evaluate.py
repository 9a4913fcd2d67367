"""evaluate.py RUN SEEDS [TUNING_SEEDS]: the model alone, and as a re-ranker of weighted iALS's first 200.

Seed S of a split has its own run, RUN-s<S>. The weight of the blend is the best mean of validation over TUNING_SEEDS
(1,2) and then stays; figures are of the test part, train and validation masked, as `ossicle eval` takes them.
Writes WORK/runs/RUN-evaluation.json.
"""

import json
import sys

import numpy as np
import torch

import data
import metrics
from export import load
from paths import RUNS
from train import Tensors, base_scores, scores_of

WEIGHTS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6)


class Seed:
    def __init__(self, run, seed):
        self.x = data.load_split(seed)
        self.base = base_scores(self.x)
        model, t = load(f"{run}-s{seed}"), Tensors(self.x)
        self.seq = scores_of(model, t, self.x.train, self.x.plays)
        self.blind = scores_of(model, t, self.x.train, self.x.plays, use_text=False)

    def validation(self, ranked):
        return metrics.per_user(ranked, self.x.validation, self.x.lost_validation)[:, 0].mean()

    def test(self, ranked):
        return metrics.per_user(ranked, self.x.test, self.x.lost_test)

    def mask_validation(self):
        for scores in (self.base, self.seq, self.blind):
            for u, rows in enumerate(self.x.validation):
                scores[u, rows] = -np.inf


def choose_weight(run, seeds, pick):
    means = {w: [] for w in WEIGHTS}
    for seed in seeds:
        s = Seed(run, seed)
        for w in WEIGHTS:
            means[w].append(s.validation(metrics.reranked(s.base, pick(s), w)))
    return max(means, key=lambda w: np.mean(means[w])), {str(w): float(np.mean(v)) for w, v in means.items()}


def main():
    torch.set_num_threads(1)
    run, seeds = sys.argv[1], [int(s) for s in sys.argv[2].split(",")]
    tuning = [int(s) for s in (sys.argv[3] if len(sys.argv) > 3 else "1,2").split(",")]
    weight, by_weight = choose_weight(run, tuning, lambda s: s.seq)
    rows, pairs = {}, {}
    for seed in seeds:
        s = Seed(run, seed)
        s.mask_validation()
        lists = {
            "weighted iALS": metrics.top(s.base, 10),
            "sequence": metrics.top(s.seq, 10),
            "sequence, no text": metrics.top(s.blind, 10),
            "re-ranked": metrics.reranked(s.base, s.seq, weight),
            "re-ranked, no text": metrics.reranked(s.base, s.blind, weight),
        }
        found = {name: s.test(ranked) for name, ranked in lists.items()}
        for name, of_user in found.items():
            rows.setdefault(name, []).append(of_user.mean(0))
            pairs.setdefault(name, []).append(of_user[:, 0] - found["weighted iALS"][:, 0])
    out = {"run": run, "seeds": seeds, "tuning": tuning, "weight": weight, "validation_by_weight": by_weight, "test": {}}
    print(f"weight {weight} of validation {by_weight}")
    for name, per_seed in rows.items():
        per_seed = np.array(per_seed)
        difference = np.array([p.mean() for p in pairs[name]])
        users = np.concatenate(pairs[name])
        of_users = 1.96 * users.std() / np.sqrt(len(users))
        out["test"][name] = {
            "ndcg": per_seed[:, 0].tolist(),
            "recall": per_seed[:, 1].tolist(),
            "difference": difference.tolist(),
            "difference_ci_seeds": metrics.interval(difference),
            "difference_ci_users": of_users,
        }
        print(
            f"{name:20s} ndcg {per_seed[:, 0].mean():.4f} +- {metrics.interval(per_seed[:, 0]):.4f}"
            f"  recall {per_seed[:, 1].mean():.4f} +- {metrics.interval(per_seed[:, 1]):.4f}  paired ndcg"
            f" {difference.mean():+.4f} +- {metrics.interval(difference):.4f} (seeds) +- {of_users:.4f} (users)"
        )
    (RUNS / f"{run}-evaluation.json").write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
