"""export.py RUN|random OUT CATALOGUE_BUNDLE: a checkpoint that `ossicle pack-sequence` reads, and
reference.safetensors, what it gives for some lists of the catalogue's items.

`random` has random weights, for tests of the runtime.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

import data
from model import Sequence, make_config
from paths import RUNS

LISTS, ITEMS = 8, 24  # of the reference


def load(run):
    kept = torch.load(RUNS / run / "best.pt", weights_only=False)
    model = Sequence(kept["config"])
    model.load_state_dict(kept["model"])
    return model.eval()


def random_model(factors):
    torch.manual_seed(7)
    model = Sequence(make_config(factors, 64, 64, 2, 4, factor_scale=0.5))
    with torch.no_grad():
        for weights in model.parameters():
            weights.add_(0.05 * torch.randn_like(weights))
    return model.eval()


def reference(model, factors):
    """Lists of random rows and lengths; the last has no items. Every third item has no text."""
    rng = np.random.default_rng(5)
    lengths = [*rng.integers(1, ITEMS + 1, LISTS - 2), ITEMS, 0]
    items = torch.full((LISTS, ITEMS), -1)
    for row, n in enumerate(lengths):
        items[row, :n] = torch.from_numpy(rng.choice(len(factors), n, replace=False))
    real = items >= 0
    q = torch.tensor(factors)[items.clamp(min=0)] * real[..., None]
    out = {"items": items.int(), "factors": q}
    text, has = None, None
    if model.absent is not None:
        text = torch.nn.functional.normalize(torch.randn(LISTS, ITEMS, model.config["text"]), dim=-1)
        has = real & (torch.arange(ITEMS) % 3 != 2)
        out["text"] = text * has[..., None]  # a row of zeros: no text, `absent` in its place
    with torch.no_grad():
        u = model(q, text, has)
    inside = torch.arange(ITEMS + 1) <= torch.tensor(lengths)[:, None]
    out["u"] = u * inside[..., None]
    return out


def main():
    run, out, bundle = sys.argv[1:]
    _, _, factors = data.read_catalogue(bundle)
    model = random_model(factors.shape[1]) if run == "random" else load(run)
    weights = {name: value.detach().contiguous() for name, value in model.state_dict().items()}
    config = dict(model.config, popularity=float(weights.pop("popularity")))
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(weights, out / "model.safetensors")
    save_file({n: t.float() if n != "items" else t for n, t in reference(model, factors).items()},
              out / "reference.safetensors")
    print(out, sum(w.numel() for w in weights.values()), "weights")


if __name__ == "__main__":
    main()
