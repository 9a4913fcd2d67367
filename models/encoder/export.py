"""Writes and reads checkpoint folders: config.json, model.safetensors (Hugging Face BERT names), tokenizer.model.

  export.py fixture FOLDER   a random-weight checkpoint with reference vectors, for the C++ loader's tests
  export.py run RUN FOLDER   the newest state of a training run
"""

import json
import os
import pathlib
import shutil
import sys

import numpy
import safetensors.torch
import torch

from paths import CORPUS, RUNS, TOKENIZER
from student import Config, Encoder
from teachers import from_hugging_face, to_hugging_face
from tokenizer import Tokenizer, padded


def save(encoder, folder, extra=None):
    """Replaces `folder` as a whole; `extra` maps file names to texts."""
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    (fresh / "config.json").write_text(encoder.config.to_json())
    weights = to_hugging_face(encoder.state_dict(), encoder.config.num_hidden_layers)
    safetensors.torch.save_file(weights, fresh / "model.safetensors")
    shutil.copy(TOKENIZER, fresh / "tokenizer.model")
    for name, text in (extra or {}).items():
        (fresh / name).write_text(text, encoding="utf-8")
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.rename(folder, old)
    os.rename(fresh, folder)
    shutil.rmtree(old, ignore_errors=True)


def load_encoder(folder):
    raw = json.loads((folder / "config.json").read_text())
    config = Config(**{k: raw[k] for k in Config.__dataclass_fields__})
    weights = safetensors.torch.load_file(folder / "model.safetensors")
    state = from_hugging_face(weights, config.num_hidden_layers)
    state["word_projection.weight"] = weights["embeddings.word_projection.weight"]
    state["head.weight"] = weights["head.projection.weight"]
    encoder = Encoder(config)
    encoder.load_state_dict(state)
    return encoder.eval()


def encode_f32(encoder, tokenizer, texts, batch=64):
    """float32 unit vectors [N, D], without autocast: the reference."""
    out = numpy.zeros((len(texts), encoder.config.projection_size), dtype=numpy.float32)
    rows = tokenizer.rows(texts)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    for at in range(0, len(order), batch):
        picked = order[at : at + batch]
        with torch.inference_mode():
            out[picked] = encoder(*padded([rows[i] for i in picked])).numpy()
    return out


def load(folder):
    encoder, tokenizer = load_encoder(folder), Tokenizer(folder / "tokenizer.model")
    return lambda texts: encode_f32(encoder, tokenizer, texts)


FIXTURE_TEXTS = [
    "",
    " ",
    "piano",
    "Smells Like Teen Spirit",
    "a slow, sad ballad with soft female vocals",
    "悲伤的钢琴曲",
    "十二弦吉他",
    "ピアノ協奏曲",
    "guitarra de doce cuerdas",
    "clavecin à deux claviers",
    "Querflöte aus Bambus",
    "Мелодия",
    "🎵🎸",
    "Beyoncé — Déjà Vu (feat. Jay-Z)",
    "Ｆｕｌｌ　ｗｉｄｔｈ",
    "drum & bass 170 bpm",
]


def fixture(folder):
    torch.manual_seed(7)
    encoder = Encoder(Config(vocab_size=Tokenizer().model.vocab_size()))
    for parameter in encoder.parameters():  # biases and norms away from 0 and 1, so that a swap shows
        torch.nn.init.normal_(parameter, mean=float(parameter.mean() > 0.5), std=0.08)
    encoder.eval()
    caption = json.loads((CORPUS / "musiccaps.jsonl").open(encoding="utf-8").readline())["caption"]
    texts = [*FIXTURE_TEXTS, caption, " ".join([caption] * 4), "la " * 300, "\t\n tabs \u00a0 and\u200bspaces "]
    tokenizer = Tokenizer()
    vectors = encode_f32(encoder, tokenizer, texts)
    rows = [{"text": t, "ids": i, "vector": v.tolist()} for t, i, v in zip(texts, tokenizer.rows(texts), vectors)]
    save(encoder, folder, {"reference.json": json.dumps(rows, ensure_ascii=False)})
    print(f"{folder}: {len(texts)} texts")


def main():
    if sys.argv[1] == "fixture":
        fixture(pathlib.Path(sys.argv[2]))
    else:
        state = torch.load(RUNS / sys.argv[2] / "state.pt", weights_only=False)
        encoder = Encoder(state["config"])
        encoder.load_state_dict(state["model"])
        save(encoder, pathlib.Path(sys.argv[3]))


if __name__ == "__main__":
    main()
