"""The benchmark's harness, on small workloads: what it writes, measures and prints."""
import json
import subprocess
import sys

from command import REPOSITORY

sys.path.insert(0, str(REPOSITORY / 'bench'))
import make_workloads  # noqa: E402
import measure  # noqa: E402
import tables  # noqa: E402


def test_workloads_are_written_and_load(tmp_path):
    names = ['records', 'nested', 'dataclasses', 'slotted', 'containers']
    assert make_workloads.make_all(tmp_path, 1000, names) == sorted(names, key=list(make_workloads.workloads(1)).index)
    for name in names:
        found = measure.python_peer('load', 0.01, tmp_path / (name + '.p4.pkl'))
        assert found['ms'] > 0 and found['bytes'] == (tmp_path / (name + '.p4.pkl')).stat().st_size
    for mode in ('genops', 'dis', 'optimize'):
        assert measure.python_peer(mode, 0.01, tmp_path / 'records.p5.pkl')['ms'] > 0


def test_object_rich_workloads_exist():
    assert set(make_workloads.OBJECT_RICH) <= set(make_workloads.workloads(1))


def test_a_failing_program_is_an_error_and_no_number():
    assert 'error' in measure.lines_of([sys.executable, '-c', 'raise SystemExit("no")'])[0]
    assert 'error' in measure.lines_of(['/no/such/program'])[0]
    assert measure.whole_process(['/bin/false'], 1) == {'error': 'exit code 1'}
    assert measure.whole_process(['/bin/true'], 2)['ms'] >= 0


def test_tables():
    measured = {'name': 'records', 'bytes': 1000, 'python': {'ms': 40.0}, 'serde': {'error': 'no'}, 'ours': {'ms': 10.0, 'peak_growth_bytes': 3000}}
    lines = tables.load_table([measured], ('records',))
    assert lines[2] == '| records | 0.001 | 40.0 | - | 10.0 | 4.00 | - | 3.00 |'
    assert '| 4.00 | - |' in lines[-1]
    assert tables.notes([measured]) == ['- records, serde: no']


def test_page_between_markers(tmp_path):
    page = tmp_path / 'page.md'
    page.write_text('before\n%s\nold\n%s\nafter\n' % (tables.BEGIN, tables.END))
    assert tables.write_between_markers(page, ['new'])
    assert page.read_text() == 'before\n%s\nnew\n%s\nafter\n' % (tables.BEGIN, tables.END)
    page.write_text('no markers')
    assert not tables.write_between_markers(page, ['new'])


def test_command_line_refuses_unknown_workloads():
    done = subprocess.run([sys.executable, REPOSITORY / 'bench' / 'run.py', '--quick', 'no_such'], capture_output=True, text=True)
    assert done.returncode == 1 and 'bench: no ' in done.stderr, json.dumps(done.stderr)
