#!/usr/bin/env python3
"""Prints tests/unit/array_samples.inc and tests/unit/python_samples.inc to the folder given: pickles that this Python
and its numpy make, and what they are. Run with numpy 2 (and 1, to compare) when a kind of value is added."""

import collections
import datetime
import decimal
import fractions
import functools
import pathlib
import pickle
import sys
import types
import uuid
from pathlib import Path

import numpy as np


def literal(data: bytes) -> str:
    """A C++ string literal; an octal escape never runs into the digit that follows it."""
    return '"' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else f"\\{b:03o}" for b in data) + '"'


def element(value) -> str:
    if value is np.ma.masked:
        return "--"
    if isinstance(value, np.void) and value.dtype.names is None:
        return repr(value.tobytes())
    if isinstance(value, np.void):
        parts = [element(value[name]) for name in value.dtype.names]
        return "(" + ", ".join(parts) + ("," if len(parts) == 1 else "") + ")"
    if isinstance(value, np.ndarray) and value.ndim:
        return "[" + ", ".join(map(element, value)) + "]"
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return str(value)
    if isinstance(value, np.float32 | np.float16):
        return repr(float(str(value)))
    return repr(value.item()) if isinstance(value, (np.generic, np.ndarray)) else repr(value)


def arrays():
    yield "float64", np.array([[0.0, -0.0, 1.5], [1e16, 1e-5, np.nan]]), (0, 2, 3, 5)
    yield "float64 F", np.asfortranarray(np.arange(6.0).reshape(2, 3)), (2, 5)
    yield "float64 transposed", np.arange(6.0).reshape(1, 2, 3).transpose(1, 0, 2), (2, 5)
    yield "big-endian", np.array([1, -2, 300], ">i4"), (2, 5)
    yield "uint64", np.array([2**64 - 1, 0], "u8"), (2,)
    yield "float16", np.array([1, 0.1, 65504, 6e-8, -np.inf], "f2"), (2,)
    yield "float32", np.array([0.1, 16777216, 1e-10], "f4"), (5,)
    yield "complex128", np.array([1 + 2j, -0.5j, complex(0, -1)]), (2,)
    yield "bool", np.array([True, False]), (2,)
    yield "unicode", np.array(["a", "", "caf\u00e9", "\U0001f600"]), (2, 5)
    yield "unicode big-endian", np.array(["ab", "c"]).astype(">U3"), (2,)
    yield "bytes", np.array([b"a", b"", b"x'\x01"]), (2,)
    yield "void", np.frombuffer(b"abcdef", "V3"), (2,)
    yield "datetime64[ns]", np.array(["2024-05-01T12:30:00.000000001", "NaT", "1969-12-31"], "M8[ns]"), (2, 5)
    yield "datetime64[25s]", np.array([0, 1, -1]).astype("M8[25s]"), (2,)
    for unit in ("Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ps", "fs", "as"):
        yield f"datetime64[{unit}]", np.array([0, 1, -1, 123456, -98765]).astype(f"M8[{unit}]"), (4,)
    yield "timedelta64[m]", np.array([5, -1, "NaT"], "m8[m]"), (2,)
    yield "object", np.array([1, "x", None, 2.5], object), (2, 5)
    yield "object F", np.array([[1, 2], [3, 4]], object, order="F"), (2, 5)
    inner = [("x", "?"), ("d", "M8[D]")]
    record = np.zeros(2, [("a", "<i4"), ("b", ">f8", (2,)), ("s", "S3"), ("u", "U2"), ("n", inner)])
    record["a"], record["b"], record["s"], record["u"], record["n"]["d"] = [1, -2], [[1, 2.5], [3, 4]], b"xyz", "ab", "2020-02-29"
    yield "structured", record, (2, 5)
    yield "aligned", np.zeros(2, np.dtype([("a", "i1"), ("b", "f8")], align=True)), (2, 5)
    yield "offsets", np.zeros(1, np.dtype({"names": ["a", "b"], "formats": ["i4", "i2"], "offsets": [4, 0], "itemsize": 12})), (2,)
    yield "titles", np.zeros(1, [(("t", "n"), "i4")]), (2,)
    yield "structured object", np.array([(1, "x")], [("i", "i4"), ("o", object)]), (2,)
    yield "no fields", np.zeros((2, 2), []), (2,)
    yield "0-d", np.array(7, "i2"), (2, 5)
    yield "empty", np.zeros((0, 3)), (2, 5)
    yield "empty text", np.zeros(3, "U0"), (2,)
    yield "matrix", np.matrix([[1, 2], [3, 4]]), (2,)
    yield "recarray", np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]), (2,)
    yield "masked", np.ma.array([[1, 2], [3, 4]], mask=[[0, 1], [0, 0]], order="F"), (2, 5)
    yield "StringDType", np.array(["a", "b\u00e9"], np.dtypes.StringDType()), (4,)
    yield "scalar float64", np.float64(1.5), (0, 2, 5)
    yield "scalar str", np.str_("hello"), (2,)
    yield "scalar datetime64", np.datetime64("2024-01-01T12", "h"), (2,)
    yield "scalar structured", record[1], (2,)


