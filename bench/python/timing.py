"""How long calls take: CPU time of this process, the least of many timings, the peers by turns.

A timing begins with nothing to collect and ends with one young collection, which the interpreter would run
soon anyway: a module that pauses the collector must not leave its work to others for nothing. A call that
takes half a millisecond or more is timed alone, and what it returns is freed outside; quicker ones are timed
many at a time, freeing included. The rounds are spread over several processes (run.py): from one timing to
the next the free memory of a process is scattered more, and a load of small objects may take half as long
again after twenty of them.
"""
import gc
import io
import itertools
import math
import time

DIRECTIONS = ('dumps', 'dump(file)', 'loads', 'load(file)', 'load(BytesIO)')
FEWEST_ROUNDS = 3
ALONE, TOGETHER = 0.5e-3, 2e-3  # seconds
STEADY = 1.02  # the three least timings of each peer lie this close, or the measurement goes on ...
LONGEST = 4  # ... for at most this many times its seconds


def call_dumps(function, state, loops):
    protocol = state.protocol
    for _ in itertools.repeat(None, loops):
        for value in state.values:
            result = function(value, protocol)
    return result


def call_dump(function, state, loops):
    file, protocol = state.file, state.protocol
    for _ in itertools.repeat(None, loops):
        for value in state.values:
            function(value, file, protocol)
    file.flush()


def call_with_one(function, state, loops):
    """loads(bytes), and dumps of a module that knows no protocols."""
    for _ in itertools.repeat(None, loops):
        for value in state.values:
            result = function(value)
    return result


def call_compact(function, state, loops):
    protocol = state.protocol
    for _ in itertools.repeat(None, loops):
        for value in state.values:
            result = function(value, protocol, compact=True)
    return result


def call_load(function, state, loops):
    """The messages stand behind one another in the file, as they do in a log."""
    file = state.file
    for _ in itertools.repeat(None, loops * state.count):
        result = function(file)
    return result


class State:
    """What the calls of one measurement work on; a file is at its start when a timing begins."""

    def __init__(self, values, protocol=None, file=None, make=None):
        self.values, self.count = values, len(values)
        self.protocol, self.file, self.make = protocol, file, make

    def prepare(self):
        if self.make:
            self.values = None
            self.values = self.make()
        if self.file:
            self.file.seek(0)


def timed(call, function, state, loops, collector):
    """Seconds for one round of the values."""
    state.prepare()
    gc.collect()
    if not collector:
        gc.disable()
    start = time.process_time()
    result = call(function, state, loops)
    gc.collect(0)
    spent = time.process_time() - start
    kept = gc.isenabled() == collector
    gc.enable()
    del result
    if not kept:
        raise AssertionError('the collector was %s afterwards' % ('off' if collector else 'on'))
    return spent / loops


def loops_for(call, function, state):
    """How many rounds make one timing."""
    once = min(timed(call, function, state, 1, True) for _ in range(3))
    return 1 if once >= ALONE else math.ceil(TOGETHER / max(once, 1e-8))


def steady(timings):
    return all(sorted(one)[2] <= STEADY * min(one) for one in timings)


def least(peers, state, loops, collector, seconds):
    """{name: milliseconds} for peers of [(name, call, function)]. They go first by turns.

    The first round isn't counted: it finds the heap in a state that no later one finds.
    """
    for name, call, function in peers:
        timed(call, function, state, loops, collector)
    timings = {name: [] for name, _, _ in peers}
    begin, rounds = time.process_time(), 0
    while True:
        for name, call, function in peers if rounds % 2 == 0 else peers[::-1]:
            timings[name].append(timed(call, function, state, loops, collector))
        rounds += 1
        spent = time.process_time() - begin
        if rounds < FEWEST_ROUNDS or spent < seconds:
            continue
        if steady(timings.values()) or spent > LONGEST * seconds:
            return {name: min(found) * 1e3 for name, found in timings.items()}


def repeated(pickles, loops, path):
    """A file that holds the pickles `loops` times, open for reading, and a BytesIO of the same."""
    data = b''.join(pickles) * loops
    path.write_bytes(data)
    return open(path, 'rb'), io.BytesIO(data)
