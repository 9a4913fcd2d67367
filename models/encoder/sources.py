"""Readers of the parallel and monolingual sources. Each yields plain tuples and skips, aloud, what is absent.

A translation is (english, other, language). Nothing here decides what is trained on: corpus.py does.
"""

import csv
import gettext
import gzip
import json
import lzma
import re
import sys

from paths import DATA, SOURCES

LANGUAGES = ("zh", "ja", "es", "fr", "de")


def _missing(path):
    print(f"skipped: {path} is not there", file=sys.stderr)


def musiccaps():
    """Yields (key, aspects, caption), aspects a list of short phrases."""
    path = DATA / "musiccaps" / "musiccaps-train.csv"
    if not path.exists():
        return _missing(path)
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            aspects = [a.strip() for a in re.findall(r"""'([^']*)'|"([^"]*)\"""", row["aspect_list"]) for a in a if a]
            yield row["ytid"], [a for a in aspects if a], " ".join(row["caption"].split())


def tatoeba():
    """Yields English-Chinese sentence pairs."""
    path = DATA / "tatoeba-en-zh" / "cmn-train.tsv"
    if not path.exists():
        return _missing(path)
    for line in open(path, encoding="utf-8"):
        english, chinese = line.split("\t")[:2]
        yield english.strip(), chinese.strip(), "zh"


def musicbrainz():
    """Yields (english, {language: text}) of the MusicBrainz server's strings, zh_Hant included."""
    path = DATA / "musicbrainz-i18n" / "parallel-train.jsonl"
    if not path.exists():
        return _missing(path)
    for line in open(path, encoding="utf-8"):
        row = json.loads(line)
        yield row["en"].strip(), {k: row[k].strip() for k in (*LANGUAGES, "zh_Hant") if row.get(k)}


def cc_cedict():
    """Yields short glosses of CC-CEDICT with the simplified or the traditional word."""
    path = SOURCES / "cc-cedict" / "package" / "data" / "all.js"
    if not path.exists():
        return _missing(path)
    rows = json.loads(path.read_text(encoding="utf-8").removeprefix("export default ").strip().rstrip(";"))["all"]
    for traditional, simplified, _, glosses, *_ in rows:
        glosses = [glosses] if isinstance(glosses, str) else glosses
        glosses = [g for g in glosses if "CL:" not in g and "variant of" not in g and "surname" not in g]
        if not glosses:
            continue
        english = re.sub(r"\[[^\]]*\]|\([^)]*\)", "", "; ".join(glosses[:2])).strip()
        if 2 <= len(english) <= 60:
            yield english, simplified, "zh"
            if traditional != simplified:
                yield english, traditional, "zh_Hant"


def edict():
    """Yields the common words (marked P) and the music words of EDICT."""
    path = SOURCES / "deb" / "usr" / "share" / "edict" / "edict"
    if not path.exists():
        return _missing(path)
    for line in open(path, encoding="euc_jp", errors="replace"):
        if "(P)" not in line and "{music}" not in line:
            continue
        head, *glosses = line.strip().split("/")
        words = re.sub(r"[\[\]]", " ", head).split()
        glosses = [re.sub(r"\([^)]*\)|\{[^}]*\}", "", g).strip() for g in glosses]
        english = "; ".join([g for g in glosses if g and "EntL" not in g][:2])
        if words and 2 <= len(english) <= 60:
            yield english, words[0], "ja"


def ding():
    """Yields headwords of the Ding German-English list."""
    path = SOURCES / "deb" / "usr" / "share" / "trans" / "de-en"
    if not path.exists():
        return _missing(path)
    clean = re.compile(r"\{[^}]*\}|\[[^\]]*\]|\([^)]*\)")
    for line in open(path, encoding="utf-8"):
        if line.startswith("#") or "::" not in line:
            continue
        german, english = (clean.sub("", side.split("|")[0]) for side in line.split("::", 1))
        german, english = (" ".join(side.split(";")[0].split()) for side in (german, english))
        if 2 <= len(english) <= 50 and 2 <= len(german) <= 60:
            yield english, german, "de"


def freedict():
    """Yields French, Spanish and Japanese words of FreeDict's small lists (both directions)."""
    for name, language, english_first in (
        ("fra-eng", "fr", False),
        ("spa-eng", "es", False),
        ("eng-fra", "fr", True),
        ("eng-spa", "es", True),
        ("eng-jpn", "ja", True),
    ):
        path = SOURCES / "deb" / "usr" / "share" / "dictd" / f"freedict-{name}.dict.dz"
        if not path.exists():
            _missing(path)
            continue
        lines = gzip.open(path, "rt", encoding="utf-8").read().split("\n")
        for head, body in zip(lines, lines[1:]):
            if not re.search(r" /.*/", head) or head.startswith(" ") or not body or body.startswith((" ", "(")):
                continue
            word = head.split(" /")[0].strip()
            meaning = re.sub(r"\([^)]*\)|<[^>]*>", "", body.split(",")[0].split(";")[0]).strip(" 1.")
            if 2 <= len(meaning) <= 50 and len(word) <= 50:
                yield (word, meaning, language) if english_first else (meaning, word, language)


