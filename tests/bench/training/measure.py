"""Ossicle's plain iALS beside implicit (exact and conjugate gradients) and LIBMF, one thread each, by turns; see run.sh.

A rate is interactions x iterations / CPU seconds of the iterations alone: reading files is left out, for LIBMF by taking the time of one
iteration from the time of T + 1. CPU seconds, because the machine may be shared. NDCG@10 is of the 8:1:1 protocol of HetRec: a random split
here for the peers, Ossicle's own split of seed 1 for Ossicle (seeds differ by about 0.002). Lists of a peer are ranked by its own user vectors.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import tempfile
import time

import numpy as np
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares

HETREC = "../shared/data/hetrec2011-lastfm-2k/user_artists.tsv"
FACTORS, ITERATIONS = 64, 12


def read_pairs(path):
    """Numbers of users and items of a TSV with a header, in order of first appearance."""
    users, items, pairs = {}, {}, []
    with open(path) as file:
        next(file)
        for line in file:
            user, item = line.split("\t")[:2]
            pairs.append((users.setdefault(user, len(users)), items.setdefault(item, len(items))))
    return len(users), len(items), np.array(pairs)


def split(n_users, pairs, rng):
    """8:1:1 per user as RecBole cuts: parts 0, 1, 2 of each pair."""
    part = np.zeros(len(pairs), int)
    order = np.argsort(pairs[:, 0], kind="stable")
    bounds = np.searchsorted(pairs[order, 0], np.arange(n_users + 1))
    for user in range(n_users):
        own = rng.permutation(order[bounds[user] : bounds[user + 1]])
        tenth = len(own) // 10
        test = tenth or int(len(own) > 1)
        validation = tenth or int(len(own) - test > 1)
        part[own[:test]] = 2
        part[own[test : test + validation]] = 1
    return part


def ndcg(p, q, n_users, pairs, part, k=10):
    """Mean NDCG@k on part 2, train and validation masked."""
    masked = scipy.sparse.csr_matrix((np.ones((part < 2).sum()), pairs[part < 2].T), shape=(n_users, len(q)))
    truth = scipy.sparse.csr_matrix((np.ones((part == 2).sum()), pairs[part == 2].T), shape=(n_users, len(q)))
    discount = 1 / np.log2(np.arange(2, k + 2))
    total, counted = 0.0, 0
    for user in range(n_users):
        wanted = truth[user].indices
        if len(wanted) == 0:
            continue
        scores = q @ p[user]
        scores[masked[user].indices] = -np.inf
        best = np.argsort(-scores, kind="stable")[:k]
        total += discount[np.isin(best, wanted)].sum() / discount[: min(k, len(wanted))].sum()
        counted += 1
    return total / counted


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Ossicle:
    name = "ossicle, plain iALS (exact)"

    def __init__(self, tool, ratings):
        self.tool, self.ratings = tool, ratings

    def seconds(self):
        with tempfile.TemporaryDirectory() as out:
            words = [self.tool, "train", "--ratings", self.ratings, "--out", out, "--threads", "1", "--json"]
            words += ["--factors", str(FACTORS), "--iterations", str(ITERATIONS)]
            done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        return json.loads(done.stdout)["iterating_cpu_seconds"]

    def ndcg(self, hetrec):
        words = [self.tool, "eval", "--ratings", hetrec, "--methods", "plain", "--threads", "1", "--json", "-"]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        return json.loads(done.stdout)["rows"][0]["ndcg"]["mean"]


class Implicit:
    """alpha0 0.05 is a weight of 1 / 0.05 here; its ridge is one number for users and items."""

    def __init__(self, name, cg, plays, regularisation):
        self.name, self.plays, self.cg, self.regularisation = name, plays, cg, regularisation

    def fit(self, plays):
        model = AlternatingLeastSquares(FACTORS, self.regularisation, alpha=20, use_cg=self.cg, num_threads=1, iterations=ITERATIONS, random_state=1)
        start = time.process_time()
        model.fit(plays, show_progress=False)
        return model, time.process_time() - start

    def seconds(self):
        return self.fit(self.plays)[1]

    def vectors(self, plays):
        model = self.fit(plays)[0]
        return model.user_factors, model.item_factors


class Libmf:
    def __init__(self, name, tool, plays, words, iterations=ITERATIONS):
        self.name, self.tool, self.words, self.iterations = name, tool, words, iterations
        self.folder = tempfile.TemporaryDirectory()
        self.write(plays, "all.txt")

    def write(self, plays, name):
        coo = plays.tocoo()
        with open(f"{self.folder.name}/{name}", "w") as file:
            file.writelines(f"{u} {i} 1\n" for u, i in zip(coo.row, coo.col))

    def run(self, name, iterations):
        before = cpu_of_children()
        words = [self.tool, "--quiet", "-k", str(FACTORS), "-s", "1", "-t", str(iterations), *self.words]
        subprocess.run([*words, f"{self.folder.name}/{name}", f"{self.folder.name}/model"], stdout=subprocess.DEVNULL, check=True)
        return cpu_of_children() - before

    def seconds(self):
        more = self.run("all.txt", self.iterations + 1)
        return max(more - self.run("all.txt", 1), 1e-3)

    def vectors(self, plays):
        self.write(plays, "train.txt")
        self.run("train.txt", self.iterations)
        sides = {"p": [], "q": []}
        with open(f"{self.folder.name}/model") as file:
            for line in file:
                words = line.split()
                if words[0][0] in sides and words[1:2] in (["T"], ["F"]):
                    row = words[2:] if words[1] == "T" else [0] * FACTORS
                    sides[words[0][0]].append(np.array(row, np.float32))
        n_users, n_items = plays.shape
        p = np.zeros((n_users, FACTORS), np.float32)
        q = np.zeros((n_items, FACTORS), np.float32)
        p[: len(sides["p"])] = sides["p"]
        q[: len(sides["q"])] = sides["q"]
        return p, q


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--ratings", default=HETREC, help="a TSV with a header, user and item first, weight third")
    args.add_argument("--repeats", type=int, default=5)
    args.add_argument("--no-ndcg", action="store_true")
    args.add_argument("--json")
    args = args.parse_args()
    tool = os.environ.get("OSSICLE", "build/native-release/core/tools/ossicle")
    n_users, n_items, pairs = read_pairs(args.ratings)
    part = split(n_users, pairs, np.random.default_rng(1))

    def matrix(kept):
        return scipy.sparse.csr_matrix((np.ones(len(kept), np.float32), kept.T), shape=(n_users, n_items))

    plays = matrix(pairs)
    ossicle = Ossicle(tool, args.ratings)
    peers = [
        Implicit("implicit, Cholesky (exact)", False, plays, 100),
        Implicit("implicit, conjugate gradients, 3 steps", True, plays, 100),
    ]
    libmf = os.environ.get("LIBMF")
    if libmf:
        peers.append(Libmf("LIBMF -f 12, one-class, coordinate descent", libmf, plays, ["-f", "12", "-a", "0.05", "-c", "0", "-l2", "4"]))
        peers.append(Libmf("LIBMF -f 10, pairwise (BPR), 100 iterations", libmf, plays, ["-f", "10", "-l2", "0.02"], 100))
        peers.append(Libmf("LIBMF -f 0, squared error on the given values only", libmf, plays, ["-f", "0", "-l2", "0.05"]))
    else:
        print("LIBMF takes no part: $LIBMF names no mf-train")
    taken = {one.name: [] for one in [ossicle, *peers]}
    for _ in range(args.repeats):
        for peer in peers:
            taken[ossicle.name].append(ossicle.seconds())
            taken[peer.name].append(peer.seconds())
    print(f"{args.ratings}: {len(pairs)} interactions, {n_users} users, {n_items} items; d {FACTORS}, one thread, medians of CPU seconds")
    print(f"{'':52}  {'seconds':>8}  {'iterations':>10}  {'M pairs/s':>9}  {'seconds / ours':>14}  {'NDCG@10':>7}")
    ours = statistics.median(taken[ossicle.name])
    rows = []
    for one in [ossicle, *peers]:
        seconds = statistics.median(taken[one.name])
        iterations = getattr(one, "iterations", ITERATIONS)
        quality = None
        if not args.no_ndcg:
            quality = one.ndcg(args.ratings) if one is ossicle else ndcg(*one.vectors(matrix(pairs[part == 0])), n_users, pairs, part)
        rate = len(pairs) * iterations / seconds / 1e6
        rows.append({"name": one.name, "seconds": taken[one.name], "median": seconds, "iterations": iterations, "million_pairs_per_second": rate, "ndcg": quality})
        shown = "-" if quality is None else f"{quality:.4f}"
        print(f"{one.name:52}  {seconds:8.3f}  {iterations:10}  {rate:9.2f}  {seconds / ours:14.2f}  {shown:>7}")
    if args.json:
        with open(args.json, "w") as file:
            json.dump({"ratings": args.ratings, "pairs": len(pairs), "factors": FACTORS, "rows": rows}, file)


main()
