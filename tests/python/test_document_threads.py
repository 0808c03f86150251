"""Documents and threads, interpreters and signals."""

import concurrent.futures
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import pytest

from document_package import PACKAGE, cppickle

RECORDS = [{'id': i, 'name': 'n%d' % i, 'tags': ('a', i % 7), 'inner': {'x': [i, [i]]}} for i in range(3000)]


def test_many_threads_read_one_document():
    data = pickle.dumps({'records': RECORDS, 'many': {i: i for i in range(5000)}})
    document = cppickle.read(data)
    start = threading.Barrier(8)

    def work(number):
        start.wait()
        for i in range(number, 3000, 8):
            record = document['records'][i]
            assert record['id'] == i and record['inner']['x'][1][0] == i and document['many'][i] == i
        assert document.to_python()['records'] == RECORDS
        assert document.dumps() == data and document.to_json() and document._repr_html_()
        return True

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


def test_threads_that_read_the_same_stream_first(tmp_path):
    import zipfile

    for _ in range(5):
        with zipfile.ZipFile(tmp_path / 'x.zip', 'w') as archive:
            for name in 'ab':
                archive.writestr(name + '.pkl', pickle.dumps(RECORDS))
        document = cppickle.read(tmp_path / 'x.zip')
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            roots = list(pool.map(lambda _: document.streams[1].root, range(4)))
        assert len(set(roots)) == 1


def test_others_run_while_it_reads():
    data = pickle.dumps([RECORDS] * 1 + [list(range(2_000_000))])
    moved = []
    done = threading.Event()

    def count():
        while not done.is_set():
            moved.append(1)
            time.sleep(0.0005)

    thread = threading.Thread(target=count)
    thread.start()
    for _ in range(5):
        cppickle.read(data).to_json()
    done.set()
    thread.join()
    assert len(moved) > 20


def test_sub_interpreters():
    program = '''
import sys
try: import _xxsubinterpreters as interpreters
except ImportError: import _interpreters as interpreters
code = """
import pickle, cppickle
assert cppickle.read(pickle.dumps({'a': [1, (2, 3)]})).to_python() == {'a': [1, (2, 3)]}
try: cppickle.read(b'.')
except cppickle.Error as error: assert error.code
else: raise SystemExit(1)
"""
exec(code)
for _ in range(3):
    one = interpreters.create()
    failed = interpreters.run_string(one, code)
    assert not failed, failed
    interpreters.destroy(one)
exec(code)
print('good')
'''
    done = subprocess.run(
        [sys.executable, '-c', program],
        capture_output=True,
        text=True,
        env=dict(os.environ, PYTHONPATH=str(PACKAGE)),
    )
    if 'No module named' in done.stderr and 'interpreters' in done.stderr:
        pytest.skip('no sub-interpreters here')
    assert done.stdout == 'good\n', done.stderr


@pytest.mark.skipif(not hasattr(signal, 'setitimer'), reason='no timers')
def test_a_signal_stops_reading():
    class Stop(Exception):
        pass

    def stop(number, frame):
        raise Stop

    data = b'\x80\x04]' + (b'](' + b'K\x01' * 1000 + b'e' + b'a') * 20000 + b'.'
    old = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.005)
        with pytest.raises(Stop):
            for _ in range(100):
                cppickle.read(data)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
