#!/usr/bin/env python3
"""Checks that each folder of src/ includes only folders on floors below it (DESIGN: "Floors")."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# folder -> the folders it may include besides itself. An exception to the floors needs an ADR; name it here.
ENGINE = {"base"}
DOCUMENT = ENGINE | {"pickle", "io"}
SOURCE = DOCUMENT | {"document"}
FEATURE = SOURCE | {"source"}
FACE = FEATURE | {"scan", "migrate", "convert", "cache", "predict", "track"}
MAY_INCLUDE = {
    "base": set(),
    "pickle": ENGINE,
    "io": ENGINE,
    "source": SOURCE,
    "document": DOCUMENT,
    "scan": FEATURE,
    "migrate": FEATURE,
    "convert": FEATURE,
    "cache": FEATURE,
    "predict": FEATURE,
    "track": FEATURE,
    "cli": FACE | {"server"},
    "python": FACE,
    "server": FACE,
}

# A public header lies on the floor of src/*/<same name>.cc. This names the floor of those that have none there.
PUBLIC_FLOOR: dict[str, str] = {
    "result.h": "base",
    "codec.h": "document",
    "describe.h": "document",
    "decode.h": "document",
    "encode.h": "document",
    "pickler.h": "document",
    "source.h": "source",
    "json.h": "convert",
    "optimize.h": "pickle",
    "scan.h": "scan",
    "privacy.h": "scan",
}

# Single includes that break the floors on purpose; docs/adr/0005 says why.
EXCEPTIONS = {
    ("include/cppickle/source.h", "cppickle/document.h"),
}

# Headers of other libraries that only these folders may include; the library's public headers include none but their own.
ONLY_IN = {
    "fmt/": set(MAY_INCLUDE),
    "CLI/": {"cli"},
    "boost/": {"server", "document"},
    "Python.h": {"python"},
}
PUBLIC_MAY_INCLUDE = {"describe.h": ("boost/describe", "boost/mp11")}

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)


def public_floor(name: str) -> str | None:
    """Of a header by its path below include/cppickle/."""
    if name.startswith("types/"):
        return "document"
    if name in PUBLIC_FLOOR:
        return PUBLIC_FLOOR[name]
    found = sorted(ROOT.glob(f"src/*/{Path(name).stem}.cc"))
    return found[0].parent.name if found else None


def floor_of_include(target: str) -> str | None:
    """The folder that an #include names, None for one that is not ours."""
    if target.startswith("cppickle/"):
        return public_floor(target.removeprefix("cppickle/"))
    head = target.split("/")[0]
    return head if head in MAY_INCLUDE and "/" in target else None


def includes(path: Path):
    for match in INCLUDE.finditer(path.read_text(encoding="utf-8")):
        yield path.read_text(encoding="utf-8").count("\n", 0, match.start()) + 1, match[1], match[2]


def check(path: Path, floor: str, public: bool):
    where = path.relative_to(ROOT)
    for line, bracket, target in includes(path):
        if (where.as_posix(), target) in EXCEPTIONS:
            continue
        below = floor_of_include(target)
        if target.startswith("cppickle/") and below is None:
            yield f"{where}:{line}: which floor is {target} on? name it in PUBLIC_FLOOR of tools/check_layers.py"
        elif public and below is not None and not target.startswith("cppickle/"):
            yield f"{where}:{line}: a public header includes a private one: {target}"
        elif below is not None and below != floor and below not in MAY_INCLUDE[floor]:
            yield f"{where}:{line}: {floor}/ may not include {below}/ ({target})"
        if public and bracket == "<" and "/" in target and not target.startswith("sys/"):
            if not target.startswith(PUBLIC_MAY_INCLUDE.get(path.name, ("\0",))):
                yield f"{where}:{line}: a public header includes another library: {target}"
        for prefix, folders in ONLY_IN.items():
            if not public and target.startswith(prefix) and floor not in folders:
                yield f"{where}:{line}: {target} is not for {floor}/"


def main() -> int:
    problems, count = [], 0
    for path in sorted(ROOT.glob("include/cppickle/**/*.h")):
        count += 1
        floor = public_floor(path.relative_to(ROOT / "include/cppickle").as_posix())
        if floor is None:
            problems.append(f"{path.relative_to(ROOT)}: name its floor in PUBLIC_FLOOR of tools/check_layers.py")
        else:
            problems += check(path, floor, public=True)
    for path in sorted(p for end in ("h", "cc", "def") for p in ROOT.glob(f"src/**/*.{end}")):
        count += 1
        folder = path.relative_to(ROOT / "src").parts[0]
        if folder not in MAY_INCLUDE:
            problems.append(f"{path.relative_to(ROOT)}: {folder}/ has no floor in MAY_INCLUDE of tools/check_layers.py")
        else:
            problems += check(path, folder, public=False)
    for path in sorted(p for end in ("h", "cc") for p in ROOT.glob(f"python/src/*.{end}")):
        count += 1
        problems += check(path, "python", public=False)
    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"{count} files, {len(problems)} includes that break the floors")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
