#!/usr/bin/env python3
"""Writes src/pickle/compat_names.inc from this Python's `_compat_pickle`.

Without --write it only says whether the file is up to date (exit 1 if not)."""

import _compat_pickle
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "src/pickle/compat_names.inc"

# In _compat_pickle up to Python 3.12; 3.13 dropped the module, and these rows with it.
UNTIL_3_12 = {"Tix": "tkinter.tix"}

HEAD = """\
// Made by tools/make_compat_names.py from CPython's _compat_pickle, whose tables are the same in 3.6 to 3.12 (3.13
// lacks Tix). Rows are sorted by what is looked up.
//
// CPPICKLE_MODULE_TO_3(old, new)   CPPICKLE_NAME_TO_3(old module, old name, new module, new name)
// CPPICKLE_MODULE_TO_2(new, old)   CPPICKLE_NAME_TO_2(new module, new name, old module, old name)
"""


def quoted(*texts: str) -> str:
    assert all(t.isascii() and not set(t) & set('"\\\n') for t in texts)
    return ", ".join(f'"{t}"' for t in texts)


def table() -> str:
    to_3 = _compat_pickle.IMPORT_MAPPING | UNTIL_3_12
    to_2 = _compat_pickle.REVERSE_IMPORT_MAPPING | {new: old for old, new in UNTIL_3_12.items()}
    parts = [HEAD]
    for macro, rows in (
        ("CPPICKLE_MODULE_TO_3", [(k, v) for k, v in to_3.items()]),
        ("CPPICKLE_NAME_TO_3", [(*k, *v) for k, v in _compat_pickle.NAME_MAPPING.items()]),
        ("CPPICKLE_MODULE_TO_2", [(k, v) for k, v in to_2.items()]),
        ("CPPICKLE_NAME_TO_2", [(*k, *v) for k, v in _compat_pickle.REVERSE_NAME_MAPPING.items()]),
    ):
        parts.append(f"\n#ifdef {macro}\n" + "".join(f"{macro}({quoted(*row)})\n" for row in sorted(rows)) + "#endif\n")
    return "".join(parts)


def main() -> int:
    text = table()
    if "--write" in sys.argv[1:]:
        TARGET.write_text(text)
        return 0
    if not TARGET.exists() or TARGET.read_text() != text:
        print(f"{TARGET.name} is not what _compat_pickle of Python {sys.version.split()[0]} gives: "
              "run tools/make_compat_names.py --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
