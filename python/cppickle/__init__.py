"""Pickles as data, and a faster drop-in for the standard library's pickle.

``import cppickle as pickle`` gives pickle's own names with its meaning and its bytes. ``cppickle.read`` shows what a
pickle holds without running it.
"""

from pickle import (  # noqa: F401
    HIGHEST_PROTOCOL, DEFAULT_PROTOCOL, PickleBuffer, PickleError, PicklingError, UnpicklingError, bytes_types,
    compatible_formats, format_version, whichmodule,
)

from ._cppickle import (  # noqa: F401
    Document, Error, Pickler, Stream, Unpickler, Value, dis, dump, dumps, from_json, load, loads, opcodes as _opcodes,
    optimize, pause_collector, read, scan, stat, to_json,
)
from ._model import Model  # noqa: F401
from ._install import install, installed, is_installed, uninstall  # noqa: F401

globals().update(_opcodes)

__all__ = [
    "PickleError", "PicklingError", "UnpicklingError", "Pickler", "Unpickler", "dump", "dumps", "load", "loads",
    "PickleBuffer", *sorted(_opcodes),
]
