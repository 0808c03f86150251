#!/usr/bin/env python3
"""Checks what every source file must keep to: length, plain ASCII, a name that says something, and, in the library
(src/ but the faces), no printing, exiting, throwing, environment or clock."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("include", "src", "tests", "fuzz", "bench", "examples", "python")
FACES = ("src/cli/", "src/server/")

LENGTH_TO_AIM_AT = {".h": 250, ".cc": 600}
LENGTH_LIMIT = 1000
LENGTH_REASON = "// Long because"  # a file over the limit says why on a line of its first 20

EMPTY_NAMES = re.compile(r"(^|_)(utils?|utility|utilities|helpers?|common|misc|stuff)(_|$)")

FORBIDDEN = {
    "prints": r"\b(v?f?printf|f?puts|putchar|fputc|perror)\s*\(|\bstd::(cout|cerr|clog|print|println)\b",
    "exits": r"\b(std::)?(_?exit|_Exit|quick_exit|abort|terminate)\s*\(",
    "reads the environment": r"\b(secure_)?getenv\s*\(",
    "reads the clock": r"_clock::now\s*\(|\b(std::)?(time|clock)\s*\(\s*(\)|NULL|nullptr|0)|\bgettimeofday\b|\bclock_gettime\b",
    "throws": r"\bthrow\b(?!\s*;)\s*[\w:]*",
}
BAD_ALLOC = re.compile(r"\bstruct (\w+) : std::bad_alloc\b")
OTHER_STRUCT = re.compile(r"\bstruct (\w+) (?!: std::bad_alloc\b)[:{]")


def without_comments_and_texts(text: str) -> str:
    """The same text with comments and the inside of literals blanked, so that line numbers stay."""
    token = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^(\s]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.DOTALL
    )
    return token.sub(lambda m: "\n" * m[0].count("\n") or " ", text)


def problems_of(path: Path, may_be_thrown: set[str]):
    where = path.relative_to(ROOT).as_posix()
    data = path.read_bytes()
    text = data.decode("utf-8", "replace")
    lines = text.splitlines()

    if len(lines) > LENGTH_LIMIT and not any(LENGTH_REASON in line for line in lines[:20]):
        yield f"{where}: {len(lines)} lines; past {LENGTH_LIMIT} a file says '{LENGTH_REASON} ...' at its top"
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.isascii():
            yield f"{where}:{number}: not ASCII"
        if b"\t" in line or line.endswith((b" ", b"\r")):
            yield f"{where}:{number}: a tab, or space at the end"
    if EMPTY_NAMES.search(path.stem):
        yield f"{where}: the name says nothing about what is in it"

    if where.startswith(("src/", "include/")) and not where.startswith(FACES):
        code = without_comments_and_texts(text)
        for what, pattern in FORBIDDEN.items():
            for match in re.finditer(pattern, code):
                if what == "throws" and match[0].split("::")[-1].split()[-1] in may_be_thrown:
                    continue
                yield f"{where}:{code.count(chr(10), 0, match.start()) + 1}: the library {what}: {match[0]}"


def main() -> int:
    files = sorted(p for folder in FOLDERS for end in LENGTH_TO_AIM_AT for p in ROOT.glob(f"{folder}/**/*{end}"))
    texts = [path.read_text(encoding="utf-8") for path in files]
    # Names are all that a throw tells: one that is also another struct's may not be thrown.
    may_be_thrown = {"bad_alloc"}.union(*map(BAD_ALLOC.findall, texts)).difference(*map(OTHER_STRUCT.findall, texts))
    problems = []
    for path in files:
        problems += problems_of(path, may_be_thrown)
        length, aim = len(path.read_bytes().splitlines()), LENGTH_TO_AIM_AT[path.suffix]
        if length > aim and not path.relative_to(ROOT).as_posix().startswith("tests/"):
            print(f"note: {path.relative_to(ROOT)} has {length} lines; aim at {aim}")
    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"{len(files)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
