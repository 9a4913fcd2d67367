"""Retrieval figures (R@1, MRR) of an encoder, a teacher or BM25 on the tasks of corpus.py.

  evaluate.py dev|test teachers            every teacher, untuned; results in runs/teachers-PART.json
  evaluate.py dev|test CHECKPOINT_FOLDER   an exported checkpoint
  evaluate.py dev|test BUNDLE_FOLDER       a packed bundle, through `ossicle embed` ($OSSICLE names the tool)
  evaluate.py cosine CHECKPOINT BUNDLE     the bundle's vectors against the checkpoint's in float32, over 10,000 texts
"""

import collections
import json
import math
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import numpy

from paths import CORPUS, RUNS

HYBRID_WEIGHT = 0.5  # share of the dense score after both are standardised per query


def ranks(scores, answers):
    """scores [Q, N], answers [Q] -> 1-based rank of the right candidate; a tie counts against us."""
    right = scores[numpy.arange(len(answers)), answers]
    return (scores >= right[:, None]).sum(axis=1)


def figures(scores, answers):
    place = ranks(scores, answers)
    return {"r1": float((place == 1).mean()), "mrr": float((1.0 / place).mean())}


def bm25(queries, candidates, k1=1.2, b=0.75):
    """Okapi BM25 over lower-case words: [Q, N]."""
    words = [re.findall(r"\w+", c.casefold()) for c in candidates]
    mean = sum(map(len, words)) / len(words)
    found = collections.Counter(w for ws in words for w in set(ws))
    columns = collections.defaultdict(lambda: numpy.zeros(len(words), dtype=numpy.float32))
    for i, ws in enumerate(words):
        for w, n in collections.Counter(ws).items():
            idf = math.log(1 + (len(words) - found[w] + 0.5) / (found[w] + 0.5))
            columns[w][i] = idf * n * (k1 + 1) / (n + k1 * (1 - b + b * len(ws) / mean))
    out = numpy.zeros((len(queries), len(words)), dtype=numpy.float32)
    for q, query in enumerate(queries):
        for w in re.findall(r"\w+", query.casefold()):
            if w in columns:
                out[q] += columns[w]
    return out


def standardised(scores):
    return (scores - scores.mean(axis=1, keepdims=True)) / (scores.std(axis=1, keepdims=True) + 1e-6)


def dense_scores(encode, task):
    vectors = encode([*task["queries"], *task["candidates"]])
    queries = len(task["queries"])
    return vectors[:queries] @ vectors[queries:].T


def evaluate(encode, part, limit=None):
    """encode(texts) -> unit vectors. Figures of every task, and of the hybrid with BM25 on MusicCaps."""
    out = {}
    for name, task in json.loads((CORPUS / "tasks.json").read_text(encoding="utf-8"))[part].items():
        answers = numpy.array(task["answers"])
        scores = dense_scores(encode, task)
        out[name] = figures(scores, answers)
        if name == "musiccaps":
            lexical = bm25(task["queries"], task["candidates"])
            out["musiccaps-bm25"] = figures(lexical, answers)
            mixed = HYBRID_WEIGHT * standardised(scores) + (1 - HYBRID_WEIGHT) * standardised(lexical)
            out["musiccaps-hybrid"] = figures(mixed, answers)
    return out


def line(results):
    """R@1 of every task in one line."""
    return "  ".join(f"{k} {v['r1']:.3f}" for k, v in results.items() if k != "musiccaps-bm25")


def bundle_encoder(folder):
    """The product's own int8 code as encode(texts); a line break inside a text becomes a space."""
    size = json.loads((folder / "bundle.json").read_text())["encoder"]["dimensions"][-1]

    def encode(texts):
        with tempfile.TemporaryDirectory() as room:
            lines, vectors = pathlib.Path(room, "lines.txt"), pathlib.Path(room, "vectors.f32")
            lines.write_text("".join(re.sub(r"[\r\n]", " ", t) + "\n" for t in texts), encoding="utf-8")
            tool = os.environ.get("OSSICLE", "ossicle")
            subprocess.run([tool, "embed", "--bundle", folder, "--in", lines, "--out", vectors], check=True)
            return numpy.fromfile(vectors, dtype="<f4").reshape(len(texts), size)

    return encode


def compare(checkpoint, bundle, texts=10_000):
    """Prints mean and least cosine of int8 by the product against float32 by PyTorch, over texts of every kind."""
    from export import load

    rows = [json.loads(line) for name in ("mono", "pairs") for line in open(CORPUS / f"{name}.jsonl", encoding="utf-8")]
    every = sorted({row[k] for row in rows for k in ("text", "other", "en") if k in row})
    picked = random.Random(1).sample(every, texts)
    cosines = (load(checkpoint)(picked) * bundle_encoder(bundle)(picked)).sum(axis=1)
    print(f"{texts} texts: mean cosine {cosines.mean():.4f}, least {cosines.min():.4f}")


def main():
    part, what = sys.argv[1:3]
    if part == "cosine":
        return compare(pathlib.Path(what), pathlib.Path(sys.argv[3]))
    if what == "teachers":
        import teachers

        table = {}
        for name, make in (
            ("multilingual-e5-small", teachers.E5),
            ("multilingual-e5-small, tuned projection", teachers.TunedE5),
            ("all-MiniLM-L6-v2", teachers.MiniLm),
            ("USE multilingual v3", teachers.UseMultilingual),
            ("USE lite", teachers.UseLite),
        ):
            table[name] = evaluate(make().encode, part)
            print(f"{name}: {line(table[name])}", flush=True)
        RUNS.mkdir(parents=True, exist_ok=True)
        (RUNS / f"teachers-{part}.json").write_text(json.dumps(table, indent=1))
        return
    folder = pathlib.Path(what)
    if (folder / "bundle.json").exists():
        print(line(evaluate(bundle_encoder(folder), part)))
        return
    from export import load

    encode = load(folder)
    results = evaluate(encode, part)
    print(line(results))
    (folder / f"eval-{part}.json").write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
