"""A pickle whose dumps load equal but aren't CPython's bytes: only the comparison of bytes can find it."""
from pickle import *  # noqa: F401,F403
import pickle
from pickle import PickleBuffer, Pickler, Unpickler, dump, load, loads  # noqa: F401
import pickletools


def dumps(*args, **kwargs):
    return pickletools.optimize(pickle.dumps(*args, **kwargs))
