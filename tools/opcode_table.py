"""Reads src/pickle/opcodes.def, the one table of opcodes, for the scripts that make something of it."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
ROW = re.compile(r"^CPPICKLE_OPCODE\((\w+), (0x[0-9a-f]{2}), (k\w+), (\d), (\d), (\d), (true|false)\)$")


class Row(NamedTuple):
    name: str
    byte: int
    argument: str
    protocol: int
    takes: int
    leaves: int
    mark: bool


def read(path: Path = ROOT / "src/pickle/opcodes.def") -> list[Row]:
    rows = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.startswith("CPPICKLE_OPCODE("):
            continue
        match = ROW.match(line)
        if not match:
            raise SystemExit(f"{path}:{number}: not a row of the table: {line}")
        name, byte, argument, protocol, takes, leaves, mark = match.groups()
        rows.append(Row(name, int(byte, 16), argument, int(protocol), int(takes), int(leaves), mark == "true"))
    return rows
