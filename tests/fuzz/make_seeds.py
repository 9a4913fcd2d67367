#!/usr/bin/env python3
"""Writes corpus/<target>/: the golden files, which the real writers made, in the form each target reads.

    python3 tests/fuzz/make_seeds.py
"""
import pathlib

HERE = pathlib.Path(__file__).parent
GOLDEN = HERE.parent / "golden"
FORMATS = {"listenbrainz": 1, "lastfm-api": 2, "lastfm-tracks": 2, "lastfm-plain": 3, "lastfm-header": 3}
NAMES = ["Björk", "BJO\u0308RK", "AC/DC", "!!!", "ｶﾞｹﾞ", "방탄소년단", "ﬁne ẞ İ", "Цой Ёлка", "周杰倫",
         "\ufeff\u00ad\u200d", "𝓑𝓳𝓸𝓻𝓴 ™ Ⅷ", "שָׁלוֹם مُحمد", "किकु ก่ก้", "Bj\udcf6rk", "<b>&amp;</b>", " \t\u3000 "]

SEARCHES = {
    "latin": "AC/DC\tHighway to Hell\nBeyoncé\tHalo\nMetallica\t\tBlack\tmetal, thrash\nacdc\nmetlaica blck\nhal",
    "cjk": "悲伤的钢琴曲\t周杰倫\nｶﾞｷ\tテーゼ\n사랑을 했다\tiKON\n钢琴 歌\n사라\nガ",
    "odd": "!!!\t\n\u2764\u2764\t\n\x00\udcff\udcf0\t\n!!\n\u2764\n" + "aaaa " * 80 + "\n",
}


def write(target, name, data):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def main():
    bundle = GOLDEN / "catalogue-v1"
    manifest = (bundle / "bundle.json").read_bytes()
    shards = [(bundle / f"catalogue-{i}.safetensors").read_bytes() for i in range(2)]
    write("manifest", "v1.json", manifest)
    for i, shard in enumerate(shards):
        write("safetensors", f"v1-{i}.safetensors", shard)
    write("catalogue", "v1", len(manifest).to_bytes(4, "little") + manifest + b"".join(shards))
    for version in ("v2", "v3"):
        folder = GOLDEN / f"catalogue-{version}"
        manifest = (folder / "bundle.json").read_bytes()
        shard = (folder / "catalogue-0.safetensors").read_bytes()
        write("manifest", f"{version}.json", manifest)
        write("catalogue", version, len(manifest).to_bytes(4, "little") + manifest + shard)
    for path in sorted((GOLDEN / "history").iterdir()):
        if path.name.endswith(".expected.tsv"):
            continue
        given = next(number for prefix, number in FORMATS.items() if path.name.startswith(prefix))
        for number in (0, given):
            write("history", f"{path.name}-{number}", bytes([number, 7]) + path.read_bytes())
    write("style", "v1", (GOLDEN / "style-v1" / "style.safetensors").read_bytes())
    write("style", "v1.json", (GOLDEN / "style-v1" / "bundle.json").read_bytes())
    encoder = (GOLDEN / "encoder-v1" / "bundle.json").read_bytes()
    weights = (GOLDEN / "encoder-v1" / "encoder.safetensors").read_bytes()
    write("encoder", "v1", len(encoder).to_bytes(4, "little") + encoder + weights)
    sequence = (GOLDEN / "sequence-v1" / "bundle.json").read_bytes()
    weights = (GOLDEN / "sequence-v1" / "sequence.safetensors").read_bytes()
    write("sequence", "v1", len(sequence).to_bytes(4, "little") + sequence + weights)
    write("norm_proof", "unchanged", b"\0")
    # One in each part of what is sent: share, proof (twice), parts, seed, parts, message.
    for place in (0, 600, 5500, 6140, 6230, 6270, 6500):
        write("norm_proof", f"changed-{place}", bytes([0, place % 256, place // 256, 1]))
    write("norm_proof", "any-bytes", bytes([1]) + bytes(range(256)))
    write("norm_proof", "any-size", bytes([3]) + bytes(range(256)))
    for name, text in SEARCHES.items():
        write("text", name, text.encode("utf-8", "surrogateescape"))
        write("search", name, text.encode("utf-8", "surrogateescape"))
    for i, name in enumerate(NAMES):
        write("names", f"{i:02}", name.encode("utf-8", "surrogateescape"))


main()
