"""Broken and hostile streams: the exceptions of CPython or equal results, no crash, and no memory for what isn't there.

CPPICKLE_FLIPS says how many damaged copies are made of each sample.
"""
import json
import os
import pathlib
import struct
import subprocess
import sys

import pytest

import hostile_samples
import under_test

CHILD = pathlib.Path(__file__).with_name('hostile_child.py')
FLIPS = int(os.environ.get('CPPICKLE_FLIPS', '60'))
SEED = int(os.environ.get('CPPICKLE_SEED', '4'))
ALLOWED_KB = 10_000


def run_child(*arguments, stdin=''):
    return subprocess.run([sys.executable, CHILD, *arguments], input=stdin, capture_output=True, text=True,
                          env=under_test.child_environment(), timeout=600)


def check_streams(streams):
    lines = [json.dumps([name, data.hex()]) for name, data in streams]
    done = run_child('compare', stdin='\n'.join(lines))
    if done.returncode != 0:
        pytest.fail('exit %d while loading %s' % (done.returncode, done.stderr.strip()[-800:]), pytrace=False)
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert reports.pop() == {'compared': len(lines)}
    print('%d streams' % len(lines))
    assert not reports, '%d of %d differ\n%s' % (len(reports), len(lines), '\n'.join(map(str, reports[:20])))


def test_truncations():
    check_streams(hostile_samples.truncations(400))


def test_flips():
    check_streams(hostile_samples.flips(SEED, FLIPS))


def u32(number):
    return struct.pack('<I', number)


def u64(number):
    return struct.pack('<Q', number)


HUNGRY = {
    'LONG_BINPUT': b'\x80\x04]r' + u32(0x0fffffff) + b'.',
    'LONG_BINPUT most': b'\x80\x04]r' + u32(0xffffffff) + b'.',
    'PUT': b']p268435455\n.',
    'BINBYTES': b'\x80\x03B' + u32(0x3fffffff) + b'abc.',
    'BINUNICODE': b'\x80\x03X' + u32(0x3fffffff) + b'abc.',
    'BINBYTES8': b'\x80\x04\x8e' + u64(1 << 29) + b'abc.',
    'BINUNICODE8': b'\x80\x04\x8d' + u64(1 << 29) + b'abc.',
    'BYTEARRAY8': b'\x80\x05\x96' + u64(1 << 29) + b'abc.',
    'BYTEARRAY8 most': b'\x80\x05\x96' + u64((1 << 63) - 1) + b'abc.',
    'LONG4': b'\x80\x02\x8b' + u32(0x3fffffff) + b'abc.',
    'FRAME': b'\x80\x04\x95' + u64(1 << 29) + b'N.',
    'LONG_BINGET': b'\x80\x04j' + u32(0x0fffffff) + b'.',
}


@pytest.mark.skipif(under_test.MODULE in ('_pickle', 'pickle'), reason='CPython itself takes gigabytes for these')
@pytest.mark.parametrize('name', HUNGRY)
def test_no_memory_for_what_is_not_there(name):
    done = run_child('memory', HUNGRY[name].hex())
    assert done.returncode == 0, done.stderr[-800:]
    report = json.loads(done.stdout)
    assert report['growth'] < ALLOWED_KB, report
