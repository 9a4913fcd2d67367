"""What a model is trained on: a catalogue's item vectors, and users' item sets with play counts."""

import json
from dataclasses import dataclass

import numpy as np
from safetensors.numpy import load_file

import texts
from paths import SPLITS


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
    held_out = {(names["users"][u], names["items"][i]) for part in ("validation", "test") for u, i in pairs[part]}
    artists = [names["items"][i] for i in tensors["items"]]
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
