"""The harness itself, with modules in planted/ that are wrong on purpose."""
import json
import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent


def run(module, *arguments, **environment):
    done = subprocess.run([sys.executable, HERE / 'cpython_suites.py', '--module', module, *arguments], text=True,
                          env=dict(os.environ, PYTHONPATH=str(HERE / 'planted'), **environment), capture_output=True)
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert reports, done.stderr
    return {report['class']: report for report in reports[:-1]}, reports[-1]['summary'], done.returncode


def test_every_class_tests_the_module():
    """With a module in which nothing works only the suite without a pickler passes."""
    reports, _, code = run('planted_nothing', '--timeout', '10')
    assert code == 1
    assert {name for name, report in reports.items() if not report['failures']} == {'CopyRegTestCase'}


def test_crash_costs_one_class():
    reports, _, code = run('planted_crash', 'CPickleTests', 'CPicklerHookTests')
    assert code == 1
    failure, = reports['CPickleTests']['failures']
    assert failure['error'].startswith('killed by SIGSEGV') and failure['test'].startswith('test_')
    assert reports['CPicklerHookTests']['run'] and not reports['CPicklerHookTests']['failures']


def test_other_bytes_are_reported():
    reports, summary, code = run('planted_difference', 'CPickleTests', 'InMemoryPickleTests')
    assert code == 1 and summary['differences'] > 20
    assert reports['CPickleTests']['differences'] and not reports['CPickleTests']['failures']


@pytest.mark.parametrize('kind', ['list', 'float', 'large bytes'])
def test_one_leaked_object_is_found(kind):
    reports, summary, code = run('planted_leaks', '--repeat', '3', '--leaks', 'CPickleTests', PLANTED_LEAK=kind)
    assert code == 1 and 'test_callapi' in reports['CPickleTests']['leaks'], reports


def test_cpython_passes():
    reports, summary, code = run('_pickle')
    assert (code, summary['failures'], summary['differences']) == (0, 0, 0), reports
    assert summary['dumps_compared'] > 22_000
