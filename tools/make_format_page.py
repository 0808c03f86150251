#!/usr/bin/env python3
"""Writes what is generated from src/pickle/opcodes.def: the table in docs/format.md and fuzz/pickle.dict.

Without --write it only says whether they are up to date (exit 1 if not)."""

import difflib
import sys
from pathlib import Path

import opcode_table

BEGIN = "<!-- made by tools/make_format_page.py from src/pickle/opcodes.def -->\n"
END = "<!-- end of what is made -->\n"

ARGUMENTS = {
    "kNone": "",
    "kU1": "1 byte, unsigned",
    "kU2": "2 bytes, unsigned",
    "kI4": "4 bytes, signed",
    "kU4": "4 bytes, unsigned",
    "kU8": "8 bytes, unsigned",
    "kF8": "8 bytes, IEEE double, big-endian",
    "kLine": "a line",
    "kLinePair": "two lines",
    "kQuotedLine": "a line: text in quotes, Python escapes",
    "kUnicodeLine": "a line: raw-unicode-escape",
    "kDecimalLine": "a line: decimal integer",
    "kLongLine": "a line: decimal integer, `L` may follow",
    "kFloatLine": "a line: decimal float",
    "kCounted1": "1-byte length, then that many bytes",
    "kCountedI4": "4-byte signed length, then that many bytes",
    "kCountedU4": "4-byte length, then that many bytes",
    "kCountedU8": "8-byte length, then that many bytes",
}


def stack_effect(row: opcode_table.Row) -> str:
    """What an opcode takes: with a mark, the table counts the MARK and the slice above it as one each."""
    below = row.takes - 2 if row.mark else row.takes
    parts = [str(below)] if below else []
    if row.mark:
        parts.append("to MARK")
    return " + ".join(parts) or "0"


def table() -> str:
    lines = ["| byte | char | name | protocol | argument | takes | leaves |", "|---|---|---|---|---|---|---|"]
    for row in opcode_table.read():
        char = chr(row.byte) if 0x21 <= row.byte < 0x7F else ""
        shown = f"`{char}`" if char and char != "|" else ""
        lines.append(
            f"| {row.byte:02x} | {shown} | {row.name} | {row.protocol} | {ARGUMENTS[row.argument]} "
            f"| {stack_effect(row)} | {row.leaves} |"
        )
    return "\n".join(lines) + "\n"


def page(old: str) -> str:
    before, rest = old.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + "\n" + table() + "\n" + END + after


# Whole instructions, so that the fuzzer needn't find that a length fits its bytes.
PHRASES = {
    "PROTO_2": b"\x80\x02",
    "PROTO_4": b"\x80\x04",
    "PROTO_5": b"\x80\x05",
    "EMPTY_FRAME": b"\x95" + bytes(8),
    "SHORT_TEXT": b"\x8c\x01a",
    "GLOBAL_LINES": b"cbuiltins\nlist\n",
    "INST_LINES": b"(ibuiltins\nlist\n",
    "PUT_0": b"p0\n",
    "GET_0": b"g0\n",
    "BINGET_0": b"h\x00",
    "INT_BOOL": b"I01\n",
    "LONG_LINE": b"L1L\n",
    "FLOAT_LINE": b"F1.5\n",
    "STRING_LINE": b"S'a'\n",
    "UNICODE_LINE": b"V\\u0041\n",
    "NEW_TUPLE_STATE": b")\x81}b",
    "LENGTH_NEGATIVE": b"\xff\xff\xff\xff",
    "LENGTH_2_63": bytes(7) + b"\x80",
    "JOBLIB_WRAPPER": b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n",
    "NUMPY_RECONSTRUCT": b"cnumpy.core.multiarray\n_reconstruct\n",
    "NUMPY_DTYPE": b"cnumpy\ndtype\n",
}


def escaped(data: bytes) -> str:
    return "".join(chr(b) if 0x20 <= b < 0x7F and b not in b'"\\' else f"\\x{b:02x}" for b in data)


def dictionary(_: str) -> str:
    lines = ["# Made by tools/make_format_page.py from src/pickle/opcodes.def."]
    lines += [f'{row.name}="{escaped(bytes([row.byte]))}"' for row in opcode_table.read()]
    lines += [f'{name}="{escaped(data)}"' for name, data in PHRASES.items()]
    return "\n".join(lines) + "\n"


def main() -> int:
    write = "--write" in sys.argv[1:]
    stale = 0
    for name, make in {"docs/format.md": page, "fuzz/pickle.dict": dictionary}.items():
        path = opcode_table.ROOT / name
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        new = make(old)
        if new == old:
            continue
        if write:
            path.write_text(new, encoding="utf-8")
            print(f"wrote {name}")
            continue
        stale += 1
        print(f"{name} is out of date: run ./dev docs")
        sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True), "is", "should be"))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
