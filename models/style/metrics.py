"""Figures of probabilities against labels, one kind at a time."""

import numpy

LEAST_POSITIVES = 5  # a label with fewer is not measured
BINS = 10


def auc(scores, truth):
    """The chance that a text with the label is above one without; ties count half."""
    order = numpy.argsort(scores, kind="stable")
    ordered = scores[order]
    _, first, count = numpy.unique(ordered, return_index=True, return_counts=True)
    ranks = numpy.empty(len(scores))
    ranks[order] = numpy.repeat(first + (count + 1) / 2, count)
    n = truth.sum()
    return (ranks[truth].sum() - n * (n + 1) / 2) / (n * (len(truth) - n))


def average_precision(scores, truth):
    """Ties count against us: texts without the label first."""
    order = numpy.lexsort((truth, -scores))
    hits = truth[order]
    return (numpy.cumsum(hits)[hits] / (numpy.flatnonzero(hits) + 1)).mean()


def calibration_error(probabilities, truth):
    """Expected calibration error over all pairs of text and label, bins of equal width."""
    p, t = probabilities.ravel(), truth.ravel()
    bins = numpy.minimum((p * BINS).astype(int), BINS - 1)
    gaps = [abs(p[bins == b].sum() - t[bins == b].sum()) for b in range(BINS)]
    return sum(gaps) / len(p)


def measured(truth, columns):
    """Those of `columns` with enough texts on both sides."""
    return [c for c in columns if LEAST_POSITIVES <= truth[:, c].sum() <= len(truth) - LEAST_POSITIVES]


def figures(probabilities, truth, columns):
    columns = measured(truth, columns)
    p, t = probabilities[:, columns], truth[:, columns]
    return {
        "labels": len(columns),
        "auc": float(numpy.mean([auc(p[:, i], t[:, i]) for i in range(len(columns))])),
        "map": float(numpy.mean([average_precision(p[:, i], t[:, i]) for i in range(len(columns))])),
        "ece": float(calibration_error(p, t)),
    }
