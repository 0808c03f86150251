"""Runs tests again and again and looks for what grows.

Noise (caches that fill, free lists) ends after some runs; a leak does not. So a test is reported only when one measure
grew in every one of the runs counted: growth between the second and third run makes it a suspect, and a suspect is run
EXTRA_RUNS times more. The tolerance is nothing at all, so a leak of one object per run cannot hide under it.

Some tests leak with CPython's _pickle too (test_bad_mark on 3.11: what bad streams leave). They are measured with _pickle
in the same way, and count only where the module's growth is larger by one or more a run, three times in a row.
"""
import array
import ctypes
import gc
import sys
import unittest

EXTRA_RUNS = 6
TRIES_AGAINST_CPYTHON = 3
NAMES = ('references', 'allocated blocks', 'objects', 'heap bytes')


class Mallinfo2(ctypes.Structure):
    """struct mallinfo2 of glibc 2.33: what pymalloc doesn't count (C++ objects, and objects over 512 bytes)."""
    _fields_ = [(name, ctypes.c_size_t) for name in
                ('arena', 'ordblks', 'smblks', 'hblks', 'hblkhd', 'usmblks', 'fsmblks', 'uordblks', 'fordblks', 'keepcost')]


def find_mallinfo():
    try:
        function = ctypes.CDLL(None).mallinfo2
    except (OSError, AttributeError):
        return None
    function.restype = Mallinfo2
    return function


MALLINFO = find_mallinfo()


def measure(into):
    """Fills an array, so that measuring keeps no object alive. sys.gettotalrefcount is there in debug builds only."""
    for name in ('_clear_internal_caches', '_clear_type_cache'):  # as CPython's regrtest does; one is gone, one is new
        if hasattr(sys, name):
            getattr(sys, name)()
            break
    for _ in range(3):
        gc.collect()
    if hasattr(sys, 'gettotalrefcount'):
        into[0] = sys.gettotalrefcount()
    into[2] = len(gc.get_objects())
    # Interned text lives forever from 3.12 on and isn't a leak.
    into[1] = sys.getallocatedblocks() - (sys.getunicodeinternedsize() if hasattr(sys, 'getunicodeinternedsize') else 0)
    if MALLINFO is not None:
        info = MALLINFO()
        into[3] = info.uordblks + info.hblkhd


def run_once(cls, name):
    result = unittest.TestResult()
    cls(name).run(result)
    return result


def growth(cls, name, before, after):
    """What one more run adds to each measure."""
    measure(before)
    run_once(cls, name)
    measure(after)
    return [end - start for start, end in zip(before, after)]


def leaks_of(cls, name, repeat):
    """{measure: growths of every run counted}, empty when nothing leaks. The first run has already been made."""
    before, after = array.array('q', [0] * 4), array.array('q', [0] * 4)
    for _ in range(max(repeat - 2, 1)):
        run_once(cls, name)
    grown = [growth(cls, name, before, after)]
    # A debug build counts references exactly; elsewhere every measure counts, also where it is the only one that moves.
    while any(all(run[at] > 0 for run in grown) for at in range(4)):
        if len(grown) > EXTRA_RUNS:
            return {NAMES[at]: [run[at] for run in grown] for at in range(4) if all(run[at] > 0 for run in grown)}
        grown.append(growth(cls, name, before, after))
    return {}


def worse_than_cpython(cls, cpython_class, name, repeat):
    """(what leaks more than with _pickle, what leaks with _pickle as much): each {measure: growths}, or empty."""
    for _ in range(TRIES_AGAINST_CPYTHON):
        ours = leaks_of(cls, name, repeat)
        if not ours:
            return {}, {}
        theirs = leaks_of(cpython_class, name, repeat)
        worse = {measure: runs for measure, runs in ours.items()
                 if sum(runs) >= sum(theirs.get(measure, [])) + len(runs)}
        if not worse:
            return {}, ours
    return worse, {}
