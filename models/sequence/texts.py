"""Unit text vectors [n, 64] of artists: "name, tag, tag, ...", as a search encodes a document of a name and tags."""

import subprocess
import tempfile
from collections import Counter, defaultdict

import numpy as np

from paths import DATA, ENCODER, OSSICLE, WORK

SIZE = 64
TAGS_PER_ITEM, TAG_MIN_ITEMS = 5, 5  # as `ossicle train` keeps them


def read_tsv(name):
    with open(DATA / name, encoding="utf-8") as file:
        next(file)
        return [line.rstrip("\n").split("\t") for line in file]


def artist_names():
    return {row[0]: row[1] for row in read_tsv("artists.tsv")}


def strongest_tags(held_out, without_users=frozenset()):
    """{artist id: [tag names]}, strongest first. `held_out` is a set of (user id, artist id): a tag that a user gave
    to an artist held out for that user is not counted, it would give the answer away; nor is any of `without_users`."""
    name_of = {row[0]: row[1] for row in read_tsv("tags.tsv")}
    count, spread = defaultdict(Counter), defaultdict(set)
    for user, artist, tag, *_ in read_tsv("user_taggedartists.tsv"):
        if user in without_users or (user, artist) in held_out:
            continue
        count[artist][tag] += 1
        spread[tag].add(artist)

    def order(tags):
        kept = [(tag, n) for tag, n in tags.items() if len(spread[tag]) >= TAG_MIN_ITEMS]
        kept.sort(key=lambda one: (-one[1], -len(spread[one[0]]), name_of[one[0]]))
        return [name_of[tag] for tag, _ in kept[:TAGS_PER_ITEM]]

    return {artist: order(tags) for artist, tags in count.items()}


def embed(texts):
    """[n, SIZE]. Vectors are kept in WORK/texts.npz, so that a text is encoded once."""
    store = WORK / "texts.npz"
    known = {}
    if store.exists():
        with np.load(store, allow_pickle=False) as old:
            known = dict(zip(old["texts"].tolist(), old["vectors"]))
    new = sorted(set(texts) - known.keys())
    if new:
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/in", "w", encoding="utf-8") as file:
                file.write("".join(f"{text}\n" for text in new))
            command = [OSSICLE, "embed", "--bundle", ENCODER, "--in", f"{folder}/in", "--out", f"{folder}/out"]
            subprocess.run([*map(str, command), "--dimensions", str(SIZE)], check=True)
            vectors = np.fromfile(f"{folder}/out", np.float32).reshape(-1, SIZE)
        known.update(zip(new, vectors))
        keys = sorted(known)
        np.savez(store, texts=np.array(keys), vectors=np.stack([known[key] for key in keys]))
    return np.stack([known[text] for text in texts])


def artist_texts(artists, held_out=frozenset(), without_users=frozenset()):
    """Documents of artist ids."""
    names, tags = artist_names(), strongest_tags(held_out, without_users)
    return [", ".join([names[artist], *tags.get(artist, [])]).replace("\n", " ") for artist in artists]
