"""Where the recipe reads and writes."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WORK = Path(os.environ["OSSICLE_SEQUENCE_WORK"])
DATA = Path(os.environ.get("DATA", ROOT.parent / "shared/data/hetrec2011-lastfm-2k"))
OSSICLE = Path(os.environ.get("OSSICLE", ROOT / "build/native-release/core/tools/ossicle"))
ENCODER = ROOT / "models/encoder/bundle"
SPLITS = WORK / "splits"
RUNS = WORK / "runs"
