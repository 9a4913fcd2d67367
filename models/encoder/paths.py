"""Where the recipe reads and writes. Every folder can be set from the environment."""

import os
import pathlib

DATA = pathlib.Path(os.environ.get("OSSICLE_DATA", "/work/shared/data"))  # ../shared/data of the data README
WORK = pathlib.Path(os.environ.get("OSSICLE_ENCODER_WORK", "build/encoder"))  # caches, runs, checkpoints
SOURCES = WORK / "sources"  # unpacked registry packages (fetch.sh)
CORPUS = WORK / "corpus"
TOKENIZER = WORK / "tokenizer" / "tokenizer.model"
VECTORS = WORK / "vectors"
RUNS = WORK / "runs"
CHECKPOINT = WORK / "checkpoint"
