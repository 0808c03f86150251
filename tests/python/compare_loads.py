"""Loads pairs of pickles with this Python and says which differ. Runs on CPython 2.7 and 3.6 to 3.13.

Standard input: JSON lines [name, original file, other file, how to load]; standard output: JSON lines [name, difference].
Only ever given files that the tests themselves generated.
"""
from __future__ import absolute_import

import io
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from corpus import picklers  # noqa: E402
from corpus.registry import PYTHON3, c_pickle  # noqa: E402
from structure import difference  # noqa: E402


def unpickler(file, load):
    if load == 'buffers':
        return c_pickle.Unpickler(file, buffers=picklers.BUFFERS)
    if not PYTHON3:
        made = c_pickle.Unpickler(file)
        made.persistent_load = lambda key: ('persistent', key.decode('latin-1') if isinstance(key, bytes) else key)
        return made

    class Persistent(c_pickle.Unpickler):
        def persistent_load(self, key):
            return 'persistent', key
    return Persistent(file)


def load_all(path, load):
    """Every pickle of the file, as a list."""
    with open(path, 'rb') as opened:
        data = opened.read()
    file, values, reader = io.BytesIO(data), [], None
    while file.tell() < len(data):
        if reader is None or load != 'shared':
            reader = unpickler(file, load)
        values.append(reader.load())
    return values


def compare(original, other, load):
    try:
        expected = load_all(original, load)
    except Exception as error:
        return 'the original does not load: %s: %s' % (type(error).__name__, error)
    try:
        return difference(expected, load_all(other, load))
    except Exception as error:
        return 'does not load: %s: %s' % (type(error).__name__, error)


def main():
    sys.setrecursionlimit(5000)
    picklers.register_extensions()
    for line in sys.stdin:
        name, original, other, load = json.loads(line)
        found = compare(original, other, load)
        if found:
            print(json.dumps([name, found]))


if __name__ == '__main__':
    main()
