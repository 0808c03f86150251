"""A pickle whose dump leaks one object per test that calls it, of the kind that the environment variable says."""
import os
import pickle
from pickle import *  # noqa: F401,F403
from pickle import PickleBuffer, Pickler, Unpickler, dumps, load, loads  # noqa: F401

KIND = os.environ.get('PLANTED_LEAK', 'list')
kept = []


class Link:
    """A leaked object that the next one keeps alive, so that no list grows now and then."""
    __slots__ = ('before', 'what')


def dump(*args, **kwargs):
    link = Link()
    link.before = kept.pop() if kept else None
    link.what = {'list': [], 'float': 0.5 + len(args), 'large bytes': b'x' * 3000}[KIND]
    kept.append(link)
    return pickle.dump(*args, **kwargs)
