"""Figures of a style bundle on the test split, by `ossicle style` and so by the product's own code ($OSSICLE names the tool).

  measure.py ENCODER_BUNDLE STYLE_BUNDLE

Labels with a trained row and enough test texts, by kind: the prior (how often training names the label), the label's own text (zero-shot),
and the bundle as it is. Texts: captions, the same captions blind (without the words of their labels), and a few aspects.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy
from safetensors.numpy import load_file

import labels
import texts
from metrics import figures, measured

from evaluate import bundle_encoder


def _raised(names, probabilities):
    """Each label at least as probable as those below it."""
    for i in reversed(range(len(names))):
        if names[i].parent is not None:
            above = probabilities[:, names[i].parent]
            numpy.maximum(above, probabilities[:, i], out=above)
    return probabilities


def by_label_text(file, names, vectors):
    rows = file["style.vector"].astype(float) * file["style.vector.row_scale"][:, None]
    x = vectors[:, : rows.shape[1]]
    x = x / numpy.linalg.norm(x, axis=1, keepdims=True)
    logits = (x @ rows.T) * file["style.vector.scale"] + file["style.vector.bias"]
    return _raised(names, 1 / (1 + numpy.exp(-logits)))


def by_tool(encoder, style, names, lines):
    place = {(label.kind, label.name): i for i, label in enumerate(names)}
    with tempfile.TemporaryDirectory() as room:
        path = pathlib.Path(room, "lines.txt")
        path.write_text("".join(" ".join(t.split()) + "\n" for t in lines), encoding="utf-8")
        command = [os.environ.get("OSSICLE", "ossicle"), "style", "--bundle", encoder, "--style", style]
        command += ["--in", path, "--json", "--least", "0", "--limit", "65535"]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    probabilities = numpy.zeros((len(lines), len(names)))
    for row, line in zip(probabilities, out.splitlines(), strict=True):
        for found in json.loads(line)["labels"]:
            row[place[found["kind"], found["label"]]] = found["probability"]
    return probabilities


def main():
    encoder, style = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    names = labels.read()
    file = load_file(style / "style.safetensors")
    parts = texts.read(labels.Matcher(names))
    often = parts["train"]["captions"].truth.mean(0)
    trained = file["style.head.label"].tolist()
    encode = bundle_encoder(encoder)
    print("| texts | kind | labels | prior: mAP, ECE | zero-shot: AUC, mAP, ECE | bundle: AUC, mAP, ECE |\n|---|---|---|---|---|---|")
    for name, test in parts["test"].items():
        zero = by_label_text(file, names, encode(test.texts))
        whole = by_tool(encoder, style, names, test.texts)
        prior = numpy.tile(often, (len(test.texts), 1))
        for kind in labels.KINDS:
            columns = [c for c in trained if names[c].kind == kind]
            share = test.truth[:, measured(test.truth, columns)].mean()
            p, z, w = (figures(x, test.truth, columns) for x in (prior, zero, whole))
            cells = [f"{share:.3f}, {p['ece']:.3f}"] + [f"{f['auc']:.3f}, {f['map']:.3f}, {f['ece']:.3f}" for f in (z, w)]
            print(f"| {name} | {kind} | {w['labels']} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
