"""The reference library's ids: reference_ids.py FOLDER [LINES]. Writes lines.json, a list of texts in all trained languages, and ids.json,
the ids that sentencepiece's own Python package gives for them with the released tokenizer; tests/quality/tokenizer.mjs compares.
"""

import json
import pathlib
import random
import sys

import sentencepiece

from paths import CORPUS

ODD = ["", " ", "\t\n", "\u0000a\u0000", "e\u0301 ﬁ ①", "Ｆｕｌｌ　ｗｉｄｔｈ", "❤️🎵🎹👩‍🎤🇧🇷", "العود", "ไทย", "Ελληνικά", "a" * 3000, " " * 3000 + "x"]


def main():
    folder = pathlib.Path(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 50000
    texts = set()
    for line in open(CORPUS / "pairs.jsonl", encoding="utf-8"):
        row = json.loads(line)
        texts.update((row["other"], row["en"]))
    for name, key in (("mono.jsonl", "text"), ("musiccaps.jsonl", "caption")):
        texts.update(json.loads(line)[key] for line in open(CORPUS / name, encoding="utf-8"))
    lines = ODD + random.Random(3).sample(sorted(texts), count - len(ODD))
    model = pathlib.Path(__file__).parent / "bundle" / "tokenizer.model"
    ids = sentencepiece.SentencePieceProcessor(model_file=str(model)).encode(lines)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lines.json").write_text(json.dumps(lines, ensure_ascii=False), encoding="utf-8")
    (folder / "ids.json").write_text(json.dumps(ids), encoding="utf-8")
    print(f"{folder}: {len(lines)} lines, {sum(map(len, ids))} ids, sentencepiece {sentencepiece.__version__}")


if __name__ == "__main__":
    main()
