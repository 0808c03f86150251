#!/usr/bin/env python3
"""Writes tests/corpus/reader/, small streams for the fuzz target of that name, and what pickletools makes of them.

Each opcode has a stream of its own name, whole and valid; others are the odd corners of the readers. Next to them in
tests/golden/ stand the texts of pickletools.dis (up to where it raises) and the results of pickletools.optimize, one
file each, which unit tests compare with ours. Run this with CPython 3.11, whose pickletools is the model:
    python3.11 tools/make_seeds.py
"""
import io
import pathlib
import pickletools
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1] / "tests"

# One per opcode: what stands before it and its argument. A stream is that and what it takes to leave one value.
EACH = {
    "MARK": b"(l.",
    "EMPTY_TUPLE": b").",
    "STOP": b"N.",
    "POP": b"NI1\n0.",
    "POP_MARK": b"N(I1\nI2\n1.",
    "DUP": b"]2a.",
    "BINBYTES": b"\x80\x03B\x03\x00\x00\x00a'\xff.",
    "SHORT_BINBYTES": b"\x80\x03C\x03\x00\n\".",
    "FLOAT": b"(F1.5\nF-0.0\nF1e16\nF 1_0.5\nFinf\nF-nan\nF1e400\nF0.0001\nF123456789012345678\nl.",
    "BINFLOAT": b"(G?\xb9\x99\x99\x99\x99\x99\x9aG\x00\x00\x00\x00\x00\x00\x00\x01G\x7f\xf0\x00\x00\x00\x00\x00\x00GC4"
                b"\x12\x03\x00\x00\x00\x00l.",
    "INT": b"(I1\nI-5\nI00\nI01\nI 007\nI1_000\nI123456789012345678901234567890\nl.",
    "BININT": b"J\xff\xff\xff\x7f.",
    "BININT1": b"K\xff.",
    "LONG": b"(L5L\nL-12345678901234567890\nL0L\nl.",
    "BININT2": b"M\xff\xff.",
    "NONE": b"N.",
    "PERSID": b"Pit's outside\n.",
    "BINPERSID": b"Vid\nQ.",
    "REDUCE": b"cbuiltins\nlist\n(tR.",
    "STRING": b"(S'abc'\nS\"it's\"\nS'\\x41\\n\\101\\q'\nS''\nl.",
    "BINSTRING": b"T\x04\x00\x00\x00a\xe9\xad\x00.",
    "SHORT_BINSTRING": b"U\x03it'.",
    "UNICODE": b"(Vabc\\u4e2d\\U0001f600\nVcaf\xe9\\\\u0041\nl.",
    "BINUNICODE": b"X\x0b\x00\x00\x00a\xc2\xa0\xe4\xb8\xad\xed\xa0\x80\n'.",
    "EMPTY_LIST": b"].",
    "APPEND": b"]Na.",
    "BUILD": b"cm\nC\n)\x81}b.",
    "GLOBAL": b"cos.path\njoin\n.",
    "DICT": b"(K\x01Nd.",
    "APPENDS": b"](NNe.",
    "GET": b"]p7\ng7\na.",
    "BINGET": b"]q\x07h\x07a.",
    "INST": b"(K\x01im\nC\n.",
    "LONG_BINGET": b"]r\x07\x01\x00\x00j\x07\x01\x00\x00a.",
    "LIST": b"(NNl.",
    "OBJ": b"(cm\nC\nK\x01o.",
    "PUT": b"]p0\n.",
    "BINPUT": b"]q\x01(]q\x02h\x02e.",
    "LONG_BINPUT": b"]r\xff\xff\xff\xff.",
    "SETITEM": b"}K\x01Ns.",
    "TUPLE": b"(NNNNt.",
    "SETITEMS": b"}(K\x01NK\x02Nu.",
    "EMPTY_DICT": b"}.",
    "PROTO": b"\x80\x05N.",
    "NEWOBJ": b"cm\nC\n)\x81.",
    "EXT1": b"\x80\x02\x82\x01.",
    "EXT2": b"\x80\x02\x83\x01\x02.",
    "EXT4": b"\x80\x02\x84\x01\x02\x03\x04.",
    "TUPLE1": b"N\x85.",
    "TUPLE2": b"NN\x86.",
    "TUPLE3": b"NNN\x87.",
    "NEWTRUE": b"\x80\x02\x88.",
    "NEWFALSE": b"\x80\x02\x89.",
    "LONG1": b"(\x8a\x00\x8a\x01\xff\x8a\x02\xff\x00\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80\x8a\x09" + b"\xff" * 8 +
             b"\x7f\x8a\x14" + b"\x01" * 20 + b"l.",
    "LONG4": b"\x8b\x0b\x00\x00\x00" + b"\x00" * 10 + b"\x80.",
    "SHORT_BINUNICODE": b"\x80\x04\x8c\x05it's\\.",
    "BINUNICODE8": b"\x80\x04\x8d\x04\x00\x00\x00\x00\x00\x00\x00\xf0\x9f\x98\x80.",
    "BINBYTES8": b"\x80\x04\x8e\x01\x00\x00\x00\x00\x00\x00\x00\x80.",
    "EMPTY_SET": b"\x80\x04\x8f.",
    "ADDITEMS": b"\x80\x04\x8f(K\x01K\x02\x90.",
    "FROZENSET": b"\x80\x04(K\x01\x91.",
    "NEWOBJ_EX": b"\x80\x04cm\nC\n)}\x92.",
    "STACK_GLOBAL": b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93\x94.",
    "MEMOIZE": b"\x80\x04]\x94(]\x94h\x01h\x00e.",
    "FRAME": b"\x80\x04\x95\x06\x00\x00\x00\x00\x00\x00\x00]\x94h\x00a.",
    "BYTEARRAY8": b"\x80\x05\x96\x04\x00\x00\x00\x00\x00\x00\x00it's.",
    "NEXT_BUFFER": b"\x80\x05\x97.",
    "READONLY_BUFFER": b"\x80\x05\x97\x98.",
}

