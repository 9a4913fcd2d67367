"""Trains the student: distil.py RUN MINUTES [FROM]. A run that was stopped goes on from its last state.

A run with FROM starts from the weights of that finished run, with a fresh optimiser and learning rate.

Loss of a batch of pairs: InfoNCE in both directions at the nested sizes 256, 128 and 64, plus the distance of each
English text to its teacher vector, to which the translation is pulled too (Reimers & Gurevych 2020); of a batch
of single texts: the distance to the teacher and the KL divergence between the similarities within the batch.
The teacher is multilingual-e5-small under a projection tuned on the same pairs (tuned_projection).
"""

import json
import math
import random
import sys
import time

import numpy
import torch
import torch.nn.functional as F

import evaluate
import export
from paths import CHECKPOINT, CORPUS, RUNS, VECTORS
from student import Config, Encoder
from teachers import E5
from tokenizer import Tokenizer, padded
from vectors import sentences

SEED = 11
TEACHER_LAYERS = (0, 5, 11)
NESTED = (256, 128, 64)
TEMPERATURE = 0.05
PEAK_RATE = 5e-4
WARMUP_STEPS = 40
QUANTISED_FROM = 0.75  # share of the time after which int8 is imitated
SAVE_SECONDS = 150
# source: (share of the batches, pairs a batch)
MIX = {
    "musiccaps": (0.22, 64),
    "tatoeba": (0.14, 224),
    "musicbrainz": (0.24, 320),
    "cc_cedict": (0.07, 256),
    "edict": (0.04, 256),
    "freedict-ja": (0.03, 256),
    "ding": (0.05, 256),
    "freedict": (0.08, 256),
    "program": (0.06, 192),
    "cldr": (0.02, 192),
    "mono": (0.05, 224),
}


class Corpus:
    """Pairs by source, captions, single texts, and the teacher's vectors by text."""

    def __init__(self):
        def rows(name):
            return [json.loads(line) for line in open(CORPUS / name, encoding="utf-8")]

        self.captions = rows("musiccaps.jsonl")
        self.pairs = {}
        for row in rows("pairs.jsonl"):
            self.pairs.setdefault(row["source"], []).append((row["other"], row["en"]))
        self.mono = [row["text"] for row in rows("mono.jsonl")]
        texts = json.loads((VECTORS / "texts.json").read_text(encoding="utf-8"))
        self.index = {t: i for i, t in enumerate(texts)}
        self.raw = torch.from_numpy(numpy.load(VECTORS / "e5.npy")).float()
        self.mono = [t for t in self.mono if t in self.index]

    def caption_pair(self, row, rng):
        """(some of the aspects, the caption or some of its sentences)."""
        aspects = list(row["aspects"])
        if rng.random() < 0.6:
            aspects = rng.sample(aspects, max(1, round(len(aspects) * rng.uniform(0.5, 1))))
        caption = row["caption"]
        if rng.random() < 0.25:
            parts = sentences(caption)
            if len(parts) > 2:
                caption = " ".join(sorted(rng.sample(parts, len(parts) - 1), key=parts.index))
        return ", ".join(aspects), caption

    def batch(self, source, rng):
        """(queries, anchors); anchors alone for single texts."""
        size = MIX[source][1]
        if source == "mono":
            return None, rng.sample(self.mono, size)
        if source == "musiccaps":
            return tuple(zip(*(self.caption_pair(r, rng) for r in rng.sample(self.captions, size))))
        return tuple(zip(*rng.sample(self.pairs[source], min(size, len(self.pairs[source])))))


def tuned_projection(corpus):
    """A linear map of centred teacher vectors to 256, started at PCA and tuned by InfoNCE on cached pairs."""
    path = VECTORS / "projection.pt"
    if path.exists():
        return torch.load(path)
    torch.manual_seed(SEED)
    mean = corpus.raw[::3].mean(dim=0)
    _, _, axes = torch.linalg.svd((corpus.raw[::9] - mean), full_matrices=False)
    weight = axes[:256].clone().requires_grad_()
    groups = [[(", ".join(r["aspects"]), r["caption"]) for r in corpus.captions]]
    groups += [corpus.pairs["tatoeba"], corpus.pairs["musicbrainz"]]
    groups = [
        torch.tensor([(corpus.index[a], corpus.index[b]) for a, b in g if a in corpus.index and b in corpus.index])
        for g in groups
    ]
    optimiser = torch.optim.Adam([weight], lr=1e-3)
    for step in range(600):
        group = groups[step % 3]
        picked = group[torch.randperm(len(group))[:512]]
        a, b = (F.normalize((corpus.raw[picked[:, k]] - mean) @ weight.T, dim=1) for k in (0, 1))
        loss = info_nce(a, b, picked[:, 1])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    print(f"teacher's projection tuned, last loss {loss.item():.3f}", flush=True)
    result = {"mean": mean, "weight": weight.detach()}
    torch.save(result, path)
    return result


