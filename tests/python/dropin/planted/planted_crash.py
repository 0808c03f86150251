"""A pickle whose load ends the process with a signal."""
import os
from pickle import *  # noqa: F401,F403
from pickle import PickleBuffer, Pickler, Unpickler, dump, dumps, loads  # noqa: F401
import signal


def load(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGSEGV)