CORNERS = {
    "string_python2": b"S'caf\\xe9\\x00\xff'\np0\n.",
    "string_lone_quote": b"S'\n.",
    "string_bad_escape": b"S'\\x4'\n.",
    "string_no_quotes": b"Sabc\n.",
    "global_escapes": b"cm\\x41\nna\\tme\n.",
    "global_utf8": b"cm\xc3\xa9\nn\n.",
    "global_latin1": b"cm\xe9\nn\n.",
    "unicode_bad_escape": b"V\\u12\n.",
    "utf8_bad": b"\x8c\x02\xc3(.",
    "int_not": b"I1e5\n.",
    "float_not": b"F+-1\n.",
    "mark_none": b"Nt.",
    "mark_as_value": b"(\x85t.",
    "mark_popped": b"N(0.",
    "marks_deep": b"(" * 30 + b"l" + b"t" * 29 + b".",
    "memo_twice": b"]q\x00q\x00.",
    "memo_twice_memoize": b"]q\x00q\x02\x94.",
    "memo_missing": b"]h\x05a.",
    "memo_before_put": b"h\x00q\x00.",
    "memo_of_nothing": b"q\x00N.",
    "memo_of_mark": b"(q\x00l.",
    "memo_bool": b"]p01\ng1\na.",
    "memo_negative": b"]p-1\ng-1\na.",
    "memo_huge": b"]p123456789012345678901234567890\ng123456789012345678901234567890\na.",
    "memo_sparse": b"]r\xff\xff\xff\xffr\x00\x00\x00\x80(h\x00j\xff\xff\xff\xffj\x00\x00\x00\x80e.",
    "memo_out_of_order": b"\x80\x02]q\x05]q\x03]q\x09h\x03h\x05h\x09\x87\x87.",
    "memo_put_then_memoize": b"\x80\x04]q\x00]\x94]\x94h\x02h\x00\x86\x87.",
    "stack_short": b"N\x86.",
    "stack_left": b"NN.",
    "no_stop": b"N",
    "unknown": b"N\xff.",
    "length_negative": b"T\xff\xff\xff\xff.",
    "length_huge": b"\x8e" + b"\xff" * 8 + b"a.",
    "frame_too_long": b"\x80\x04\x95\xff\x00\x00\x00\x00\x00\x00\x00N.",
    "frame_short": b"\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00K\x01N0.",
    "frame_empty": b"\x80\x04\x95" + b"\x00" * 8 + b"N.",
    "protocol_in_the_middle": b"]\x80\x04\x94h\x00a.",
    "protocol_6": b"\x80\x06N.",
    "trailing": b"N.junk",
    "several": b"\x80\x02]q\x00.\x80\x02h\x00.",
}


def streams():
    missing = {op.name for op in pickletools.opcodes} - set(EACH)
    assert not missing, missing
    for name, stream in {**EACH, **CORNERS}.items():
        yield name, stream


def disassembled(stream):
    text = io.StringIO()
    try:
        pickletools.dis(stream, text)
        return text.getvalue(), "whole"
    except Exception as error:  # whatever it raises: the text up to there counts
        return text.getvalue(), "raises " + type(error).__name__


def optimized(stream):
    try:
        return pickletools.optimize(stream).hex()
    except Exception as error:
        return "raises " + type(error).__name__


def main():
    if sys.version_info[:2] != (3, 11):
        raise SystemExit("run this with CPython 3.11")
    seeds, golden = TESTS / "corpus" / "reader", TESTS / "golden"
    seeds.mkdir(parents=True, exist_ok=True)
    golden.mkdir(parents=True, exist_ok=True)
    for old in seeds.glob("*.pkl"):
        old.unlink()
    texts, pickles = [], []
    for name, stream in streams():
        (seeds / (name + ".pkl")).write_bytes(stream)
        text, end = disassembled(stream)
        assert "==> " not in text
        texts.append("==> %s %s\n%s\n" % (name, end, text))
        pickles.append("%s %s\n" % (name, optimized(stream)))
    (golden / "pickletools_dis.txt").write_text("".join(texts), encoding="utf-8", newline="\n")
    (golden / "pickletools_optimize.txt").write_text("".join(pickles), encoding="utf-8", newline="\n")
    print("%d streams" % len(texts))


if __name__ == "__main__":
    main()
