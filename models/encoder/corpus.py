"""Splits the sources by hash and writes the training corpus and the tasks.

  corpus/tasks.json       dev and test: queries, candidates and the right candidate of each query
  corpus/musiccaps.jsonl  training captions: {"aspects": [...], "caption": "..."}
  corpus/pairs.jsonl      training pairs: {"source", "language", "en", "other"}
  corpus/mono.jsonl       training texts without a partner: {"source", "text"}
  corpus/tokenizer.txt    balanced lines for the tokenizer

A row's part depends on the SHA-256 of its stable key alone, so that more data never moves a row from test to
training. Keys: MusicCaps the video id, Tatoeba and MusicBrainz the English text.
"""

import collections
import hashlib
import json
import random

import sources
from paths import CORPUS

CANDIDATES = 1000
LIMITS = {"cc_cedict": 70_000, "edict": 23_000, "ding": 30_000, "freedict-ja": 8_000, "program": 40_000}
MONO_LIMITS = {"verse-en": 10_000, "verse-es": 6_000, "verse-de": 6_000}


def part(key, dev, test):
    """'test' for a share `test` of all keys, 'dev' for a share `dev`, else 'train'."""
    x = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") / 2**32
    return "test" if x < test else "dev" if x < test + dev else "train"


def fold(text):
    """The form in which two texts count as the same for keeping test rows out of training."""
    return " ".join(text.casefold().split()).strip(".!?。！？")


def task(pairs, limit=CANDIDATES):
    """(query, candidate) pairs, candidates unique, to a retrieval task of at most `limit` candidates."""
    candidates, index, queries, answers = [], {}, [], []
    for query, candidate in pairs:
        if candidate not in index and len(candidates) < limit:
            index[candidate] = len(candidates)
            candidates.append(candidate)
        if query is not None and candidate in index:
            queries.append(query)
            answers.append(index[candidate])
    return {"queries": queries, "candidates": candidates, "answers": answers}


def split_musiccaps():
    parts = collections.defaultdict(list)
    for key, aspects, caption in sources.musiccaps() or ():
        parts[part(key, 0.05, 0.1)].append((aspects, caption))
    tasks = {p: task((", ".join(a), c) for a, c in parts[p]) for p in ("dev", "test")}
    return parts["train"], {p: {"musiccaps": t} for p, t in tasks.items()}


def split_tatoeba():
    parts = collections.defaultdict(list)
    for english, chinese, _ in sources.tatoeba() or ():
        parts[part(fold(english), 0.04, 0.06)].append((chinese, english))
    tasks = {}
    held = set()
    for p in ("dev", "test"):
        rows = sorted(parts[p], key=lambda row: hashlib.sha256(row[0].encode()).digest())
        once = {fold(english): (chinese, english) for chinese, english in rows}
        once = list({chinese: (chinese, english) for chinese, english in once.values()}.values())
        tasks[p] = {"tatoeba-zh": task(once)}
        held |= {fold(text) for row in parts[p] for text in row}
    train = [(e, z) for z, e in parts["train"] if fold(z) not in held and fold(e) not in held]
    return train, tasks, held


def split_musicbrainz():
    parts = collections.defaultdict(dict)
    for english, others in sources.musicbrainz() or ():
        parts[part(fold(english), 0.08, 0.2)].setdefault(english, {}).update(others)
    tasks, held = {}, set()
    for p in ("dev", "test"):
        rows = sorted(parts[p].items(), key=lambda row: hashlib.sha256(row[0].encode()).digest())
        english = [(None, e) for e, _ in rows]
        for language in sources.LANGUAGES:
            wanted = [(o[language], e) for e, o in rows if language in o]
            tasks.setdefault(p, {})[f"terms-{language}"] = task(english + wanted)
        held |= {fold(e) for e, _ in rows}
    train = [(e, o, k) for e, others in parts["train"].items() for k, o in others.items()]
    return train, [e for e, o in parts["train"].items() if not o], tasks, held


