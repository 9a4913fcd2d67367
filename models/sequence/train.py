"""train.py SEED|fold:SEED/FOLD|BUNDLE_FOLDER RUN [--channels 64 ...]: trains on a split, on all listeners outside a
fold, or on all data with a catalogue bundle.

A user's items in random order; at some rows of the sequence the target is all that remains of the set (softmax over
the catalogue without what was already given, mean over the targets). The last finished epoch is kept in
WORK/runs/RUN/state.pt and a stopped run goes on from there; the best on validation is the checkpoint.
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch

import data
import metrics
from model import Sequence, make_config
from paths import RUNS


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("source"), p.add_argument("run")
    p.add_argument("--channels", type=int, default=64), p.add_argument("--layers", type=int, default=1)
    p.add_argument("--heads", type=int, default=4), p.add_argument("--dropout", type=float, default=0.2)
    p.add_argument("--rate", type=float, default=3e-3), p.add_argument("--decay", type=float, default=0.02)
    p.add_argument("--epochs", type=int, default=24), p.add_argument("--batch", type=int, default=48)
    p.add_argument("--rows", type=int, default=4, help="rows of a sequence that have a loss")
    p.add_argument("--no-text", action="store_true"), p.add_argument("--drop-text", type=float, default=0.2)
    p.add_argument("--cold-sample", type=int, default=500, help="of items with one listener, in a softmax")
    p.add_argument("--every", type=int, default=5, help="epochs between two looks at validation")
    p.add_argument("--seed", type=int, default=1)
    return p.parse_args()


class Tensors:
    """Items that most people know come first. With `cold_sample`, items from `warm` on, the tail that no more than one
    listener played, are inputs as all are, but never targets, and the softmax is over a sample of them."""

    def __init__(self, x, cold_sample=0):
        tail = int((x.listeners >= 2).sum())
        self.warm = tail if cold_sample and tail + cold_sample < len(x.listeners) else len(x.listeners)
        self.cold_sample = cold_sample
        self.has_text = torch.tensor(x.text.any(1))
        self.factors, self.text = torch.tensor(x.factors), torch.tensor(x.text)
        self.log_listeners = torch.log2(1 + torch.tensor(x.listeners, dtype=torch.float32))


def inputs(t, items, use_text):
    """items [B, n], -1 = padding."""
    at = items.clamp(min=0)
    return t.factors[at], t.text[at] if use_text else None, t.has_text[at]


def batch_of(sets, most):
    out = torch.full((len(sets), most), -1)
    for r, items in enumerate(sets):
        out[r, : len(items)] = torch.from_numpy(items)
    return out


def loss_of(model, t, sets, rows, drop_text, rng):
    """Mean over users and rows of the cross entropy against all that remains."""
    orders = [rng.permutation(s) for s in sets]
    items = batch_of(orders, max(map(len, orders)))
    factors, text, has = inputs(t, items, True)
    if text is not None:
        has &= torch.from_numpy(rng.random(len(sets)) >= drop_text)[:, None]
    u = model(factors[:, :-1], text[:, :-1], has[:, :-1])
    lengths = np.array([len(s) for s in orders])
    at = torch.from_numpy(np.floor(rng.random((len(sets), rows)) * lengths[:, None]).astype(np.int64))
    users = torch.arange(len(sets))[:, None].expand(-1, rows)
    u = u[users, at]
    logits = u @ t.factors[: t.warm].T + model.popularity * t.log_listeners[: t.warm]  # [B, rows, warm]
    place = torch.arange(items.shape[1])
    warm = (items < t.warm)[:, None]
    given = (place < at[..., None]) & warm  # [B, rows, n]
    b, r, _ = given.nonzero(as_tuple=True)
    logits[b, r, items[:, None].expand_as(given)[given]] = -torch.inf
    targets = (place >= at[..., None]) & (items >= 0)[:, None] & warm
    picked = logits.gather(2, items.clamp(0, t.warm - 1)[:, None].expand_as(targets))
    count = targets.sum(-1)
    picked = torch.where(targets, picked, 0).sum(-1) / count.clamp(min=1)
    total = torch.logsumexp(logits, -1)
    n_cold = len(t.factors) - t.warm
    if n_cold:
        sample = torch.from_numpy(t.warm + rng.choice(n_cold, t.cold_sample, replace=False))
        cold = u @ t.factors[sample].T + model.popularity * t.log_listeners[sample]
        total = torch.logaddexp(total, torch.logsumexp(cold, -1) + math.log(n_cold / t.cold_sample))
    return ((total - picked) * (count > 0)).mean()


@torch.no_grad()
def scores_of(model, t, sets, plays, use_text=True):
    """Logits [U, N] after whole sets, least played first; what was given is -inf."""
    model.eval()
    out = np.empty((len(sets), len(t.factors)), np.float32)
    for start in range(0, len(sets), 256):
        part = [s[np.argsort(p, kind="stable")] for s, p in zip(sets[start : start + 256], plays[start : start + 256])]
        items = batch_of(part, max(map(len, part)))
        u = model(*inputs(t, items, use_text))[torch.arange(len(part)), [len(s) for s in part]]
        logits = (u @ t.factors.T + model.popularity * t.log_listeners).numpy()
        for r, s in enumerate(part):
            logits[r, s] = -np.inf
        out[start : start + len(part)] = logits
    return out


def base_scores(x):
    """Weighted iALS, int8 items, users solved again; what was given is -inf."""
    out = x.users @ x.factors.T
    for u, s in enumerate(x.train):
        out[u, s] = -np.inf
    return out


def validate(model, t, x, base):
    seq = scores_of(model, t, x.train, x.plays)
    rows = {"alone": metrics.top(seq, 10)}
    weights = (0.1, 0.2, 0.4)
    rows |= {f"+{w}": ranked for w, ranked in zip(weights, metrics.reranked(base, seq, weights))}
    return {n: float(metrics.per_user(r, x.validation, x.lost_validation)[:, 0].mean()) for n, r in rows.items()}


def main():
    a = parse()
    torch.set_num_threads(1)
    torch.manual_seed(a.seed)
    whole = not a.source.isdigit()
    if a.source.startswith("fold:"):
        x, _ = data.load_fold(*map(int, a.source[5:].split("/")))
    else:
        x = data.load_bundle(a.source) if whole else data.load_split(int(a.source))
    t = Tensors(x, a.cold_sample)
    text = 0 if a.no_text else x.text.shape[1]
    scale = 1.0 if a.no_text else float(x.text[t.has_text].std() / x.factors[t.has_text].std())
    config = make_config(x.factors.shape[1], text, a.channels, a.layers, a.heads, factor_scale=scale)
    model = Sequence(config, a.dropout)
    folder = RUNS / a.run
    folder.mkdir(parents=True, exist_ok=True)
    optimiser = torch.optim.AdamW(model.parameters(), a.rate, betas=(0.9, 0.98), weight_decay=a.decay)
    sets = [s for s in x.train if len(s) > 1]
    steps = a.epochs * -(-len(sets) // a.batch)
    warm = min(50, steps // 10 + 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min((s + 1) / warm, 0.5 + 0.5 * np.cos(np.pi * min(s / steps, 1)) + 1e-3)
    )
    first, best, log = 0, -1.0, []
    if (folder / "state.pt").exists():
        state = torch.load(folder / "state.pt", weights_only=False)
        model.load_state_dict(state["model"]), optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        first, best, log = state["epoch"], state["best"], state["log"]
    base = None if whole else base_scores(x)
    if base is not None and first == 0:
        found = metrics.per_user(metrics.top(base, 10), x.validation, x.lost_validation)
        print(f"weighted iALS, validation: ndcg {found[:, 0].mean():.4f}", flush=True)
    for epoch in range(first, a.epochs):
        started, rng = time.time(), np.random.default_rng([a.seed, epoch])
        model.train()
        total, order = 0.0, rng.permutation(len(sets))
        for start in range(0, len(sets), a.batch):
            part = [sets[i] for i in order[start : start + a.batch]]
            loss = loss_of(model, t, part, a.rows, a.drop_text, rng)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step(), schedule.step()
            total += loss.item() * len(part)
        row = {"epoch": epoch + 1, "loss": total / len(sets)}
        last = epoch + 1 == a.epochs
        if base is not None and ((epoch + 1) % a.every == 0 or last):
            row |= validate(model, t, x, base)
        if whole and last or row.get("alone", -1.0) > best:
            best = row.get("alone", best)
            torch.save({"config": model.config, "model": model.state_dict()}, folder / "best.pt")
        log.append(row)
        print(json.dumps({k: round(v, 4) for k, v in row.items()}), f"{time.time() - started:.1f} s", flush=True)
        torch.save(
            {
                "model": model.state_dict(),
                "optimiser": optimiser.state_dict(),
                "schedule": schedule.state_dict(),
                "epoch": epoch + 1,
                "best": best,
                "log": log,
            },
            folder / "state.pt",
        )
    Path(folder / "log.json").write_text(json.dumps({"arguments": vars(a), "log": log}))


if __name__ == "__main__":
    main()
