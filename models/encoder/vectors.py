"""Teacher vectors of the training texts, computed once: vectors/texts.json and vectors/e5.npy (float16 [N, 384]).

Works in chunks, each its own file, so that a stopped run goes on where it was.
"""

import json
import random
import re
import time

import numpy

from paths import CORPUS, VECTORS
from teachers import E5

CHUNK = 8_000
DICTIONARY_TEXTS = 40_000  # English glosses that get a teacher vector; the rest learn from their pair alone


def sentences(caption):
    """The sentences of a caption, those of four words or more."""
    return [s for s in re.split(r"(?<=[.!?])\s+", caption) if len(s.split()) >= 4]


def texts():
    """Unique training texts, the most useful kinds first."""
    rng = random.Random(5)
    ordered = []
    for line in open(CORPUS / "musiccaps.jsonl", encoding="utf-8"):
        row = json.loads(line)
        ordered += [", ".join(row["aspects"]), row["caption"], *sentences(row["caption"])]
    glosses = []
    for line in open(CORPUS / "pairs.jsonl", encoding="utf-8"):
        row = json.loads(line)
        if row["source"] in ("tatoeba", "musicbrainz", "genre"):
            ordered += [row["en"], row["other"]]
        else:
            glosses.append(row["en"])
    singles = [json.loads(line)["text"] for line in open(CORPUS / "mono.jsonl", encoding="utf-8")]
    rng.shuffle(singles)
    rng.shuffle(glosses)
    return list(dict.fromkeys(ordered + singles[:20_000] + glosses[:DICTIONARY_TEXTS] + singles[20_000:]))


def main():
    VECTORS.mkdir(parents=True, exist_ok=True)
    wanted = texts()
    (VECTORS / "texts.json").write_text(json.dumps(wanted, ensure_ascii=False), encoding="utf-8")
    teacher, start = E5(), time.time()
    parts = []
    for at in range(0, len(wanted), CHUNK):
        path = VECTORS / f"e5-{at:07d}.npy"
        if not path.exists():
            numpy.save(path, teacher.encode(wanted[at : at + CHUNK]).astype(numpy.float16))
            print(f"{min(at + CHUNK, len(wanted))} of {len(wanted)} texts, {time.time() - start:.0f} s", flush=True)
        parts.append(path)
    numpy.save(VECTORS / "e5.npy", numpy.concatenate([numpy.load(p) for p in parts]))


if __name__ == "__main__":
    main()