def dictionaries(held, rng):
    """Pairs of the other sources; a pair whose English is a held-out text is dropped."""
    groups = collections.defaultdict(set)
    for name, rows in (
        ("cc_cedict", sources.cc_cedict()),
        ("edict", sources.edict()),
        ("ding", sources.ding()),
        ("freedict", sources.freedict()),
        ("program", sources.program_catalogues()),
        ("cldr", sources.cldr()),
    ):
        for english, other, language in rows or ():
            if fold(english) not in held and fold(other) not in held:
                key = "freedict-ja" if (name, language) == ("freedict", "ja") else name
                groups[key].add((english, other, language))
    for name, rows in groups.items():
        rows = sorted(rows)
        rng.shuffle(rows)
        yield name, rows[: LIMITS.get(name)]


def mono(rng):
    groups = collections.defaultdict(list)
    for text, kind in sources.names():
        if 2 <= len(text) <= 80:
            groups[kind].append(text)
    for text, language in sources.verses():
        groups[f"verse-{language}"].append(text)
    for name, rows in groups.items():
        rows = sorted(set(rows))
        rng.shuffle(rows)
        yield name, rows[: MONO_LIMITS.get(name)]


def write_jsonl(name, rows):
    with open(CORPUS / name, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(f"{name}: {len(rows)} rows")


def main():
    CORPUS.mkdir(parents=True, exist_ok=True)
    rng = random.Random(3)
    captions, caption_tasks = split_musiccaps()
    tatoeba, tatoeba_tasks, tatoeba_held = split_tatoeba()
    terms, lone_terms, term_tasks, term_held = split_musicbrainz()
    tasks = {p: {**caption_tasks[p], **tatoeba_tasks[p], **term_tasks[p]} for p in ("dev", "test")}
    (CORPUS / "tasks.json").write_text(json.dumps(tasks, ensure_ascii=False), encoding="utf-8")
    for p, group in tasks.items():
        print(p, {k: (len(t["queries"]), len(t["candidates"])) for k, t in group.items()})

    pairs = [("tatoeba", "zh", e, o) for e, o in tatoeba] + [("musicbrainz", k, e, o) for e, o, k in terms]
    for name, rows in dictionaries(tatoeba_held | term_held, rng):
        pairs += [(name, k, e, o) for e, o, k in rows]
        print(name, collections.Counter(k for _, _, k in rows))
    pairs += [("genre", "en", parent, child) for child, parent in sources.genre_tree() or ()]
    tags = [("tags", t) for t in sources.jamendo_tags() or ()]
    singles = [(name, text) for name, rows in mono(rng) for text in rows] + [("musicbrainz", t) for t in lone_terms]

    write_jsonl("musiccaps.jsonl", [{"aspects": a, "caption": c} for a, c in captions])
    write_jsonl("pairs.jsonl", [dict(zip(("source", "language", "en", "other"), p)) for p in pairs])
    write_jsonl("mono.jsonl", [{"source": s, "text": t} for s, t in singles])
    write_jsonl("tags.jsonl", [t for _, t in tags])

    lines = [text for _, c in captions for text in (c,)] + [", ".join(a) for a, _ in captions]
    lines += [text for s, k, e, o in pairs for text in ((e, o) if s in ("tatoeba", "musicbrainz", "cldr") else (o,))]
    lines += [e for s, _, e, _ in pairs if s in ("cc_cedict", "edict")][::3]
    # Music words and Chinese sentences twice: they are few, and the pieces are for them.
    lines += [text for s, _, e, o in pairs if s in ("tatoeba", "musicbrainz") for text in (e, o)]
    lines += [t for _, t in singles]
    rng.shuffle(lines)
    (CORPUS / "tokenizer.txt").write_text("\n".join(" ".join(t.split()) for t in lines) + "\n", encoding="utf-8")
    print(f"tokenizer.txt: {len(lines)} lines")


if __name__ == "__main__":
    main()
