"""The texts that `cppickle dis` prints for every code point and for many floats, and what `cppickle optimize` makes, beside
pickletools of CPython 3.11, whose tables of characters are ours."""
import subprocess

import pytest

from command import expect_same, output_of

WRITE = r'''
import pickle, random, sys
random.seed(0)
points = [chr(c) for c in range(0x110000)]
texts = [''.join(points[i:i + 97]) for i in range(0, len(points), 97)] + points[:0x3000]
floats = [random.choice([1, -1]) * random.random() * 10.0 ** random.randint(-320, 308) for _ in range(20000)]
floats += [float(10 ** n) for n in range(25)] + [10.0 ** -n for n in range(25)] + [n / 8 for n in range(100)]
pickle.dump([texts, floats, texts[:50]], open(sys.argv[1], 'wb'), 4)
'''
DIS = "import pickletools, sys; pickletools.dis(open(sys.argv[1], 'rb'), open(sys.argv[2], 'w', encoding='utf-8'))"
OPTIMIZE = '''
import pickletools, sys
open(sys.argv[2], 'wb').write(pickletools.optimize(open(sys.argv[1], 'rb').read()))
'''


@pytest.fixture(scope='module')
def python(pythons):
    if 'py311' not in pythons:
        pytest.skip('CPython 3.11 is not here')
    return pythons['py311']


@pytest.fixture(scope='module')
def sample(python, tmp_path_factory):
    path = tmp_path_factory.mktemp('text') / 'sample.pkl'
    subprocess.run([python, '-c', WRITE, path], check=True)
    return path


def by_python(python, script, sample, tmp_path):
    subprocess.run([python, '-c', script, sample, tmp_path / 'expected'], check=True)
    return (tmp_path / 'expected').read_bytes()


def test_dis(python, sample, tmp_path):
    expect_same(output_of('dis', sample), by_python(python, DIS, sample, tmp_path), 'text')


def test_optimize(python, sample, tmp_path):
    expect_same(output_of('optimize', sample), by_python(python, OPTIMIZE, sample, tmp_path), 'pickle')
