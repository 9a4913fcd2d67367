"""Checks `ossicle pack` and `ossicle embed` against PyTorch on random checkpoints: check.py FOLDER.

Makes, with Hugging Face's own BertModel and XLMRobertaModel, a small checkpoint of each kind with random weights and a
sentencepiece model; packs both ($OSSICLE names the tool) and compares every vector. Exits with 1 when the mean cosine
is below 0.995 or one is below 0.99.
"""

import os
import pathlib
import subprocess
import sys

import numpy
import sentencepiece
import torch
import transformers

MEAN, LEAST = 0.995, 0.99
TOKENS = 130
SHAPE = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 256}
TEXTS = [
    "",
    "piano",
    "a slow, sad ballad with soft female vocals",
    "悲伤的钢琴曲",
    "ピアノ協奏曲",
    "clavecin à deux claviers",
    "Querflöte aus Bambus",
    "Мелодия 🎵",
    "Ｆｕｌｌ　ｗｉｄｔｈ",
    "la " * 300,
]


def tokenizer(path):
    """A small sentencepiece model over the repository's own English, its ids: 0 unknown, 1 <s>, 2 </s>."""
    root = pathlib.Path(__file__).resolve().parents[2]
    lines = [line for page in sorted(root.glob("**/README.md")) for line in page.read_text("utf-8").splitlines()]
    with open(path, "wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines + TEXTS * 3),
            model_writer=file,
            vocab_size=900,
            byte_fallback=True,
            hard_vocab_limit=False,
            minloglevel=2,
        )
    return sentencepiece.SentencePieceProcessor(model_file=str(path))


def randomise(model):
    """Biases and norms away from 0 and 1, so that a swap shows."""
    torch.manual_seed(7)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, mean=float(parameter.mean() > 0.5), std=0.08)
    return model.eval()


def bert(folder):
    """(model, text -> ids): the sentencepiece model's own ids."""
    pieces = tokenizer(folder / "tokenizer.model")
    # BERT has no fixed ids for a sentencepiece model: the checkpoint says which pieces frame a text.
    config = transformers.BertConfig(
        vocab_size=pieces.vocab_size(), max_position_embeddings=TOKENS, bos_piece_id=1, eos_piece_id=2, **SHAPE
    )
    model = transformers.BertModel(config, add_pooling_layer=False)
    return model, lambda text: [1, *pieces.encode(text)[: TOKENS - 2], 2]


def xlm_roberta(folder):
    """(model, text -> ids): fairseq's ids, 0 <s>, 1 padding, 2 </s>, 3 unknown, then the pieces from the third on."""
    pieces = tokenizer(folder / "sentencepiece.bpe.model")
    config = transformers.XLMRobertaConfig(
        vocab_size=pieces.vocab_size() + 1, max_position_embeddings=TOKENS + 2, pad_token_id=1, type_vocab_size=1, **SHAPE
    )
    model = transformers.XLMRobertaModel(config, add_pooling_layer=False)
    return model, lambda text: [0, *(p + 1 if p else 3 for p in pieces.encode(text)[: TOKENS - 2]), 2]


def expected(model, ids):
    """[N, C] unit vectors: the mean of the last states over all tokens."""
    with torch.inference_mode():
        states = [model(torch.tensor([row])).last_hidden_state[0].mean(dim=0) for row in ids]
    return torch.nn.functional.normalize(torch.stack(states), dim=1).numpy()


def packed(folder):
    """[N, C] by the product."""
    tool, lines, out = os.environ.get("OSSICLE", "ossicle"), folder / "texts.txt", folder / "vectors.f32"
    lines.write_text("".join(t + "\n" for t in TEXTS), encoding="utf-8")
    subprocess.run([tool, "pack", "--checkpoint", folder, "--out", folder / "bundle"], check=True)
    subprocess.run([tool, "embed", "--bundle", folder / "bundle", "--in", lines, "--out", out], check=True)
    return numpy.fromfile(out, "<f4").reshape(len(TEXTS), -1)


def main():
    good = True
    for make in (bert, xlm_roberta):
        folder = pathlib.Path(sys.argv[1], make.__name__)
        folder.mkdir(parents=True, exist_ok=True)
        model, ids = make(folder)
        randomise(model).save_pretrained(folder)
        cosines = (expected(model, [ids(t) for t in TEXTS]) * packed(folder)).sum(axis=1)
        good &= cosines.mean() >= MEAN and cosines.min() >= LEAST
        print(f"{make.__name__}: {len(TEXTS)} texts, mean cosine {cosines.mean():.4f}, least {cosines.min():.4f}")
    sys.exit(not good)


if __name__ == "__main__":
    main()
