"""The objects of a large load are made in memory that asks for large pages (python/src/object_arenas.h)."""
import os
import pathlib
import subprocess
import sys

import pytest

CHILD = r'''
import gc, pickle, sys, threading
import cppickle

def asking():
    """Bytes of the mappings that ask for large pages (proc(5), VmFlags: hg)."""
    found = size = 0
    for line in open('/proc/self/smaps'):
        if line.startswith('Size:'):
            size = int(line.split()[1]) * 1024
        elif line.startswith('VmFlags:') and 'hg' in line.split():
            found += size
    return found

values = [float(number) for number in range(600_000)]
data = pickle.dumps(values)
before = asking()
assert asking() == before
small = cppickle.loads(pickle.dumps(values[:100]))
after_small = asking() - before
loaded = cppickle.loads(data)
after_large = asking() - before
assert loaded == values and small == values[:100]
del loaded
gc.collect()
after_free = asking() - before
results = []
threads = [threading.Thread(target=lambda: results.append(cppickle.loads(data))) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert len(results) == 4 and all(result == values for result in results)
kept = results.pop()[::5000]  # one object in each large page stays, all others go
del results, threads
gc.collect()
again = cppickle.loads(data)
assert again == values and kept == values[::5000]
print(after_small, after_large, after_free)
'''

LARGE_PAGES = pathlib.Path('/sys/kernel/mm/transparent_hugepage/enabled')


def asked_for(**environment):
    done = subprocess.run([sys.executable, '-c', CHILD], env={**os.environ, **environment}, text=True,
                          stdout=subprocess.PIPE, check=True, timeout=300)
    return [int(number) for number in done.stdout.split()]


@pytest.mark.skipif(not LARGE_PAGES.exists(), reason='a Linux without transparent large pages')
def test_a_large_load_asks_and_gives_back():
    small, large, freed = asked_for()
    assert small == 0
    assert large >= 8 << 20  # 600,000 floats of 24 bytes are 14 MB, of which 2 MiB come first
    assert freed <= large // 2


def test_without_arenas():
    """malloc makes the objects: there is no arena to ask for."""
    asked_for(PYTHONMALLOC='malloc')