def info_nce(a, b, keys, temperature=TEMPERATURE):
    """Symmetric InfoNCE; candidates with the key of the right one are no negatives."""
    scores = a @ b.T / temperature
    same = keys[:, None] == keys[None, :]
    same.fill_diagonal_(False)
    scores = scores.masked_fill(same, -1e4)
    target = torch.arange(len(a))
    return (F.cross_entropy(scores, target) + F.cross_entropy(scores.T, target)) / 2


def initial_student(tokenizer, projection):
    """Layers TEACHER_LAYERS of the teacher; each piece starts as the mean of the teacher's pieces for its text."""
    torch.manual_seed(SEED)
    teacher = E5()
    vocab = tokenizer.model.vocab_size()
    student = Encoder(Config(vocab_size=vocab, num_hidden_layers=len(TEACHER_LAYERS)))
    pieces = [tokenizer.model.id_to_piece(i) for i in range(vocab)]
    rows = teacher.tokenizer.rows([p.replace("▁", " ").strip() or " " for p in pieces])
    full = torch.stack([teacher.encoder.word.weight[r[1:-1] or r].mean(dim=0) for r in rows]).detach()
    u, s, v = torch.linalg.svd(full, full_matrices=False)
    width = student.config.embedding_size
    state = {k: t for k, t in teacher.encoder.state_dict().items() if not k.startswith("layers.")}
    # Unit columns in the table would starve it of gradient scale; split the singular values evenly.
    state["word.weight"] = u[:, :width] * s[:width].sqrt()
    state["word_projection.weight"] = (s[:width].sqrt()[:, None] * v[:width]).T
    state["position.weight"] = state["position.weight"][: student.config.max_position_embeddings]
    state["head.weight"] = projection["weight"]
    for own, theirs in enumerate(TEACHER_LAYERS):
        for key, tensor in teacher.encoder.layers[theirs].state_dict().items():
            state[f"layers.{own}.{key}"] = tensor
    student.load_state_dict(state)
    kept = (s[:width] ** 2).sum() / (s**2).sum()
    print(f"word table: {width} of 384 directions keep {kept:.3f} of the energy", flush=True)
    return student


