"""The list of cases: each is a name and a function that makes a fresh object (or the bytes themselves)."""
from __future__ import absolute_import

import io
import sys

PYTHON = sys.version_info[:2]
PYTHON3 = PYTHON >= (3, 0)

if PYTHON3:
    import pickle as c_pickle  # pickle.Pickler is the C one; generate_corpus.py checks that
    text = str
else:
    import cPickle as c_pickle
    text = type(u'')

HIGHEST = c_pickle.HIGHEST_PROTOCOL
ALL = tuple(range(HIGHEST + 1))

CASES = []


class Case(object):
    """`dump(protocol)` returns the file's bytes. `load` says how a test may read them back:
    value       one pickle, plain load
    persistent  one pickle, an Unpickler with persistent_load
    buffers     one pickle, loads(buffers=picklers.BUFFERS)
    several     several pickles, one load each
    shared      several pickles that share one memo: one Unpickler for all
    codes       one pickle, after picklers.register_extensions()
    """

    def __init__(self, name, dump, protocols, load, make):
        self.name = name
        self.dump = dump
        self.protocols = protocols
        self.load = load
        self.make = make


def case(name, make, protocols=ALL):
    """A case pickled by dumps()."""
    CASES.append(Case(name, lambda protocol: c_pickle.dumps(make(), protocol), protocols, 'value', make))


def case_to_file(name, make, protocols=ALL):
    """A case pickled into a file object, which frames and flushes along another path than dumps()."""
    def dump(protocol):
        out = io.BytesIO()
        c_pickle.Pickler(out, protocol).dump(make())
        return out.getvalue()
    CASES.append(Case(name, dump, protocols, 'value', make))


def case_of_bytes(name, dump, load, protocols=ALL):
    """A case whose function writes the bytes itself: dump(protocol)."""
    CASES.append(Case(name, dump, protocols, load, None))
