"""What a model is trained on: a catalogue's item vectors, and users' item sets with play counts."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

import texts
from paths import DATA, SPLITS, WORK


@dataclass
class Dataset:
    factors: np.ndarray  # F32 [n, d], as the catalogue dequantises them
    text: np.ndarray  # F32 [n, e], unit length
    listeners: np.ndarray  # I64 [n], of the training part
    train: list  # [U] arrays of rows, rising
    plays: list  # [U] arrays of play counts beside `train`
    validation: list  # [U] arrays of rows of items that the model has
    test: list
    lost_validation: np.ndarray  # [U], held-out items that the model lacks: misses, and counted as such
    lost_test: np.ndarray
    users: np.ndarray  # F32 [U, d], the weighted iALS vector of every user


def rows_by_user(pairs, row_of_item, n_users):
    """Rows of each user, and how many items had none."""
    rows = row_of_item[pairs[:, 1]]
    kept = rows >= 0
    lost = np.bincount(pairs[~kept, 0], minlength=n_users)
    order = np.lexsort((rows[kept], pairs[kept, 0]))
    users, rows = pairs[kept, 0][order], rows[kept][order]
    cuts = np.searchsorted(users, np.arange(1, n_users))
    return np.split(rows, cuts), lost, np.flatnonzero(kept)[order], cuts


def artists_of_split(seed):
    """Artist id of each row, and what a split holds out as (user id, artist id)."""
    folder = SPLITS / f"seed-{seed}"
    tensors, names = load_file(folder / "split.safetensors"), json.loads((folder / "names.json").read_text())
    pairs = np.concatenate([tensors["validation"], tensors["test"]])
    held_out = {(names["users"][u], names["items"][i]) for u, i in pairs}
    return [names["items"][i] for i in tensors["items"]], held_out


def load_split(seed):
    """A split that `ossicle eval --export-split` wrote."""
    folder = SPLITS / f"seed-{seed}"
    tensors = load_file(folder / "split.safetensors")
    names = json.loads((folder / "names.json").read_text())
    n_users = len(names["users"])
    row_of_item = np.full(len(names["items"]), -1)
    row_of_item[tensors["items"]] = np.arange(len(tensors["items"]))
    pairs = {part: tensors[part].astype(np.int64) for part in ("train", "validation", "test")}
    train, _, order, cuts = rows_by_user(pairs["train"], row_of_item, n_users)
    validation, lost_validation, *_ = rows_by_user(pairs["validation"], row_of_item, n_users)
    test, lost_test, *_ = rows_by_user(pairs["test"], row_of_item, n_users)
    artists, held_out = artists_of_split(seed)
    return Dataset(
        factors=tensors["factors"],
        text=texts.embed(texts.artist_texts(artists, held_out)),
        listeners=np.bincount(np.concatenate(train), minlength=len(artists)),
        train=train,
        plays=np.split(tensors["plays"][order], cuts),
        validation=validation,
        test=test,
        lost_validation=lost_validation,
        lost_test=lost_test,
        users=tensors["users"],
    )


def read_catalogue(folder):
    """Names, listeners and dequantised factors of a catalogue bundle of one shard (format versions 2 and 3)."""
    tensors = load_file(Path(folder) / "catalogue-0.safetensors")
    rows = tensors["item.q"].astype(np.float32)
    if "item.q4" in tensors:
        nibbles = tensors["item.q4"]
        cold = np.stack([nibbles & 15, nibbles >> 4], -1).reshape(len(nibbles), -1)[:, : rows.shape[1]]
        rows = np.concatenate([rows, cold.astype(np.float32) - 8])
    names, cuts = tensors["item.name.bytes"].tobytes(), tensors["item.name.offset"]
    names = [names[a:b].decode() for a, b in zip(cuts, cuts[1:])]
    return names, tensors["item.listeners"].astype(np.int64), rows * tensors["item.scale"][:, None]


def warm_texts(artists, listeners):
    """A row of zeros, no text, for items that fewer than two people played: most of those documents are a bare name."""
    documents = texts.artist_texts(artists)
    warm = np.flatnonzero(listeners >= 2)
    out = np.zeros((len(artists), texts.SIZE), np.float32)
    out[warm] = texts.embed([documents[row] for row in warm])
    return out


def load_bundle(folder):
    """All data, nothing held out, with a catalogue bundle that `ossicle train` made of the same data."""
    names, listeners, factors = read_catalogue(folder)
    row_of_name = {name: row for row, name in enumerate(names)}
    artist_name = texts.artist_names()
    users, found = {}, {}
    for user, artist, plays in texts.read_tsv("user_artists.tsv"):
        row = row_of_name.get(artist_name[artist])
        if row is None:
            continue
        found[row] = artist
        users.setdefault(user, {})[row] = float(plays)
    missing = [name for row, name in enumerate(names) if row not in found]
    if missing:
        raise SystemExit(f"{folder}: {len(missing)} items are not in {DATA}, the first is {missing[0]!r}")
    train = [np.array(sorted(one)) for one in users.values()]
    none = [np.array([], int)] * len(train)
    return Dataset(
        factors=factors,
        text=warm_texts([found[row] for row in range(len(names))], listeners),
        listeners=listeners,
        train=train,
        plays=[np.array([one[row] for row in rows]) for one, rows in zip(users.values(), train)],
        validation=none,
        test=none,
        lost_validation=np.zeros(len(train), int),
        lost_test=np.zeros(len(train), int),
        users=np.zeros((len(train), factors.shape[1]), np.float32),
    )


def fold_folder(seed, fold):
    return WORK / "folds" / f"seed-{seed}" / f"fold-{fold}"


def load_fold(seed, fold, folds=5):
    """The data of the other folds' listeners, and this fold's listeners: lists of rows, plays, masked rows, rows of the
    truth, how much of the truth has no row, rows that the engine ranked. Names of the catalogue are artist ids."""
    names, listeners, factors = read_catalogue(fold_folder(seed, fold))
    row = {name: i for i, name in enumerate(names)}

    def rows_of(ids):
        return np.array([row[i] for i in ids if i in row], int)

    train, plays, own, held_out, inside = [], [], [], set(), set()
    for other in range(folds):
        for line in (fold_folder(seed, other) / "users.jsonl").read_text().splitlines():
            one = json.loads(line)
            held_out |= {(one["user"], artist) for artist in one["masked"] + one["truth"]}
            items = rows_of(one["history"])
            count = np.array([n for i, n in zip(one["history"], one["plays"]) if i in row], float)
            if other != fold:
                train.append(items), plays.append(count)
                continue
            inside.add(one["user"])
            truth = rows_of(one["truth"])
            own.append((items, count, rows_of(one["masked"]), truth, len(one["truth"]) - len(truth), rows_of(one["ranked"])))
    none = [np.array([], int)] * len(train)
    x = Dataset(
        factors=factors,
        text=texts.embed(texts.artist_texts(names, held_out, inside)),
        listeners=listeners,
        train=train,
        plays=plays,
        validation=none,
        test=none,
        lost_validation=np.zeros(len(train), int),
        lost_test=np.zeros(len(train), int),
        users=np.zeros((len(train), factors.shape[1]), np.float32),
    )
    return x, tuple(map(list, zip(*own)))
