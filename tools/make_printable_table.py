#!/usr/bin/env python3
"""Writes src/pickle/printable.inc: where Python's str.isprintable() changes its mind, code point by code point.

The table is that of CPython 3.11 (Unicode 14), whose repr() the disassembler prints; run this with that version:
    python3.11 tools/make_printable_table.py
tests/python/test_pickletools_text.py compares every code point.
"""
import pathlib
import sys
import unicodedata

TARGET = pathlib.Path(__file__).resolve().parents[1] / "src" / "pickle" / "printable.inc"


def main():
    if sys.version_info[:2] != (3, 11):
        raise SystemExit("run this with CPython 3.11: other versions know other characters")
    changes, printable = [], False
    for code_point in range(0x110000):
        if chr(code_point).isprintable() != printable:
            printable = not printable
            changes.append(code_point)
    lines = [
        "// Made by tools/make_printable_table.py with CPython 3.11 (Unicode %s)." % unicodedata.unidata_version,
        "// Each code point below is printable if the one before it is not, and the other way round; U+0000 is not.",
    ]
    row = ""
    for code_point in changes:
        item = "0x%X," % code_point
        if row and len(row) + 1 + len(item) > 110:
            lines.append(row)
            row = ""
        row += (" " if row else "") + item
    lines.append(row)
    TARGET.write_text("\n".join(lines) + "\n")
    print("%s: %d changes" % (TARGET.name, len(changes)))


if __name__ == "__main__":
    main()
