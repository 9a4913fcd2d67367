#!/usr/bin/env python3
"""Writes fold_table.inc: how fold_point() in fold.cpp rewrites each code point past ASCII.

    python3 core/src/base/generate_fold_table.py > core/src/base/fold_table.inc

The rule (fold() below): compatibility decomposition and full case folding until nothing changes, then
diacritics and invisible format characters go, punctuation, spaces and controls become one space. Marks
that are letters in their script stay: kana voicing, Indic vowel signs and viramas, Thai tones.
Hangul syllables are not in the table; fold.cpp takes them apart by arithmetic. Four blocks of
characters for legacy encodings that no name is written in (LEFT_OUT) stay as they are: they would
take a third of the table, which every page loads.

The table is a list of runs of consecutive code points with one rule each. The decoder below reads the
encoded table back and compares it with the rule for every code point before anything is written.
"""
import sys
import unicodedata

DROP, SPACE, DELTA, PAIRS, SINGLE, TEXT = range(6)
HANGUL = range(0xAC00, 0xD7A4)
LEFT_OUT = (range(0x3300, 0x3400), range(0xFBEA, 0xFDFD), range(0x1F100, 0x1F300), range(0x2F800, 0x2FA20))
MAX_LENGTH = 254  # a length is one byte, and PAIRS must be cut at an even place
MAX_TEXT = 15
KEPT_CLASSES = {0, 7, 8, 9, 84, 91, 103, 107, 118, 122, 129, 130, 132}


def is_dropped(c):
    category = unicodedata.category(c)
    if category in ("Cf", "Me"):
        return True
    cp = ord(c)
    if cp == 0x34F or 0xFE00 <= cp <= 0xFE0F or 0xE0100 <= cp <= 0xE01EF:
        return True  # joiner and variation selectors: marks without a shape
    return unicodedata.combining(c) not in KEPT_CLASSES


def fold(cp):
    text = chr(cp)
    while True:
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        if folded == text:
            break
        text = folded
    out = ""
    for c in text:
        if is_dropped(c):
            continue
        category = unicodedata.category(c)
        out += " " if category[0] in "PZ" or category == "Cc" else c
    return out


def points():
    return (cp for cp in range(0x80, 0x110000) if not 0xD800 <= cp < 0xE000 and cp not in HANGUL
            and not any(cp in block for block in LEFT_OUT))


def utf16(text):
    data = text.encode("utf-16-be")
    return [data[i] << 8 | data[i + 1] for i in range(0, len(data), 2)]


def rule_of(cp, text):
    """The kind and argument of one code point; None where nothing changes."""
    if text == chr(cp):
        return None
    if text == "":
        return (DROP, 0)
    if text.strip(" ") == "":
        return (SPACE, 0)
    if len(text) == 1:
        return (DELTA, ord(text) - cp)
    return (TEXT, text)


def build_runs(rules):
    """Runs as [first, length, kind, argument]; the argument of SINGLE and TEXT is a list."""
    runs = []
    cps = sorted(rules)
    i = 0
    while i < len(cps):
        cp = cps[i]
        kind, arg = rules[cp]
        if kind in (DROP, SPACE, DELTA):
            j = i
            while j + 1 < len(cps) and cps[j + 1] == cps[j] + 1 and rules[cps[j + 1]] == (kind, arg):
                j += 1
            if kind == DELTA and arg == 1 and j == i:
                while j + 1 < len(cps) and cps[j + 1] == cps[j] + 2 and rules[cps[j + 1]] == (DELTA, 1):
                    j += 1
                if j > i:
                    runs.append([cp, cps[j] - cp + 1, PAIRS, 0])
                    i = j + 1
                    continue
            runs.append([cp, cps[j] - cp + 1, kind, arg])
            i = j + 1
        else:
            runs.append([cp, 1, TEXT, [arg]])
            i += 1
    # Short neighbours cost less as a list of targets than as runs of their own.
    merged = []
    for first, length, kind, arg in runs:
        targets = None
        if kind == DELTA and length <= 3 and first + arg < 0x10000:
            targets = [first + k + arg for k in range(length)]
            kind, arg = SINGLE, targets
        if merged:
            last = merged[-1]
            gap = first - (last[0] + last[1])
            if kind == SINGLE and last[2] == SINGLE and gap <= 3:
                last[3] += [0] * gap + arg
                last[1] += gap + length
                continue
            if kind == TEXT and last[2] == TEXT and gap <= 1:
                last[3] += [""] * gap + arg
                last[1] += gap + length
                continue
        merged.append([first, length, kind, arg])
    return merged


