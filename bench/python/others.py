"""marshal and msgspec (msgpack) on the same values, where they can carry them.

What comes back as other data (tuples as lists, instances as dicts, no sharing) was less work: it is marked as
unlike.
"""
import marshal

import equality
import timing

try:
    import msgspec
except ImportError:
    msgspec = None


def codecs():
    """{name: (dumps, loads)}"""
    found = {'marshal': (marshal.dumps, marshal.loads)}
    if msgspec:
        found['msgspec'] = msgspec.msgpack.encode, msgspec.msgpack.decode
    return found


def measure_one(dumps, loads, workload, values, seconds):
    """{"dumps": ms, "loads": ms, "unlike": bool}, or None where it can't carry the values."""
    try:
        written = [dumps(value) for value in values]
        read = [loads(data) for data in written]
    except Exception:  # each has its own: ValueError, TypeError, OverflowError, RecursionError
        return None
    found = {'unlike': not equality.same(values, read)}
    del read
    dumping = timing.State(values, make=workload.make if workload.made_anew else None)
    for name, function, state in (('dumps', dumps, dumping), ('loads', loads, timing.State(written))):
        loops = timing.loops_for(timing.call_with_one, function, state)
        found.update(timing.least([(name, timing.call_with_one, function)], state, loops, True, seconds))
    return found


def measure(workload, values, seconds):
    found = {name: measure_one(dumps, loads, workload, values, seconds)
             for name, (dumps, loads) in codecs().items()}
    return found, [] if msgspec else ['msgspec is missing']
