"""Trains on a large file and tells seconds and peak memory: large.py RATINGS.tsv OUT [ossicle train's options]"""

import json
import os
import resource
import subprocess
import sys

tool = os.environ.get("OSSICLE", "build/native-release/core/tools/ossicle")
ratings, out, *options = sys.argv[1:]
done = subprocess.run([tool, "train", "--ratings", ratings, "--out", out, "--json", *options], stdout=subprocess.PIPE, check=True)
told = json.loads(done.stdout)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
each = told["iterating_seconds"] / told["iterations"]
each_cpu = told["iterating_cpu_seconds"] / told["iterations"]
print(f"{told['interactions']} interactions of {told['users']} users and {told['items']} items, d {told['factors']}, {told['iterations']} iterations")
print(f"an iteration: {each:.2f} s ({each_cpu:.2f} s of all threads); {told['interactions'] / each_cpu / 1e6:.2f} M interactions/s of one thread")
print(f"in all: {told['seconds']:.1f} s with reading and writing, {used.ru_utime + used.ru_stime:.1f} s of all threads")
print(f"peak memory: {used.ru_maxrss / 1024:.0f} MB")