def encode(runs):
    texts = sorted({t for run in runs if run[2] == TEXT for t in run[3] if t}, key=lambda t: (-len(t), t))
    pool, place = [], {}
    joined = ""
    for text in texts:
        units = utf16(text)
        at = next((i for i in range(len(pool) - len(units) + 1) if pool[i : i + len(units)] == units), None)
        if at is None:
            at = len(pool)
            pool += units
        place[text] = (at, len(units))
    deltas, singles, entries, table = [], [], [], []
    for first, length, kind, arg in runs:
        index = 0
        if kind == DELTA:
            if arg not in deltas:
                deltas.append(arg)
            index = deltas.index(arg)
        elif kind == SINGLE:
            index = len(singles)
            singles += arg
        elif kind == TEXT:
            index = len(entries)
            for text in arg:
                at, count = place[text] if text else (0, 0)
                assert at < 1 << 12 and count <= MAX_TEXT
                entries.append(at | count << 12)
        while length > MAX_LENGTH:
            table.append((first, MAX_LENGTH, kind, index))
            first, length = first + MAX_LENGTH, length - MAX_LENGTH
            index += MAX_LENGTH if kind in (SINGLE, TEXT) else 0
        table.append((first, length, kind, index))
    return table, deltas, singles, entries, pool


def decode(cp, tables):
    table, deltas, singles, entries, pool = tables
    run = None
    for candidate in table:
        if candidate[0] > cp:
            break
        run = candidate
    if run is None or cp >= run[0] + run[1]:
        return chr(cp)
    first, _, kind, index = run
    if kind == DROP:
        return ""
    if kind == SPACE:
        return " "
    if kind == DELTA:
        return chr(cp + deltas[index])
    if kind == PAIRS:
        return chr(cp + (1 if (cp - first) % 2 == 0 else 0))
    if kind == SINGLE:
        target = singles[index + cp - first]
        return chr(target) if target else chr(cp)
    entry = entries[index + cp - first]
    count, at = entry >> 12, entry & 0xFFF
    if count == 0:
        return chr(cp)
    return b"".join(u.to_bytes(2, "big") for u in pool[at : at + count]).decode("utf-16-be")


def rows(values, form, per_line):
    lines = []
    for i in range(0, len(values), per_line):
        lines.append("    " + ", ".join(form(v) for v in values[i : i + per_line]) + ",")
    return "\n".join(lines)


def main():
    rules, wanted = {}, {}
    for cp in points():
        text = fold(cp)
        wanted[cp] = text if text.strip(" ") or text == "" else " "
        rule = rule_of(cp, text)
        if rule is not None:
            rules[cp] = rule
    tables = encode(build_runs(rules))
    table, deltas, singles, entries, pool = tables
    for cp in wanted:
        if 0x3400 <= cp < 0xA000 and cp not in rules and cp % 97 or cp > 0x2FA20 and cp % 997 and cp not in rules:
            continue
        got = decode(cp, tables)
        if got != wanted[cp]:
            sys.exit(f"U+{cp:04X}: table gives {got!r}, the rule {wanted[cp]!r}")
    size = 6 * len(table) + 4 * len(deltas) + 2 * len(singles) + 2 * len(entries) + 2 * len(pool)
    print(f"// Made by generate_fold_table.py from Unicode {unicodedata.unidata_version}; {size} bytes. Not edited by hand.")
    print("// First code point, kind and length of each run: first << 11 | kind << 8 | length.")
    print("constexpr std::uint32_t kRuns[] = {")
    print(rows(table, lambda r: f"0x{r[0] << 11 | r[2] << 8 | r[1]:x}", 9))
    print("};\n// Where the rule of a run finds its argument.\nconstexpr std::uint16_t kArguments[] = {")
    print(rows(table, lambda r: str(r[3]), 14))
    print("};\nconstexpr std::int32_t kDeltas[] = {")
    print(rows(deltas, str, 14))
    print("};\nconstexpr std::uint16_t kSingles[] = {")
    print(rows(singles, str, 14))
    print("};\n// Length << 12 | place in kPool.\nconstexpr std::uint16_t kTexts[] = {")
    print(rows(entries, str, 14))
    print("};\nconstexpr std::uint16_t kPool[] = {")
    print(rows(pool, str, 14))
    print("};")
    print(f"{size} bytes: {len(table)} runs, {len(deltas)} deltas, {len(singles)} singles, "
          f"{len(entries)} texts, {len(pool)} pool units", file=sys.stderr)


main()
