"""Makes the style bundle for an encoder bundle: label vectors, trained rows, both calibrated on dev.

  train.py ENCODER_BUNDLE OUT_FOLDER     $OSSICLE names the tool, $STYLE_DIMENSIONS the length of a vector (128)
"""

import json
import os
import pathlib
import sys

import numpy
import torch

import labels
import style_file
import texts
from metrics import auc, measured

from evaluate import bundle_encoder

DIMENSIONS = int(os.environ.get("STYLE_DIMENSIONS", "128"))
LEAST_IN_TRAIN = 20  # texts that name a label before it gets a trained row
PENALTIES = (1e-3, 3e-4, 1e-4, 3e-5, 1e-5)  # each starts from the one before
STEPS = 40
PROMPTS = {
    "genre": ("{}", "{} music", "This is a {} song.", "a {} track with the typical sound of {}"),
    "mood": ("{}", "{} music", "The mood is {}.", "a {} song with a {} feeling"),
    "instrument": ("{}", "{} music", "a {} playing", "The {} plays the melody."),
}
FACTS = {
    "name": "ossicle-style",
    "licence": "Share alike, non-commercial use only: see models/style/README.md",
    "source": "MusicCaps captions, the beets genre tree, tag names of MTG-Jamendo",
    "recipe": "models/style/run.sh",
}


def unit(vectors):
    vectors = vectors[:, :DIMENSIONS]
    return vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def platt(logits, truth):
    """(a, b) for which sigmoid(a logit + b) fits the pooled truth (Platt 1999): Newton on two numbers."""
    x, y = logits.ravel().astype(float), truth.ravel().astype(float)
    a, b = 1.0, 0.0
    for _ in range(50):
        p = sigmoid(a * x + b)
        w = p * (1 - p)
        gradient = numpy.array([((p - y) * x).sum(), (p - y).sum()])
        hessian = numpy.array([[(w * x * x).sum(), (w * x).sum()], [(w * x).sum(), w.sum()]]) + 1e-9 * numpy.eye(2)
        step = numpy.linalg.solve(hessian, gradient)
        a, b = a - step[0], b - step[1]
    return a, b


def logistic(x, y, penalty, start=None):
    """Rows [labels, D] and biases of one logistic regression a label, penalty |row|^2 each; deterministic."""
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    rows, bias = start or (torch.zeros(y.shape[1], x.shape[1]), torch.logit(y.mean(0).clamp(1e-4, 1 - 1e-4)))
    rows, bias = rows.clone().requires_grad_(), bias.clone().requires_grad_()
    optimiser = torch.optim.LBFGS([rows, bias], max_iter=STEPS, history_size=10, line_search_fn="strong_wolfe")

    def loss():
        optimiser.zero_grad()
        value = torch.nn.functional.binary_cross_entropy_with_logits(x @ rows.T + bias, y) * y.shape[1]
        value = value + penalty * (rows**2).sum()
        value.backward()
        return value

    optimiser.step(loss)
    return rows.detach(), bias.detach()


def log_loss(logits, truth):
    return float(numpy.logaddexp(0, numpy.where(truth, -logits, logits)).mean())


class Split:
    """All kinds of texts of one part, one after the other: vectors [n, D] and truth [n, labels]."""

    def __init__(self, encode, kinds):
        self.x = unit(encode([text for kind in kinds.values() for text in kind.texts]))
        self.y = numpy.concatenate([kind.truth for kind in kinds.values()])


def zero_shot(encode, names, train, dev):
    """Rows [labels, D] and their scale and bias.

    A label's cosine is measured in standard deviations from its mean over the training texts, so that labels are comparable; one slope and
    offset a kind are then fitted to dev. The wording is the one that ranks dev best.
    """
    rows = numpy.zeros((len(names), DIMENSIONS))
    scale, bias = numpy.zeros(len(names)), numpy.zeros(len(names))
    for kind in labels.KINDS:
        columns = [i for i, label in enumerate(names) if label.kind == kind]
        wordings = [unit(encode([p.replace("{}", names[i].name) for i in columns])) for p in PROMPTS[kind]]
        wordings.append(unit(sum(wordings)))
        tried = measured(dev.y, columns)
        place = {c: i for i, c in enumerate(columns)}
        scores = [numpy.mean([auc(dev.x @ w[place[c]], dev.y[:, c]) for c in tried]) for w in wordings]
        best = int(numpy.argmax(scores))
        told = dict(zip((*PROMPTS[kind], "mean of all"), (round(float(s), 4) for s in scores)))
        print(f"wording of {kind}, macro AUC on dev: {told}", flush=True)
        w = wordings[best]
        cosines = train.x @ w.T
        mean, deviation = cosines.mean(0), cosines.std(0)
        known = [place[c] for c in columns if train.y[:, c].any()]
        standard = (dev.x @ w.T - mean) / deviation
        a, b = platt(standard[:, known], dev.y[:, [columns[i] for i in known]])
        rows[columns], scale[columns], bias[columns] = w, a / deviation, b - a * mean / deviation
    return rows, scale, bias


def head(names, train, dev):
    """(labels, (rows, scale, bias)) of the labels that enough training texts name."""
    columns = [c for c in range(len(names)) if train.y[:, c].sum() >= LEAST_IN_TRAIN * 3]  # a caption gives 3 texts
    best = start = None
    for penalty in PENALTIES:
        start = logistic(train.x, train.y[:, columns], penalty, start)
        rows, bias = (part.numpy().astype(float) for part in start)
        loss = log_loss(dev.x @ rows.T + bias, dev.y[:, columns])
        print(f"penalty {penalty:g}: log loss on dev {loss:.4f}", flush=True)
        if best is None or loss < best[0]:
            best = (loss, rows, bias)
    _, rows, bias = best
    scale = numpy.ones(len(columns))
    for kind in labels.KINDS:
        own = [i for i, c in enumerate(columns) if names[c].kind == kind]
        logits = dev.x @ rows[own].T + bias[own]
        a, b = platt(logits, dev.y[:, [columns[i] for i in own]])
        print(f"{kind}: {len(own)} trained rows, calibrated by {a:.3f} logit + {b:.3f}", flush=True)
        scale[own], bias[own] = a, a * bias[own] + b
    return columns, (rows, scale, bias)


def main():
    bundle, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    torch.set_num_threads(2)
    names = labels.read()
    parts = texts.read(labels.Matcher(names))
    encode = bundle_encoder(bundle)
    train, dev = Split(encode, parts["train"]), Split(encode, parts["dev"])
    trained = head(names, train, dev)
    weights = json.loads((bundle / "bundle.json").read_text())["files"][0]["sha256"]
    size = style_file.write(out, names, zero_shot(encode, names, train, dev), *trained, weights, FACTS)
    print(f"{out}/style.safetensors: {size} bytes, {len(names)} labels, {len(trained[0])} trained rows, {DIMENSIONS} numbers each")


if __name__ == "__main__":
    main()
