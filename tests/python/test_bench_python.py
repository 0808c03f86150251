"""The Python benchmark's harness: a run of `_pickle` against itself, and its tables, targets and comparison
of values."""
import collections
import os
import pickle
import subprocess
import sys

import pytest

from command import REPOSITORY

FOLDER = REPOSITORY / 'bench' / 'python'
sys.path.insert(0, str(FOLDER))
import equality  # noqa: E402
import interpreters  # noqa: E402
import objects  # noqa: E402
import report  # noqa: E402
import targets  # noqa: E402
import timing  # noqa: E402


def bench(*arguments, **variables):
    command = [sys.executable, FOLDER / 'run.py', '--seconds', '0.01', '--quick', '--python', sys.executable]
    environment = dict(os.environ, **{'CPPICKLE_BENCH_MODULE': '_pickle', **variables})
    return subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True)


def test_pickle_against_itself_prints_a_table():
    done = bench('--only', 'message', 'dataclasses')
    assert done.returncode == 0, done.stderr
    for words in ('load(BytesIO)', 'message', 'dataclasses', 'geometric mean', 'lowest', 'not measured'):
        assert words in done.stdout
    assert '\033' not in done.stdout and 'compact' not in done.stdout


FAKE = '''
from _pickle import *
import _pickle
def dumps(value, protocol=None, *, compact=False):
    return _pickle.dumps(value, 2 if compact else protocol)
'''


def test_a_module_from_the_list_of_packages(tmp_path):
    (tmp_path / 'faster.py').write_text(FAKE)
    listed = '%d.%d=%s' % (*sys.version_info[:2], tmp_path)
    done = bench('--only', 'message', CPPICKLE_BENCH_MODULE='faster', CPPICKLE_PACKAGES=listed)
    assert done.returncode == 0 and 'compact=True' in done.stdout, done.stderr
    done = bench('--only', 'message', CPPICKLE_BENCH_MODULE='faster', CPPICKLE_PACKAGES='')
    assert done.returncode == 1 and 'nothing was measured' in done.stderr


OTHER_VALUE = 'def loads(data):\n    return 1\n'
COLLECTOR_LEFT_OFF = 'def loads(data):\n    import gc; gc.disable(); return _pickle.loads(data)\n'


@pytest.mark.parametrize('change', [OTHER_VALUE, COLLECTOR_LEFT_OFF])
def test_a_wrong_module_fails(tmp_path, change):
    (tmp_path / 'faster.py').write_text(FAKE + change)
    variables = {'CPPICKLE_BENCH_MODULE': 'faster', 'CPPICKLE_PACKAGES': '%s=%s' % (sys.executable, tmp_path)}
    done = bench('--only', 'message', **variables)
    assert done.returncode == 1 and 'message: failed: ' in done.stdout, done.stderr


def test_names_of_workloads():
    assert objects.chosen(['big_array', 'ints']) == ['ints', 'big_array_p5', 'big_array_p4']
    done = bench('--only', 'no_such')
    assert done.returncode == 1 and 'no workload no_such; there are: ints,' in done.stderr
    meant = {name for target in targets.TARGETS for name in target.names}
    assert meant <= set(objects.workloads())


def test_the_message_has_a_hundred_bytes():
    workload = objects.workloads()['message']
    assert 95 <= len(pickle.dumps(*workload.make(), workload.protocol)) <= 105


def result(name, ratio):
    times = {direction: {mode: {'_pickle': 3.0 * ratio, 'module': 3.0} for mode in ('on', 'off')}
             for direction in timing.DIRECTIONS}
    return {'name': name, 'bytes': 1000, 'results': times, 'compact': None, 'notes': [],
            'others': {'marshal': {'dumps': 1.0, 'loads': 2.0, 'unlike': True}, 'msgspec': None}}


def test_targets_and_tables():
    left_out = {'name': 'forest', 'left_out': 'No module named sklearn'}
    results = [result('records', 1.5), result('ints', 0.9), left_out]
    measured = results[:2]
    judged = {target.text: found for target, found in targets.judged(measured, '3.11', True)}
    assert judged['every workload, every direction'] == (pytest.approx(0.9), 'ints, dump(file)')
    assert judged['dump, records'][0] == pytest.approx(1.5)
    assert judged['dump, instances and dataclasses'] is None
    assert judged['load, geometric mean'][0] == pytest.approx((1.5 * 0.9) ** 0.5)
    partial = {target.text: found for target, found in targets.judged(measured, '3.9', False)}
    assert partial['dump, geometric mean'] is None and 'load, geometric mean' not in partial

    made, noted = report.sections(results, '3.11', 'cppickle', True), report.notes(results)
    assert noted == ['forest: left out: No module named sklearn']
    page = report.in_markdown('CPython 3.11.2', made, noted)
    assert '| records | 0.00100 | 4.50 | 1.50 | 1.50 | 4.50 | 1.50 | 1.50 | 1.50 |' in page
    assert '| records | 4.50 | 3.00 | 1.00\\* | - | 4.50 | 3.00 | 2.00\\* | - |' in page
    plain = report.on_terminal('title', made, noted, False)
    assert any(line.startswith('dump, records') and line.endswith('reached') for line in plain)
    assert report.BAD in ''.join(report.on_terminal('title', made, noted, True))


def test_the_page_has_a_place_for_the_tables(tmp_path):
    page = tmp_path / 'performance.md'
    page.write_text((REPOSITORY / 'docs' / 'performance.md').read_text())
    assert report.tables.write_between_markers(page, ['new'], report.BEGIN, report.END)
    assert 'bench-python:begin -->\nnew\n<!--' in page.read_text()
    assert report.tables.BEGIN in page.read_text()


class Plain:
    def __init__(self, value):
        self.value = value


def test_equality():
    pair = [1, (2.0, {'a': {3}})]
    nan = float('nan')
    for one, other in ((pair, [1, (2.0, {'a': {3}})]), (Plain(pair), Plain(pair[:])), (nan, float('nan'))):
        assert equality.same(one, other)
    for one, other in ((1, 1.0), (1, True), ([1], (1,)), ([1], [1, 2]), ({'a': 1, 'b': 2}, {'b': 2, 'a': 1}),
                       (Plain(1), Plain(2)), (collections.OrderedDict(a=1), {'a': 1})):
        assert not equality.same(one, other)
    first, second = [], []
    first.append(first)
    second.append(second)
    assert equality.same(first, second)


def test_lists_of_packages(tmp_path, monkeypatch):
    listed = tmp_path / 'packages.txt'
    listed.write_text('3.11=/first\n# a comment\n\n%s=/second\n' % sys.executable)
    monkeypatch.setattr(interpreters, 'PACKAGES', listed)
    monkeypatch.delenv('CPPICKLE_PACKAGES', raising=False)
    assert interpreters.directory_for('3.11', '/usr/bin/none') == '/first'
    assert interpreters.directory_for('9.9', sys.executable) == '/second'
    monkeypatch.setenv('CPPICKLE_PACKAGES', '3.11=/third%s3.13=/fourth' % os.pathsep)
    assert interpreters.directory_for('3.11', '/usr/bin/none') == '/third'
    assert interpreters.environment('/third')['PYTHONPATH'] == '/third'
    assert 'PYTHONPATH' not in interpreters.environment(None)
