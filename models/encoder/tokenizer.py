"""Trains the sentencepiece unigram tokenizer, or encodes texts with it.

Ids: 0 pad, 1 unknown, 2 <s>, 3 </s>. NFKC with case folding, byte fallback: no text maps to unknown.
"""

import os

import numpy
import sentencepiece
import torch

from paths import CORPUS, TOKENIZER

BOS, EOS = 2, 3
MAX_TOKENS = 128
PIECES = int(os.environ.get("OSSICLE_PIECES", "20000"))


class Tokenizer:
    """Texts to id rows `<s> pieces </s>`, cut after MAX_TOKENS."""

    def __init__(self, path=TOKENIZER):
        self.model = sentencepiece.SentencePieceProcessor(model_file=str(path))

    def rows(self, texts):
        """List of id lists."""
        return [[BOS, *ids[: MAX_TOKENS - 2], EOS] for ids in self.model.encode(list(texts))]


def padded(rows):
    """Id lists -> ids [B,T] padded with 0, lengths [B]."""
    lengths = torch.tensor([len(r) for r in rows])
    ids = numpy.zeros((len(rows), int(lengths.max())), dtype=numpy.int64)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = row
    return torch.from_numpy(ids), lengths


def main():
    if TOKENIZER.exists():
        print(f"{TOKENIZER} is there")
        return
    TOKENIZER.parent.mkdir(parents=True, exist_ok=True)
    sentencepiece.SentencePieceTrainer.train(
        input=str(CORPUS / "tokenizer.txt"),
        model_prefix=str(TOKENIZER.with_suffix("")),
        model_type="unigram",
        vocab_size=PIECES,
        character_coverage=0.9995,
        byte_fallback=True,
        normalization_rule_name="nmt_nfkc_cf",
        pad_id=0,
        unk_id=1,
        bos_id=BOS,
        eos_id=EOS,
        max_sentencepiece_length=16,
        num_threads=2,
        train_extremely_large_corpus=False,
        minloglevel=1,
    )
    print(f"{TOKENIZER}: {TOKENIZER.stat().st_size} bytes")


if __name__ == "__main__":
    main()
