"""CPython's own suites against the drop-in, with every interpreter for which a package is built."""
import json
import os
import pathlib
import subprocess

import pytest

import under_test

PROGRAM = pathlib.Path(__file__).with_name('cpython_suites.py')


def found_packages():
    try:
        return under_test.packages()
    except under_test.NoPackage:
        return [None]  # one test, which fails and says why


def run_suites(python, directory, *arguments):
    """The reports, the summary last."""
    environment = dict(os.environ, PYTHONPATH=directory)
    done = subprocess.run([python, PROGRAM, '--module', under_test.MODULE, *arguments], env=environment,
                          capture_output=True, text=True)
    try:
        reports = [json.loads(line) for line in done.stdout.splitlines()]
    except ValueError:
        reports = []
    if not reports or 'summary' not in reports[-1]:
        pytest.fail('%s: exit %d: %s' % (python, done.returncode, done.stderr.strip()[-3000:]), pytrace=False)
    return reports[:-1], reports[-1]['summary'], done.returncode


def words_of(reports):
    """One line per thing that is wrong."""
    for report in reports:
        for failure in report['failures']:
            yield '%s.%s: %s' % (report['class'], failure['test'], failure['error'])
        for difference in report.get('differences', ()):
            yield '%s: %s' % (report['class'], difference)
        for test, growth in report.get('leaks', {}).items():
            yield '%s.%s leaks: %s' % (report['class'], test, growth)


def check(package, *arguments):
    if package is None:
        with pytest.raises(under_test.NoPackage) as error:
            under_test.packages()
        pytest.fail(str(error.value), pytrace=False)
    reports, summary, code = run_suites(*package, *arguments)
    wrong = list(words_of(reports))
    print(summary)
    if wrong or code:
        pytest.fail('%d things wrong with %s on %s\n%s' % (len(wrong), under_test.MODULE, summary['python'],
                                                          '\n'.join(wrong[:60])), pytrace=False)
    return summary


@pytest.mark.parametrize('package', found_packages(), ids=lambda package: package and pathlib.Path(package[0]).as_posix())
def test_cpython_suites(package):
    summary = check(package)
    # Fewer would mean that the classes or the recording lost their way: 3.9 has 635 and 22,842 here.
    assert summary['run'] - summary['skipped'] >= 630 and summary['dumps_compared'] >= 22_000, summary


@pytest.mark.parametrize('package', found_packages(), ids=lambda package: package and pathlib.Path(package[0]).as_posix())
def test_no_leak_in_cpython_suites(package):
    check(package, '--repeat', '3', '--leaks')
