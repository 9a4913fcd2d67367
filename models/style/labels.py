"""The labels, and which of them a list of aspects names.

Genres are those names of the genre tree that listeners write, and all above them: a name counts as written when HetRec's list of tags has
it, of which nothing else is read. Moods and instruments are labels.tsv: kind, name, other words that say the same. The
words are chosen from the tag names of MTG-Jamendo and the aspects of MusicCaps.
"""

import dataclasses
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "encoder"))  # the sources and the split are the encoder's

import sources  # noqa: E402

KINDS = ("genre", "mood", "instrument")
# Shelves rather than music, second names of another genre, and instruments, which have their own kind.
LEFT_OUT = {"other latin", "mass", "orchestra", "orchestral", "classical music", "baroque music", "electro music", "dub music", "comedy music"}
# Genres whose name is an everyday word, and names that people use instead.
WORDS = {
    "noise": ["noise music"],
    "funky": ["uk funky"],
    "bassline": ["bassline music"],
    "breaks": ["nu breaks"],
    "heavy metal": ["heavy metal", "metal"],
    "electronic dance music": ["electronic dance music", "edm"],
}
DENIED = re.compile(r"\b(no|not|without|lack of|absence of|non)\b")


@dataclasses.dataclass
class Label:
    kind: str
    name: str
    parent: int | None  # a lower label
    words: list[str]  # lower case; any of them names the label


def _plain(name):
    return " ".join(name.casefold().replace("-", " ").replace("&", "and").split())


def _above(name, parents):
    """The names above a genre, the nearest first."""
    while (name := parents.get(name)) is not None:
        yield name


def _genres():
    """(name, parent's name) of the genres, parents first; of a name that stands twice in the tree the first place counts."""
    parents = {}
    for child, parent in sources.genre_tree() or ():
        parents.setdefault(child, parent)
    names = [p for p in dict.fromkeys(parents.values()) if p not in parents] + list(parents)
    written = {_plain(text) for text, kind in sources.names() if kind == "tag"}
    kept = {name for name in names if _plain(name) in written}
    kept |= {above for name in kept for above in _above(name, parents)}
    for name in names:
        if name in kept - LEFT_OUT:
            yield name, next((above for above in _above(name, parents) if above not in LEFT_OUT), None)


def _words_of_genre(name):
    """The name, with and without hyphens."""
    if name in WORDS:
        return WORDS[name]
    base = name.casefold()
    forms = [base, base.replace("-", " "), base.replace("-", "")]
    if "hip hop" in base:
        forms += [base.replace("hip hop", "hip-hop"), base.replace("hip hop", "hiphop")]
    return list(dict.fromkeys(forms))


def read():
    labels, place = [], {}
    for name, parent in _genres():
        place[name] = len(labels)
        labels.append(Label("genre", name, place.get(parent), _words_of_genre(name)))
    for line in (HERE / "labels.tsv").read_text(encoding="utf-8").splitlines():
        kind, name, words = line.split("\t")
        labels.append(Label(kind, name, None, [name, *(w.strip() for w in words.split(","))]))
    return labels


class Matcher:
    """Finds labels by their words, whole words only."""

    def __init__(self, labels):
        self.labels = labels
        self.of_word = {}
        for i, label in enumerate(labels):
            for word in label.words:
                self.of_word.setdefault(word, []).append(i)
        longest_first = sorted(self.of_word, key=len, reverse=True)
        self.pattern = re.compile(r"(?<![\w-])(" + "|".join(map(re.escape, longest_first)) + r")(?![\w-])")

    def _words(self, text):
        """Words of labels in a text; a word inside a longer one counts too ("rock" in "hard rock")."""
        at = 0
        while found := self.pattern.search(text, at):
            yield found[1]
            inner = found[1].split(" ")
            for n in range(1, len(inner)):
                yield from (w for i in range(len(inner) - n + 1) if (w := " ".join(inner[i : i + n])) in self.of_word)
            at = found.end()

    def named(self, aspects):
        """The labels that aspects name, with all above them; one that is denied ("no piano") does not count."""
        out = set()
        for aspect in aspects:
            text = aspect.casefold()
            if DENIED.search(text):
                continue
            for word in self._words(text):
                for i in self.of_word[word]:
                    while i is not None and i not in out:
                        out.add(i)
                        i = self.labels[i].parent
        return out

    def blind(self, text, named):
        """The text without any word of these labels."""
        hidden = {word for i in named for word in self.labels[i].words}
        pattern = re.compile(r"(?<![\w-])(" + "|".join(map(re.escape, sorted(hidden, key=len, reverse=True))) + r")(?![\w-])", re.I)
        return " ".join(pattern.sub(" ", text).split()) if hidden else text
