"""Where the recipe reads and writes. Every folder can be set from the environment."""

import os
import pathlib

_ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("OSSICLE_DATA", _ROOT.parent / "shared" / "data"))
WORK = pathlib.Path(os.environ.get("OSSICLE_ENCODER_WORK", _ROOT / "build" / "encoder"))  # caches, runs, checkpoints
SOURCES = WORK / "sources"  # unpacked registry packages (fetch.sh)
CORPUS = WORK / "corpus"
TOKENIZER = WORK / "tokenizer" / "tokenizer.model"
VECTORS = WORK / "vectors"
RUNS = WORK / "runs"
CHECKPOINT = WORK / "checkpoint"
