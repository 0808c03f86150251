from pickle import (
    DEFAULT_PROTOCOL as DEFAULT_PROTOCOL,
    HIGHEST_PROTOCOL as HIGHEST_PROTOCOL,
    PickleBuffer as PickleBuffer,
    PickleError as PickleError,
    PicklingError as PicklingError,
    UnpicklingError as UnpicklingError,
    bytes_types as bytes_types,
)
from typing import Any

from ._cppickle import (
    Document as Document,
    Error as Error,
    Pickler as Pickler,
    Stream as Stream,
    Unpickler as Unpickler,
    Value as Value,
    dis as dis,
    dump as dump,
    dumps as dumps,
    from_json as from_json,
    load as load,
    loads as loads,
    optimize as optimize,
    pause_collector as pause_collector,
    read as read,
    scan as scan,
    stat as stat,
    to_json as to_json,
)
from ._model import Model as Model
from ._install import install as install, installed as installed, is_installed as is_installed, uninstall as uninstall

compatible_formats: list[str]
format_version: str

def whichmodule(obj: Any, name: str) -> str: ...

__all__ = [
    "PickleError",
    "PicklingError",
    "UnpicklingError",
    "Pickler",
    "Unpickler",
    "dump",
    "dumps",
    "load",
    "loads",
    "PickleBuffer",
    "ADDITEMS",
    "APPEND",
    "APPENDS",
    "BINBYTES",
    "BINBYTES8",
    "BINFLOAT",
    "BINGET",
    "BININT",
    "BININT1",
    "BININT2",
    "BINPERSID",
    "BINPUT",
    "BINSTRING",
    "BINUNICODE",
    "BINUNICODE8",
    "BUILD",
    "BYTEARRAY8",
    "DICT",
    "DUP",
    "EMPTY_DICT",
    "EMPTY_LIST",
    "EMPTY_SET",
    "EMPTY_TUPLE",
    "EXT1",
    "EXT2",
    "EXT4",
    "FLOAT",
    "FRAME",
    "FROZENSET",
    "GET",
    "GLOBAL",
    "INST",
    "INT",
    "LIST",
    "LONG",
    "LONG1",
    "LONG4",
    "LONG_BINGET",
    "LONG_BINPUT",
    "MARK",
    "MEMOIZE",
    "NEWFALSE",
    "NEWOBJ",
    "NEWOBJ_EX",
    "NEWTRUE",
    "NEXT_BUFFER",
    "NONE",
    "OBJ",
    "PERSID",
    "POP",
    "POP_MARK",
    "PROTO",
    "PUT",
    "READONLY_BUFFER",
    "REDUCE",
    "SETITEM",
    "SETITEMS",
    "SHORT_BINBYTES",
    "SHORT_BINSTRING",
    "SHORT_BINUNICODE",
    "STACK_GLOBAL",
    "STOP",
    "STRING",
    "TUPLE",
    "TUPLE1",
    "TUPLE2",
    "TUPLE3",
    "UNICODE",
]

ADDITEMS: bytes
APPEND: bytes
APPENDS: bytes
BINBYTES: bytes
BINBYTES8: bytes
BINFLOAT: bytes
BINGET: bytes
BININT: bytes
BININT1: bytes
BININT2: bytes
BINPERSID: bytes
BINPUT: bytes
BINSTRING: bytes
BINUNICODE: bytes
BINUNICODE8: bytes
BUILD: bytes
BYTEARRAY8: bytes
DICT: bytes
DUP: bytes
EMPTY_DICT: bytes
EMPTY_LIST: bytes
EMPTY_SET: bytes
EMPTY_TUPLE: bytes
EXT1: bytes
EXT2: bytes
EXT4: bytes
FLOAT: bytes
FRAME: bytes
FROZENSET: bytes
GET: bytes
GLOBAL: bytes
INST: bytes
INT: bytes
LIST: bytes
LONG: bytes
LONG1: bytes
LONG4: bytes
LONG_BINGET: bytes
LONG_BINPUT: bytes
MARK: bytes
MEMOIZE: bytes
NEWFALSE: bytes
NEWOBJ: bytes
NEWOBJ_EX: bytes
NEWTRUE: bytes
NEXT_BUFFER: bytes
NONE: bytes
OBJ: bytes
PERSID: bytes
POP: bytes
POP_MARK: bytes
PROTO: bytes
PUT: bytes
READONLY_BUFFER: bytes
REDUCE: bytes
SETITEM: bytes
SETITEMS: bytes
SHORT_BINBYTES: bytes
SHORT_BINSTRING: bytes
SHORT_BINUNICODE: bytes
STACK_GLOBAL: bytes
STOP: bytes
STRING: bytes
TUPLE: bytes
TUPLE1: bytes
TUPLE2: bytes
TUPLE3: bytes
UNICODE: bytes
