"""Hostile bytes for cppickle.read: errors of ours, little memory, no crash. Each in a process of its own."""

import os
import pickle
import subprocess
import sys

import pytest

from document_package import PACKAGE

# Looks into everything that a document has, as far as 300 values.
LOOK = r"""
import resource, sys, cppickle
sys.setrecursionlimit(500)
codes = set()
def look(data, most=300):
    try:
        document = cppickle.read(data, limits={'output-nodes': 100000})
        document._repr_html_(); document.show(); document.notes; document.problems; repr(document)
        roots = [root for stream in document.streams for root in stream.roots]
    except cppickle.Error as error:
        codes.add(error.code)
        return error
    for use in (document.to_python, document.dumps, document.to_json, lambda: document.dumps(2), lambda: document.to_json(plain=True),
                document.dis, lambda: document.dis(annotate=True), lambda: cppickle.stat(data), lambda: cppickle.optimize(data)):
        try: use()
        except cppickle.Error as error: codes.add(error.code)
    while roots and most:
        value = roots.pop()
        if not isinstance(value, cppickle.Value): continue
        most -= 1
        repr(value), value.type, value.kind, value.path, value.cls, value.state, value.kwargs, hash(value), dir(value), bool
        roots += value.args
        for name in ('state', 'callable', 'objects', 'persistent_id', 'shape', 'dtype'):
            roots.append(getattr(value, name, None))
        for use in (lambda: list(value), lambda: list(value.items()), lambda: value[0], lambda: value[-1], lambda: value['a'], lambda: value[1:3],
                    lambda: len(value), lambda: 'a' in value, lambda: float(value), value.numpy, value.to_python, lambda: memoryview(value),
                    lambda: value.at(value.path), lambda: bool(value)):
            try: got = use()
            except (cppickle.Error, TypeError, KeyError, IndexError, AttributeError, BufferError, ValueError, OverflowError): continue
            if isinstance(got, list): roots += [part for item in got[:20] for part in (item if isinstance(item, tuple) else (item,))]
            elif isinstance(got, memoryview): got.tobytes()
    return document
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
"""