def array_rows():
    for name, array, protocols in arrays():
        elements = [array] if isinstance(array, np.generic) else [array[i] for i in np.ndindex(*array.shape)]
        text = "|".join(map(element, elements)).encode()
        for protocol in protocols:
            yield (f'{{"{name}, protocol {protocol}", bytes({literal(pickle.dumps(array, protocol))}),\n {literal(str(array.dtype).encode())}, '
                   f'{{{", ".join(map(str, array.shape))}}}, {literal(text)}}},\n')


def values():
    zone = datetime.timezone(datetime.timedelta(hours=-1, minutes=-30))
    yield "datetime.datetime(2024, 5, 1, 12, 30)", datetime.datetime(2024, 5, 1, 12, 30)
    yield "datetime.datetime(2024, 5, 1, 12, 30, tzinfo=UTC)", datetime.datetime(2024, 5, 1, 12, 30, tzinfo=datetime.timezone.utc)
    yield "datetime.datetime(2024, 5, 1, 12, 30, 1, 5, fold=1, tzinfo=UTC-01:30)", datetime.datetime(2024, 5, 1, 12, 30, 1, 5, zone, fold=1)
    yield "datetime.date(1, 1, 1)", datetime.date(1, 1, 1)
    yield "datetime.time(23, 59, 59, 999999)", datetime.time(23, 59, 59, 999999)
    yield "datetime.timedelta(days=-1, seconds=5)", datetime.timedelta(days=-1, seconds=5)
    yield "datetime.timedelta(0)", datetime.timedelta(0)
    yield "datetime.timezone(UTC-01:30)", zone
    yield "Decimal('1.50')", decimal.Decimal("1.50")
    yield "Fraction(1, 3)", fractions.Fraction(1, 3)
    yield "UUID('12345678-1234-5678-9234-567812345678')", uuid.UUID("12345678123456789234567812345678")
    yield "UUID('00000000-0000-0000-0000-000000000005')", uuid.UUID(int=5)
    yield "UUID('ffffffff-ffff-ffff-ffff-ffffffffffff')", uuid.UUID(int=2**128 - 1)
    yield "(1+2j)", 1 + 2j
    yield "range(0, 10, 3)", range(0, 10, 3)
    yield "slice(1, None, 2)", slice(1, None, 2)
    yield "deque([1, 2], maxlen=5)", collections.deque([1, 2], 5)
    yield "deque([])", collections.deque()
    yield "OrderedDict({'a': 1})", collections.OrderedDict(a=1)
    yield "defaultdict(list, {'a': [1]})", collections.defaultdict(list, a=[1])
    yield "Counter({'a': 2})", collections.Counter("aa")
    yield "ChainMap({'a': 1}, {'b': 2})", collections.ChainMap({"a": 1}, {"b": 2})
    yield "PosixPath('/tmp/x')", pathlib.PosixPath("/tmp/x")
    yield "PureWindowsPath('c:\\\\\\\\a')", pathlib.PureWindowsPath("c:\\a")
    yield "ValueError('no', 3)", ValueError("no", 3)
    yield "FileNotFoundError(2, 'x')", FileNotFoundError(2, "x")
    yield "SimpleNamespace(a=1)", types.SimpleNamespace(a=1)
    yield "functools.partial(int, '10', base=2)", functools.partial(int, "10", base=2)
    yield "{1}", {1}
    yield "set()", set()
    yield "frozenset({1})", frozenset({1})
    yield "frozenset()", frozenset()
    yield "b'\\\\x00\\\\xff'", b"\x00\xff"
    yield "b''", b""
    yield "bytearray(b'\\\\xe9')", bytearray(b"\xe9")
    yield "dtype('float64')", np.dtype("f8")
    yield "numpy.float64(1.5)", np.float64(1.5)
    yield "ndarray float64 (40, 3) C 960 B", np.zeros((40, 3))
    yield "ndarray object (2,)", np.array([None, 1])
    yield "MaskedArray int64 (2,) 16 B", np.ma.array([1, 2], mask=[0, 1])
    yield "numpy.random.Generator(PCG64)", np.random.default_rng(1)


def value_rows():
    for text, value in values():
        # Protocols below 4 lose a datetime's fold, those below 3 write the exceptions of Python 2.
        first = 4 if "fold=1" in text else 3 if "FileNotFound" in text else 0
        for protocol in (p for p in (0, 2, 3, 5) if p >= first):
            yield f'{{"{text}", {protocol}, bytes({literal(pickle.dumps(value, protocol))})}},\n'


def main() -> int:
    folder = Path(sys.argv[1])
    head = f"// Made by tools/make_view_samples.py with Python {sys.version.split()[0]} and numpy {np.__version__}.\n"
    (folder / "array_samples.inc").write_text(head + "".join(array_rows()))
    (folder / "python_samples.inc").write_text(head + "".join(value_rows()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
