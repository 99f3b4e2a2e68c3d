"""Writes variants.txt: each character of a name that is another writing of a standard one.

Read from the Unihan database (the folder with Unihan_*.txt.bz2 is the argument; Debian has it in `unicode-data`). A character is
another writing of a standard one when Unihan calls it a simplified, a z- or a semantic variant of it, directly or over
one more character, and both share a reading. Standard is what the list of 2013 (通用规范汉字表, kTGH) holds: its first 6,500 stand
for themselves; those after them, which are mostly for names (昇, 喆, 堃), yield to one of the first 6,500.
"""

import bz2
import collections
import pathlib
import re
import sys
import unicodedata

COMMON = 6500
# What the list of 1955 (第一批异体字整理表) and the notes of that of 2013 say and Unihan does not.
ALSO = {
    "升": "昇陞",
    "渺": "淼",
    "苏": "甦蘓",
    "修": "脩",
    "澄": "澂",
    "佩": "珮",
    "青": "靑",
    "璃": "琍瓈",
    "炳": "昺",
    "熔": "镕鎔",
    "桠": "椏",
    "钜": "鉅",
    "绿": "菉",
    "扬": "颺飏",
    "俯": "頫𫖯",
    "奥": "奧",
    "吴": "吳呉",
    "吕": "呂",
    "黄": "黃",
    "宫": "宮",
}


def read(folder, name):
    for line in bz2.open(folder / f"Unihan_{name}.txt.bz2", "rt", encoding="utf-8"):
        if line.startswith("U+"):
            code, field, value = line.rstrip("\n").split("\t")
            yield chr(int(code[2:], 16)), field, value


def plain(reading):
    letters = unicodedata.normalize("NFD", reading.strip().lower())
    return "".join(c for c in letters if c.isascii() and c.isalpha() or c == "\u0308")


def readings_of(folder):
    readings = collections.defaultdict(set)
    for char, field, value in read(folder, "Readings"):
        if field in ("kMandarin", "kHanyuPinyin", "kXHC1983", "kHanyuPinlu", "kTGHZ2013"):
            for word in re.split(r"[ ,]", value):
                readings[char].add(plain(re.sub(r"\(.*\)", "", word.split(":")[-1])))
    return readings


def main():
    folder = pathlib.Path(sys.argv[1])
    readings = readings_of(folder)
    place = {c: int(v.split(":")[1]) for c, f, v in read(folder, "OtherMappings") if f == "kTGH"}
    near = collections.defaultdict(lambda: collections.defaultdict(set))
    for char, field, value in read(folder, "Variants"):
        others = [chr(int(code, 16)) for code in re.findall(r"U\+([0-9A-F]+)", value)]
        if field == "kSimplifiedVariant":
            near[char][0].update(others)
        elif field in ("kZVariant", "kSemanticVariant"):
            rank = 1 if field == "kZVariant" else 2
            near[char][rank].update(others)
            for other in others:
                near[other][rank].add(char)

    def steps(char):
        for rank in range(3):
            for other in sorted(near[char][rank] - {char}):
                yield rank, other

    standard_of = {char: standard for standard, others in ALSO.items() for char in others}
    for char in sorted(set(near) - set(standard_of)):
        if place.get(char, COMMON + 1) <= COMMON:
            continue
        targets = []
        for rank, other in steps(char):
            targets.append((rank, other))
            targets += [(rank + 3 + more, far) for more, far in steps(other) if other not in place]
        fit = [
            (rank, place[other], other)
            for rank, other in targets
            if other in place
            and (place[other] <= COMMON or char not in place)
            and readings[char] & readings[other]
        ]
        if fit:
            standard_of[char] = min(fit)[2]
    groups = collections.defaultdict(list)
    for char, standard in sorted(standard_of.items()):
        while standard in standard_of:
            standard = standard_of[standard]
        groups[standard].append(char)
    print("# Written by variants.py from Unihan (Unicode License v3): the standard character, then its other writings.")
    for standard in sorted(groups):
        print(standard + " " + "".join(groups[standard]))


main()
