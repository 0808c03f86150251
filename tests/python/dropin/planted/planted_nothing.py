"""A pickle in which nothing works: every class of the suites that tests a pickle must fail with it."""
from pickle import PickleError, PicklingError, UnpicklingError  # noqa: F401


class Broken(Exception):
    """Expected by no test."""


def broken(*args, **kwargs):
    raise Broken


class PickleBuffer:
    __init__ = broken


class Pickler:
    __init__ = broken


class Unpickler:
    __init__ = broken


dump = dumps = load = loads = broken
