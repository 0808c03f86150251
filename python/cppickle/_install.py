"""Makes the standard library's pickle, and what builds on it, use cppickle: same results, faster.

What is replaced are names: pickle.dumps and the like, and the copies of them that the modules below took when they were
imported. A class that they derived from pickle.Pickler (multiprocessing's ForkingPickler, cloudpickle's Pickler) is
replaced by one with the same body over cppickle.Pickler; objects of the old class keep working as they did.
"""

import _thread  # threading costs the import of cppickle a millisecond
import sys
import types

from . import _cppickle

__all__ = ["install", "uninstall", "installed", "is_installed"]

_NAMES = ("dump", "dumps", "load", "loads", "Pickler", "Unpickler")

# Packages that speed up: other code that says pickle.dumps finds ours, code that took a copy of it keeps that.
_PACKAGES = ("pickle", "shelve", "multiprocessing", "concurrent", "joblib", "loky", "cloudpickle")

_lock = _thread.RLock()
_undo = []       # [(owner, name, what it was)], newest last
_replaced = {}   # id of what was replaced -> (it, what replaces it); holding it keeps the id its own


def _modules():
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in _PACKAGES and isinstance(module, types.ModuleType):
            yield module


def _replacement(value):
    return _replaced.get(id(value), (None, None))[1]


def _replace_names(owner):
    for name, value in list(vars(owner).items()):
        new = _replacement(value)
        if new is not None:
            _undo.append((owner, name, value))
            setattr(owner, name, new)


def _rebased(cls):
    """A class with the same body over the replacements of its bases."""
    bases = tuple(_replacement(base) or base for base in cls.__bases__)
    body = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
    made = types.new_class(cls.__name__, bases, {"metaclass": type(cls)}, lambda space: space.update(body))
    for name, value in body.items():
        if isinstance(value, (classmethod, staticmethod)):
            setattr(made, name, type(value)(_recelled(value.__func__, cls, made)))
        elif isinstance(value, types.FunctionType):
            setattr(made, name, _recelled(value, cls, made))
        elif _replacement(value) is not None:
            setattr(made, name, _replacement(value))
    return made


def _recelled(function, old, new):
    """The function with `new` where super() without arguments looks for `old`, and what is replaced in its closure."""
    if not isinstance(function, types.FunctionType) or not function.__closure__:
        return function

    def renewed(cell):
        try:
            value = cell.cell_contents
        except ValueError:  # empty
            return cell
        found = new if value is old else _replacement(value)
        return cell if found is None else types.CellType(found)

    cells = tuple(map(renewed, function.__closure__))
    if all(cell is kept for cell, kept in zip(cells, function.__closure__)):
        return function
    copy = types.FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__, cells)
    copy.__kwdefaults__ = function.__kwdefaults__
    copy.__qualname__, copy.__module__, copy.__doc__ = function.__qualname__, function.__module__, function.__doc__
    copy.__annotations__ = function.__annotations__
    copy.__dict__.update(function.__dict__)
    return copy


def _replace_classes():
    """Classes of these packages that derive from what was replaced. True if there were any."""
    found = {id(value): value for module in _modules() for value in vars(module).values()
             if isinstance(value, type) and _replacement(value) is None
             and any(_replacement(base) is not None for base in value.__bases__)
             and value.__module__.partition(".")[0] in _PACKAGES}
    for cls in found.values():
        _replaced[id(cls)] = (cls, _rebased(cls))
    return bool(found)


def install():
    """From now on pickle, multiprocessing, concurrent.futures, shelve, joblib's workers and cloudpickle use cppickle.

    Modules imported later find cppickle's names in pickle. Calling it again serves what was imported meanwhile.
    """
    import pickle

    with _lock:
        for name in _NAMES if not _replaced else ():
            original = getattr(pickle, name)
            _replaced[id(original)] = (original, getattr(_cppickle, name))
        while _replace_classes():
            pass
        for module in _modules():
            _replace_names(module)


def uninstall():
    """Undoes install(): each name is again what it was."""
    with _lock:
        while _undo:
            owner, name, value = _undo.pop()
            setattr(owner, name, value)
        _replaced.clear()


def is_installed():
    """Whether install() is in effect."""
    return bool(_replaced)


class installed:
    """install() for the time of a with statement; nothing changes if it is in effect already."""

    def __enter__(self):
        self._undo = not is_installed()
        if self._undo:
            install()

    def __exit__(self, *exception):
        if self._undo:
            uninstall()
