"""src/pickle/opcodes.def says what CPython's pickletools says."""

import pickletools
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import opcode_table  # noqa: E402

KINDS = {
    None: "kNone", "uint1": "kU1", "uint2": "kU2", "int4": "kI4", "uint4": "kU4", "uint8": "kU8", "float8": "kF8",
    "stringnl": "kQuotedLine", "stringnl_noescape": "kLine", "stringnl_noescape_pair": "kLinePair",
    "unicodestringnl": "kUnicodeLine", "decimalnl_short": "kDecimalLine", "decimalnl_long": "kLongLine",
    "floatnl": "kFloatLine", "long1": "kCounted1", "string1": "kCounted1", "bytes1": "kCounted1",
    "unicodestring1": "kCounted1", "long4": "kCountedI4", "string4": "kCountedI4", "bytes4": "kCountedU4",
    "unicodestring4": "kCountedU4", "bytes8": "kCountedU8", "bytearray8": "kCountedU8", "unicodestring8": "kCountedU8",
}  # fmt: skip


def test_rows_equal_pickletools():
    ours = {row.name: row for row in opcode_table.read()}
    assert list(ours) == [opcode.name for opcode in sorted(pickletools.opcodes, key=lambda o: ord(o.code))]
    for theirs in pickletools.opcodes:
        assert ours[theirs.name] == opcode_table.Row(
            name=theirs.name,
            byte=ord(theirs.code),
            argument=KINDS[theirs.arg.name if theirs.arg else None],
            protocol=theirs.proto,
            takes=len(theirs.stack_before),
            leaves=len(theirs.stack_after),
            mark=pickletools.markobject in theirs.stack_before,
        )
