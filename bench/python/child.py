"""child.py WORKLOAD MODULE SECONDS SCALE PART: measures one workload in this process; one JSON line.

{"name", "protocol", "bytes", "python", "results": {direction: {"on" or "off": {"_pickle": ms, "module":
ms}}}, "others": {"marshal" or "msgspec": {"dumps", "loads", "unlike"}}, "compact": {...}, "notes": [...]}, or
{"left_out"} where a library is missing, or {"error"}.

PART counts the processes that share a workload's rounds: the odd ones begin with the module, and the first
one alone measures marshal, msgspec and compact=True.
"""
import importlib
import io
import json
import pathlib
import platform
import shutil
import sys
import tempfile

import _pickle

import equality
import objects
import others
import timing

SHARED_MEMORY = pathlib.Path('/dev/shm')
ROOM = 2_000_000_000


def folder_for_files():
    """In memory where there is room, so that no disk takes part."""
    if SHARED_MEMORY.is_dir() and shutil.disk_usage(SHARED_MEMORY).free > ROOM:
        return SHARED_MEMORY
    return None


def check_loads(module, pickles, protocol, folder):
    """Raises where the module loads other values than `_pickle`."""
    for number, data in enumerate(pickles):
        expected = _pickle.loads(data)
        path = folder / 'check'
        path.write_bytes(data)
        with open(path, 'rb') as file:
            for what, load, source in (('loads', module.loads, data), ('load(file)', module.load, file),
                                       ('load(BytesIO)', module.load, io.BytesIO(data))):
                equality.check(expected, load(source), protocol, '%s of value %d' % (what, number))


def check_dumps(module, values, pickles, protocol):
    """Notes; raises where what was written does not load as the same."""
    notes = []
    for number, (value, expected) in enumerate(zip(values, pickles)):
        file = io.BytesIO()
        module.dump(value, file, protocol)
        for what, written in (('dumps', module.dumps(value, protocol)), ('dump', file.getvalue())):
            if written != expected:
                notes.append('%s writes other bytes than _pickle' % what)
                equality.check(_pickle.loads(expected), _pickle.loads(written), protocol,
                               '%s of value %d' % (what, number))
    return notes


def measure_directions(peers, workload, values, pickles, seconds, folder):
    """({direction: {collector: {peer: ms}}}, loops of dumps, loops of loads)"""
    results = {}
    make = workload.make if workload.made_anew else None
    dumping = timing.State(values, workload.protocol, make=make)
    loading = timing.State(pickles)
    dump_loops = timing.loops_for(timing.call_dumps, _pickle.dumps, dumping)
    load_loops = timing.loops_for(timing.call_with_one, _pickle.loads, loading)
    read, memory = timing.repeated(pickles, load_loops, folder / 'read')
    with read, open(folder / 'written', 'wb') as written:
        dumping_to_file = timing.State(values, workload.protocol, written, make)
        plan = {
            'dumps': ('dumps', timing.call_dumps, dumping, dump_loops),
            'dump(file)': ('dump', timing.call_dump, dumping_to_file, dump_loops),
            'loads': ('loads', timing.call_with_one, loading, load_loops),
            'load(file)': ('load', timing.call_load, timing.State(pickles, file=read), load_loops),
            'load(BytesIO)': ('load', timing.call_load, timing.State(pickles, file=memory), load_loops),
        }
        for direction in timing.DIRECTIONS:
            name, call, state, loops = plan[direction]
            functions = [(peer, call, getattr(owner, name)) for peer, owner in peers]
            results[direction] = {mode: timing.least(functions, state, loops, mode == 'on', seconds)
                                  for mode in ('on', 'off')}
    return results, dump_loops, load_loops


def measure_compact(module, workload, values, pickles, seconds, loops):
    """What compact=True saves, or None where the module doesn't know it."""
    try:
        shorter = [module.dumps(value, workload.protocol, compact=True) for value in values]
    except TypeError:
        return None
    for number, (data, expected) in enumerate(zip(shorter, pickles)):
        equality.check(_pickle.loads(expected), _pickle.loads(data), workload.protocol,
                       'compact dumps of value %d' % number)
    state = timing.State(values, workload.protocol, make=workload.make if workload.made_anew else None)
    dumps = [('dumps', timing.call_dumps, module.dumps), ('compact', timing.call_compact, module.dumps)]
    found = timing.least(dumps, state, loops[0], True, seconds)
    for name, data in (('loads', pickles), ('compact_loads', shorter)):
        loads = [(name, timing.call_with_one, module.loads)]
        found.update(timing.least(loads, timing.State(data), loops[1], True, seconds / 2))
    return dict(found, bytes=sum(map(len, pickles)), compact_bytes=sum(map(len, shorter)))


def measure(name, module_name, seconds, scale, part):
    module = importlib.import_module(module_name)
    workload = objects.workloads(scale)[name]
    found = {'name': name, 'protocol': workload.protocol, 'python': platform.python_version(),
             'module': getattr(module, '__file__', module_name)}
    try:
        values = workload.make()
    except ImportError as missing:
        return dict(found, left_out=str(missing))
    pickles = [_pickle.dumps(value, workload.protocol) for value in values]
    with tempfile.TemporaryDirectory(dir=folder_for_files()) as folder:
        folder = pathlib.Path(folder)
        check_loads(module, pickles, workload.protocol, folder)
        notes = check_dumps(module, values, pickles, workload.protocol)
        peers = [('_pickle', _pickle), ('module', module)]
        turns = peers if part % 2 == 0 else peers[::-1]
        results, *loops = measure_directions(turns, workload, values, pickles, seconds, folder)
    found.update(bytes=sum(map(len, pickles)), results=results)
    if part > 0:
        return found
    beside, missing = others.measure(workload, values, seconds)
    compact = measure_compact(module, workload, values, pickles, seconds, loops)
    return dict(found, others=beside, compact=compact, notes=sorted({*notes, *missing}))


def main():
    name, module_name, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    scale, part = map(int, sys.argv[4:])
    sys.setrecursionlimit(10_000)  # as make_workloads.py: the nested workload
    try:
        found = measure(name, module_name, seconds, scale, part)
    except Exception as error:
        found = {'name': name, 'error': '%s: %s' % (type(error).__name__, error)}
    print(json.dumps(found))


if __name__ == '__main__':
    main()