def run(program, seconds=120, **names):
    text = LOOK + 'start = peak()\n' + ''.join('%s = %r\n' % item for item in names.items()) + program
    environment = dict(os.environ, PYTHONPATH=str(PACKAGE))
    done = subprocess.run(
        [sys.executable, '-X', 'faulthandler', '-c', text],
        capture_output=True,
        text=True,
        timeout=seconds,
        env=environment,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def sample(protocol):
    import collections
    import datetime
    import decimal

    value = {
        'list': [1, 2.5, 'text', b'bytes', None, 2**100],
        'tuple': ((1, 2), {3, 4}, frozenset({'x'})),
        'od': collections.OrderedDict(a=[1]),
        'when': datetime.datetime(2024, 5, 1, tzinfo=datetime.timezone.utc),
        'd': decimal.Decimal('1.5'),
        'e': ValueError('no'),
        'c': collections.Counter('aab'),
        'dd': collections.defaultdict(list, a=[1]),
        'q': collections.deque([1], 3),
        (1, 'k'): range(3),
    }
    value['self'] = value
    try:
        import numpy as np

        value['array'] = np.arange(6.0).reshape(2, 3)
        value['objects'] = np.array([1, 'x', None], object)
        value['struct'] = np.zeros(2, [('a', 'i4'), ('b', 'M8[ns]')])
        value['scalar'] = np.float32(1)
        value['masked'] = np.ma.masked_array([1, 2], [0, 1])
    except ImportError:
        pass
    return pickle.dumps(value, protocol)


@pytest.mark.parametrize('protocol', [0, 2, 4, 5])
def test_cut_at_every_byte(protocol):
    data = sample(protocol)
    assert len(data) > 500
    out = run(
        'for end in range(len(data)): look(data[:end], 20)\nlook(data)\nprint(*sorted(codes), peak() - start < 100000)',
        data=data,
    )
    assert 'truncated' in out and out.endswith('True\n')


@pytest.mark.parametrize('seed', range(4))
def test_bytes_changed(seed):
    program = """
import random
random.seed(seed)
for _ in range(1500):
    changed = bytearray(random.choice(samples))
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(changed))
        kind = random.randrange(4)
        if kind == 0: changed[at] ^= 1 << random.randrange(8)
        elif kind == 1: changed[at] = random.choice(b'().]}l0123hjqr\\x85\\x86\\x87\\x94\\x81Rbueas\\xff\\x00')
        elif kind == 2: del changed[at:at + random.randint(1, 4)]
        else: changed[at:at] = changed[at // 2:at // 2 + random.randint(1, 9)]
    look(bytes(changed), 40)
print(len(codes) > 5, peak() - start < 200000)
"""
    assert run(program, samples=[sample(protocol) for protocol in (0, 2, 4)], seed=seed) == 'True True\n'


@pytest.mark.parametrize(
    'data',
    [
        b'\x80\x04\x8e' + b'\xff' * 7 + b'\x7f',
        b'\x80\x04T\xff\xff\xff\x7f',
        b'\x80\x04]r\xff\xff\xff\xff.',
        b'\x80\x04]p4294967295\n.',
        b']p18446744073709551615\n.',
        b'\x80\x05\x96' + b'\xff' * 8,
        b'\x8b\xff\xff\xff\x7f',
        b'\x80\x04\x95' + b'\xff' * 8,
        b'j\xff\xff\xff\xff.',
    ],
    ids=range(9),
)
def test_a_length_or_index_costs_nothing(data):
    run('look(data)\nassert peak() - start < 20000', data=data)


def test_deep_nesting():
    run("""
for data in (b'(' * 300000 + b't' * 300000 + b'.', b']' * 300000 + b'a' * 299999 + b'.', b'}' + b'K\\x01}' * 300000 + b's' * 300000 + b'.'):
    document = cppickle.read(data)
    value = document.root
    for depth in range(250000):
        value = value[0] if value.type != 'dict' else value[1]
    path = value.path
    assert len(path) < 20000
    del value
    document.root.to_python()
    document._repr_html_(), document.show(depth=10**9), document.dumps()
""")


def test_sharing_that_expands():
    run("""
def many(opening, closing): return b'\\x80\\x04' + opening + b'K\\x01' + closing
tuples = b'\\x80\\x04)' + b'2\\x86' * 100 + b'.'
lists = b'\\x80\\x04]' + b'\\x940]\\x94h\\x00ah\\x00a' + b''.join(b'0]\\x94h%ch%ca' .replace(b'%c', bytes([i])) for i in range(1, 90)) + b'.'
keys = b'\\x80\\x04})' + b'2\\x86' * 100 + b'K\\x01s.'
members = b'\\x80\\x04\\x8f()' + b'2\\x86' * 60 + b'\\x90.'
deep_key = b'\\x80\\x04})' + b'\\x85' * 100000 + b'K\\x01s.'
for data in (tuples, lists, keys, members, deep_key): look(data, 20)
for data in (keys, deep_key):
    try: cppickle.read(data).to_python()
    except cppickle.Error as error: assert error.code == 'limit', error
    else: assert False
    assert list(cppickle.read(data))[0].type == 'tuple' and () not in cppickle.read(data)
assert peak() - start < 200000
""")


def test_arrays_that_lie():
    run(
        """
import re
for old, new in ((b'K\\x02K\\x03', b'K\\xffK\\xff'), (b'K\\x02K\\x03', b'K\\x00K\\xff'), (b'f8', b'f4'), (b'f8', b'O8'), (b'f8', b'U8'), (b'f8', b'V0')):
    look(data.replace(old, new))
""",
        data=sample(4),
    )


def test_containers_cut(tmp_path):
    import bz2
    import gzip
    import io
    import lzma
    import zipfile

    data = sample(4)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, 'w', zipfile.ZIP_DEFLATED) as writer:
        writer.writestr('a.pkl', data)
    packed = [gzip.compress(data), bz2.compress(data), lzma.compress(data), archive.getvalue()]
    run(
        'for data in packed:\n  for end in range(0, len(data), 7): look(data[:end], 3)\n  look(data, 3)',
        packed=packed,
    )


def test_no_leak_of_references():
    program = """
import gc
def work():
    for item in samples: look(item, 60); look(item[:-9], 5)
    document = cppickle.read(samples[0]); value = document.root
    for _ in range(100): value['list'], value.get('zz'), value.at('list[0]'), list(value.items())
    for bad in ('zz', []):
        try: value[bad]
        except (KeyError, TypeError): pass
counts = []
for _ in range(16):
    for _ in range(10): work()
    gc.collect()
    counts.append(sys.getallocatedblocks())
# The interpreter's free lists fill more and more slowly; what leaks does so in each of the ten.
grown = [after - before for before, after in zip(counts, counts[1:])]
assert min(grown) < 10, grown
"""
    run(program, samples=[sample(protocol) for protocol in (0, 2, 4)])
