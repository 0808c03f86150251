"""`cppickle optimize`: the same objects, the same instructions but for PUTs and frames, and no larger than pickletools.optimize."""
import io
import pickletools

import pytest

from command import check_all, distinct, expect_same, Failed, output_of
from loading import compare_in

PUTS = {'PUT', 'BINPUT', 'LONG_BINPUT', 'MEMOIZE'}
GETS = {'GET', 'BINGET', 'LONG_BINGET'}


def instructions(data):
    """What the stream does: memo indexes as the place that made the entry, without PUTs that nobody fetches, and frames."""
    kept, made_at = [], {}
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name in PUTS:
            made_at[len(made_at) if opcode.name == 'MEMOIZE' else argument] = len(kept)
        elif opcode.name in GETS:
            kept.append(('GET', made_at[argument]))
        elif opcode.name not in ('FRAME', 'PROTO'):
            kept.append((opcode.name, repr(argument) if isinstance(argument, float) else argument))  # NaN equals itself
    return kept


def fetched_puts(data):
    """The entries made and those fetched."""
    made, fetched = set(), set()
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name in PUTS:
            made.add(len(made) if opcode.name == 'MEMOIZE' else argument)
        elif opcode.name in GETS:
            fetched.add(argument)
    return made, fetched


def check_stream(entry, ours):
    original = entry['path'].read_bytes()
    theirs = pickletools.optimize(original)
    if len(ours) > len(theirs):
        raise Failed('%d bytes, pickletools.optimize makes %d' % (len(ours), len(theirs)))
    if instructions(ours) != instructions(original):
        raise Failed('other instructions')
    made, fetched = fetched_puts(ours)
    if made != fetched:
        raise Failed('%d entries made, %d fetched' % (len(made), len(fetched)))
    expect_same(output_of('optimize', '-', '-o', '-', stdin=ours), ours, 'optimized twice')


def single_pickles(corpus):
    """pickletools.optimize knows one pickle a file; it fails on Python 2's non-ASCII protocol 0."""
    entries = []
    for entry in distinct(corpus):
        if entry['load'] in ('shared', 'several') or 'memo_65600' in entry['name']:
            continue
        try:
            if entry['python'] == 'py27' and entry['protocol'] == 0:
                pickletools.optimize(entry['path'].read_bytes())
        except UnicodeDecodeError:
            continue
        entries.append(entry)
    return entries


@pytest.fixture(scope='module')
def optimized(corpus, tmp_path_factory):
    """Each entry with the path of its optimized file, or the failure."""
    entries = single_pickles(corpus)
    folder = tmp_path_factory.mktemp('optimized')

    def optimize(entry):
        entry['optimized'] = folder / entry['file'].replace('/', '_')
        output_of('optimize', entry['path'], '-o', entry['optimized'])
    check_all(entries, optimize, 'optimize_runs')
    return entries


def test_streams(optimized):
    check_all(optimized, lambda entry: check_stream(entry, entry['optimized'].read_bytes()), 'optimize_streams')


def test_loads_to_the_same(optimized, pythons):
    found = {}
    for name, python in sorted(pythons.items()):
        pairs = [[entry['name'], str(entry['path']), str(entry['optimized']), entry['load']] for entry in optimized
                 if entry['python'] == name and entry['load'] != 'cloudpickle']
        found.update(compare_in(python, pairs))

    def check(entry):
        if entry['name'] in found:
            raise Failed(found[entry['name']])
    check_all(optimized, check, 'optimize_loads')


def test_several_pickles_in_one_file(corpus):
    """Each is optimized; pickletools.optimize, called for one after the other, makes nothing smaller."""
    def check(entry):
        data, expected = io.BytesIO(entry['path'].read_bytes()), 0
        while data.tell() < len(data.getvalue()):
            start = data.tell()
            end = [position for _, _, position in pickletools.genops(data)][-1] + 1
            data.seek(end)
            expected += len(pickletools.optimize(data.getvalue()[start:end]))
        ours = output_of('optimize', entry['path'], '-o', '-')
        if len(ours) > expected:
            raise Failed('%d bytes, pickletools.optimize makes %d' % (len(ours), expected))
    check_all([entry for entry in distinct(corpus) if entry['load'] == 'several'], check, 'optimize_several')
