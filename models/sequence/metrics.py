"""RecBole's metrics, blends of two scores, and means with 95 % intervals."""

import numpy as np

DISCOUNT = 1 / np.log2(np.arange(2, 12))


def rank_metrics(ranked, truth, lost, k=10):
    """ndcg, recall, hit of one list. `lost`: items of the truth that no model knows."""
    hits = np.isin(ranked[:k], truth)
    size = len(truth) + lost
    ideal = DISCOUNT[: min(size, k)].sum()
    return (DISCOUNT[: len(hits)] * hits).sum() / ideal, hits.sum() / size, float(hits.any())


def top(scores, k):
    """Rows of the k best, best first; [U, N] -> [U, k]."""
    part = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(scores, part, 1), axis=1, kind="stable")
    return np.take_along_axis(part, order, 1)


def standardised(x):
    return (x - x.mean(1, keepdims=True)) / (x.std(1, keepdims=True) + 1e-9)


def reranked(base, extra, weights, depth=200):
    """z(base) + weight * z(extra) over the `depth` best of `base`; [U, 10] for each weight."""
    candidates = top(base, depth)
    a, b = (standardised(np.take_along_axis(x, candidates, 1)) for x in (base, extra))
    for weight in weights:
        yield np.take_along_axis(candidates, np.argsort(-(a + weight * b), axis=1, kind="stable")[:, :10], 1)


def per_user(ranked, truth, lost):
    """[users with a truth, 3]"""
    return np.array([rank_metrics(r, t, n) for r, t, n in zip(ranked, truth, lost) if len(t) + n])


# Student's t at 97.5 % by degrees of freedom.
STUDENT = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776}


def interval(values):
    """Half the 95 % interval of a mean over seeds."""
    n = len(values)
    return STUDENT[n - 1] * np.std(values, ddof=1) / np.sqrt(n) if n > 1 else float("nan")