class Trainer:
    def __init__(self, run, minutes, start=None):
        self.folder, self.seconds = RUNS / run, minutes * 60
        self.folder.mkdir(parents=True, exist_ok=True)
        self.corpus, self.tokenizer = Corpus(), Tokenizer()
        projection = tuned_projection(self.corpus)
        self.targets = F.normalize((self.corpus.raw - projection["mean"]) @ projection["weight"].T, dim=1)
        self.model = initial_student(self.tokenizer, projection)
        self.optimiser = torch.optim.AdamW(self.model.parameters(), PEAK_RATE, (0.9, 0.98), weight_decay=0.01, fused=True)
        self.step, self.spent, self.tokens = 0, 0.0, 0
        path = self.folder / "state.pt"
        if path.exists():
            state = torch.load(path, weights_only=False)
            self.model.load_state_dict(state["model"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.step, self.spent, self.tokens = state["step"], state["spent"], state["tokens"]
        elif start:
            self.model.load_state_dict(torch.load(RUNS / start / "state.pt", weights_only=False)["model"])

    def save(self):
        """The state, the checkpoint folder, and one line of the curve against time."""
        state = {"model": self.model.state_dict(), "optimiser": self.optimiser.state_dict()}
        state |= {"config": self.model.config, "step": self.step, "spent": self.spent, "tokens": self.tokens}
        torch.save(state, self.folder / "state.new")
        (self.folder / "state.new").replace(self.folder / "state.pt")
        self.model.eval()
        results = evaluate.evaluate(self.encode, "dev")
        self.model.train()
        row = {"step": self.step, "seconds": round(self.spent), "tokens": self.tokens, "dev": results}
        with open(self.folder / "curve.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        export.save(self.model, CHECKPOINT, {"eval-dev.json": json.dumps(row, indent=1)})
        print(f"dev at {self.spent:.0f} s: {evaluate.line(results)}", flush=True)

    @torch.inference_mode()
    def encode(self, texts):
        with torch.autocast("cpu", torch.bfloat16):
            return export.encode_f32(self.model, self.tokenizer, texts, batch=128)

    def vectors(self, texts):
        rows = self.tokenizer.rows(texts)
        self.tokens += sum(map(len, rows))
        # Groups of like length: one long text would pad all the others, and few shapes keep oneDNN's kernels cached.
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        parts = []
        size = max(16, len(order) // 4)
        for at in range(0, len(order), size):
            ids, lengths = padded([rows[i] for i in order[at : at + size]])
            ids = F.pad(ids, (0, -ids.shape[1] % 8))
            with torch.autocast("cpu", torch.bfloat16):
                parts.append(self.model.project(ids, lengths))
        return torch.cat(parts)[torch.tensor(order).argsort()]

    def teacher_loss(self, vectors, texts, relation):
        """Mean of 1 - cosine to the teacher over the texts that have a vector; optionally the KL of similarities."""
        known = [i for i, t in enumerate(texts) if t in self.corpus.index]
        if len(known) < 2:
            return 0.0
        target = self.targets[[self.corpus.index[texts[i]] for i in known]]
        mine = F.normalize(vectors[known], dim=1)
        loss = (1 - (mine * target).sum(dim=1)).mean()
        if relation:
            off = -1e4 * torch.eye(len(known))
            wanted = F.softmax(target @ target.T / 0.1 + off, dim=1)
            loss = loss + F.kl_div(F.log_softmax(mine @ mine.T / 0.1 + off, dim=1), wanted, reduction="batchmean")
        return loss

    def loss(self, source, rng):
        queries, anchors = self.corpus.batch(source, rng)
        right = self.vectors(anchors)
        if queries is None:
            return self.teacher_loss(right, anchors, True)
        left = self.vectors(queries)
        numbers = {t: i for i, t in enumerate(anchors)}
        keys = torch.tensor([numbers[t] for t in anchors])
        loss = sum(info_nce(F.normalize(left[:, :d]), F.normalize(right[:, :d]), keys) for d in NESTED) / len(NESTED)
        distil = self.teacher_loss(right, anchors, False)
        if source != "musiccaps":  # a translation means what the English text means; some aspects say less than a caption
            distil = distil + self.teacher_loss(left, anchors, False)
        return loss + distil

    def train(self):
        sources, shares = list(MIX), [share for share, _ in MIX.values()]
        saved, last, smooth = self.spent, time.time(), {}
        self.model.train()
        while self.spent < self.seconds:
            rng = random.Random(SEED * 1_000_003 + self.step)
            progress = self.spent / self.seconds
            rate = PEAK_RATE * min(1, (self.step + 1) / WARMUP_STEPS) * (0.02 + 0.98 * math.cos(progress * math.pi / 2))
            for group in self.optimiser.param_groups:
                group["lr"] = rate
            self.model.quantise(progress > QUANTISED_FROM)
            source = rng.choices(sources, shares)[0]
            loss = self.loss(source, rng)
            self.optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimiser.step()
            smooth[source] = 0.9 * smooth.get(source, loss.item()) + 0.1 * loss.item()
            self.step += 1
            now = time.time()
            # A pause of the machine (quiet.sh stops us) does not count as training time.
            self.spent, last = self.spent + min(now - last, 5), now
            if self.step % 25 == 0:
                parts = " ".join(f"{k} {v:.2f}" for k, v in smooth.items())
                print(f"{self.step} {self.spent:.0f} s {self.tokens / self.spent:.0f} tokens/s: {parts}", flush=True)
            if self.spent - saved > SAVE_SECONDS:
                self.save()
                saved, last = self.spent, time.time()
        self.save()


def main():
    torch.set_num_threads(2)
    Trainer(sys.argv[1], float(sys.argv[2]), *sys.argv[3:4]).train()


if __name__ == "__main__":
    main()