def program_catalogues():
    """Yields interface strings of music programs and names of countries, languages and scripts (gettext)."""
    mnemonic = re.compile(r"[&_](?=\w)")
    locales = {"zh": "zh_CN", "zh_Hant": "zh_TW", "ja": "ja", "es": "es", "fr": "fr", "de": "de"}
    for language, locale in locales.items():
        for path in sorted((SOURCES / "deb").rglob(f"{locale}/LC_MESSAGES/*.mo")):
            if path.stem in ("iso_639-3", "iso_3166-2") or path.stat().st_size < 100:
                continue  # thousands of rare languages and provinces would drown the music words
            try:
                with open(path, "rb") as file:
                    catalogue = gettext.GNUTranslations(file)
            except (UnicodeDecodeError, OSError) as error:
                print(f"skipped: {path.name} ({locale}): {error}", file=sys.stderr)
                continue
            for english, other in catalogue._catalog.items():
                if not isinstance(english, str) or not isinstance(other, str) or "\n" in english:
                    continue
                english, other = (re.sub(r"\([&_]\w\)", "", side.split("\x04")[-1]) for side in (english, other))
                english, other = (mnemonic.sub("", side).strip(" .:…") for side in (english, other))
                if 3 <= len(english) <= 90 and other and other != english and "%" not in english:
                    yield english, other, language


def cldr():
    """Yields the names of emoji and symbols."""
    root = SOURCES / "cldr" / "package" / "annotations"
    if not root.exists():
        return _missing(root)

    def names(locale):
        rows = json.loads((root / locale / "annotations.json").read_text(encoding="utf-8"))
        return rows["annotations"]["annotations"]

    english = names("en")
    for language, locale in {**{k: k for k in LANGUAGES}, "zh_Hant": "zh-Hant"}.items():
        for symbol, row in names(locale).items():
            if symbol in english and row.get("tts") and english[symbol].get("tts"):
                yield english[symbol]["tts"][0], row["tts"][0], language
                yield ", ".join(english[symbol]["default"]), ", ".join(row["default"]), language


def genre_tree():
    """Yields (child, parent) of the genre tree."""
    import yaml

    path = DATA / "beets-genres" / "genres-tree.yaml"
    if not path.exists():
        return _missing(path)

    def walk(node, parent):
        for item in node if isinstance(node, list) else [node]:
            if isinstance(item, dict):
                for name, below in item.items():
                    if parent:
                        yield str(name), parent
                    yield from walk(below or [], str(name))
            elif parent:
                yield str(item), parent

    yield from walk(yaml.safe_load(path.read_text(encoding="utf-8")), None)


def jamendo_tags():
    """Yields the tags of each distinct tag set of two or more, without their category."""
    path = DATA / "mtg-jamendo" / "track-tags.tsv"
    if not path.exists():
        return _missing(path)
    seen = set()
    for line in open(path, encoding="utf-8"):
        tags = line.rstrip("\n").split("\t")[2]
        if "," in tags and tags not in seen:
            seen.add(tags)
            yield [t.split("---")[-1] for t in tags.split(",")]


def names():
    """Yields artist names and listeners' tags, (text, kind)."""
    for file, kind in (("artists.tsv", "artist"), ("tags.tsv", "tag")):
        path = DATA / "hetrec2011-lastfm-2k" / file
        if not path.exists():
            _missing(path)
            continue
        for line in list(open(path, encoding="utf-8", errors="replace"))[1:]:
            yield line.rstrip("\n").split("\t", 1)[1].strip(), kind


def verses():
    """Yields (two lines of verse, language): English, Spanish, German, Chinese."""
    path = DATA / "poems-en" / "poems-en.jsonl.xz"
    if path.exists():
        for row in lzma.open(path, "rt", encoding="utf-8", errors="replace"):
            yield from ((pair, "en") for pair in _couplets(json.loads(row)["text"].split("\n")))
    else:
        _missing(path)
    path = DATA / "poems-es" / "disco-es.jsonl"
    if path.exists():
        for row in open(path, encoding="utf-8"):
            yield from ((pair, "es") for pair in _couplets(json.loads(row)["text"].split("\n")))
    else:
        _missing(path)
    path = DATA / "songs-de" / "dlk-songs.jsonl"
    if path.exists():
        for row in open(path, encoding="utf-8"):
            for stanza in json.loads(row)["stanzas"]:
                yield from ((pair, "de") for pair in _couplets(stanza))
    else:
        _missing(path)


def _couplets(lines):
    lines = [" ".join(line.split()) for line in lines if line.strip()]
    for first, second in zip(lines[::2], lines[1::2]):
        if 20 <= len(first) + len(second) <= 160:
            yield f"{first} {second}"
