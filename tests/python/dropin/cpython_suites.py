#!/usr/bin/env python
"""Runs CPython's own pickle tests, from this interpreter's `test` package, against another module.

    PYTHON cpython_suites.py --module NAME [CLASS...]      exit 1 when a test fails or a dump differs from _pickle's
    PYTHON cpython_suites.py --module NAME --list          the classes, and what is left out and why
    PYTHON cpython_suites.py --module NAME --repeat 3 --leaks

Each class has its own process, so that a crash costs one class and is reported with its signal and the test that ran.
Writes one JSON line per class, then a line {"summary": ...}. Standard library only; runs on 3.9 to 3.13.
"""
import argparse
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

import suite_classes
import suite_leaks
import suite_recording


def name_of(test):
    """The method's name, with a subtest's parameters."""
    if hasattr(test, 'test_case'):
        return '%s %s' % (test.test_case._testMethodName, test._subDescription())
    return getattr(test, '_testMethodName', str(test))


class Result(unittest.TestResult):
    """Keeps the last line of each traceback, and writes the running test's name to a file in case it is the last."""

    def __init__(self, recorder, progress):
        super().__init__()
        self.recorder, self.progress = recorder, progress
        self.failed = []

    def startTest(self, test):
        super().startTest(test)
        name = self.recorder.test = name_of(test)
        self.progress.seek(0)
        self.progress.truncate()
        self.progress.write(name)
        self.progress.flush()

    def note(self, test, error):
        lines = [line for line in self._exc_info_to_string(error, test).splitlines() if line.strip()]
        self.failed.append({'test': name_of(test), 'error': lines[-1][:500] if lines else ''})

    def addError(self, test, error):
        self.note(test, error)

    def addFailure(self, test, error):
        self.note(test, error)

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self.note(subtest, error)

    def addUnexpectedSuccess(self, test):
        self.failed.append({'test': name_of(test), 'error': 'unexpected success'})


def run_class(module, name, classes, suites, recorder, progress, options):
    """The report of one class, in its own process."""
    cls = classes[name]
    result = Result(recorder, progress)
    tests = unittest.defaultTestLoader.getTestCaseNames(cls)
    leaks, cpythons = {}, {}
    twin = None
    if options.leaks:
        _pickle = importlib.import_module('_pickle')
        twin = suite_classes.build_classes(suites, _pickle, suite_recording.Recorder(_pickle, enabled=False))[name]
    for test in tests:
        cls(test).run(result)
        if options.leaks:
            worse, same = suite_leaks.worse_than_cpython(cls, twin, test, options.repeat)
            leaks.update({test: worse} if worse else {})
            cpythons.update({test: same} if same else {})
    if recorder.enabled:
        theirs = suite_classes.build_object_classes(suites, importlib.import_module('_pickle'))
        if name in theirs:
            suite_recording.compare_written_files(suites, cls, theirs[name], recorder)
    return dict({'class': name, 'run': result.testsRun, 'skipped': len(result.skipped), 'failures': result.failed},
                **recorder.report(), **({'leaks': leaks, 'leaks_of_cpython_too': cpythons} if options.leaks else {}))


def child(options):
    """Runs the one class named, and writes its report to the file options.child."""
    module = importlib.import_module(options.module)
    recorder = suite_recording.Recorder(module, enabled=not options.leaks)
    suites = suite_classes.import_suites()
    suite_classes.point_suites_at(suites, module, recorder)
    classes = suite_classes.build_classes(suites, module, recorder)
    with open(options.child + '.progress', 'w') as progress:
        report = run_class(module, options.classes[0], classes, suites, recorder, progress, options)
    with open(options.child, 'w') as file:
        json.dump(report, file)


def read_or(path, otherwise):
    try:
        with open(path) as file:
            return file.read()
    except FileNotFoundError:
        return otherwise


def run_in_child(name, options):
    """The report of the class, also where the process ended without one."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'report')
        command = [sys.executable, os.path.abspath(__file__), '--module', options.module, '--child', path, name,
                   '--repeat', str(options.repeat)] + (['--leaks'] if options.leaks else [])
        # The tests write files where they run.
        parts = [os.path.abspath(part) for part in os.environ.get('PYTHONPATH', '').split(os.pathsep) if part]
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join(parts), PYTHONFAULTHANDLER='1')
        try:
            done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                  text=True, errors='replace', timeout=options.timeout)
        except subprocess.TimeoutExpired:
            words = 'still running after %g s' % options.timeout
        else:
            if done.returncode == 0:
                return json.loads(read_or(path, 'null'))
            words = ('killed by %s' % signal.Signals(-done.returncode).name if done.returncode < 0
                     else 'exit %d' % done.returncode)
            words += ': ' + done.stderr.strip()[-1500:]
        test = read_or(path + '.progress', '')
        return {'class': name, 'run': 0, 'skipped': 0, 'failures': [{'test': test or '(before the first)', 'error': words}]}


def summary_of(reports, options):
    def total(key):
        return sum(report.get(key, 0) for report in reports)
    return {'module': options.module, 'python': '%d.%d.%d' % sys.version_info[:3], 'classes': len(reports),
            'run': total('run'), 'skipped': total('skipped'),
            'failures': sum(len(report['failures']) for report in reports),
            'dumps_compared': total('dumps_compared'), 'errors_compared': total('errors_compared'),
            'left_out': sum(sum(report.get('left_out', {}).values()) for report in reports),
            'differences': sum(len(report.get('differences', ())) for report in reports),
            'leaking_tests': sum(len(report.get('leaks', ())) for report in reports),
            'tests_that_leak_with_cpython_too': sum(len(report.get('leaks_of_cpython_too', ())) for report in reports)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--module', required=True)
    parser.add_argument('--list', action='store_true')
    parser.add_argument('--repeat', type=int, default=1)
    parser.add_argument('--leaks', action='store_true')
    parser.add_argument('--timeout', type=float, default=900, metavar='SECONDS', help='for one class')
    parser.add_argument('--child', help=argparse.SUPPRESS)
    parser.add_argument('classes', nargs='*', metavar='CLASS')
    options = parser.parse_args()
    if options.leaks and options.repeat < 3:
        parser.error('--leaks compares the second run with the third: say --repeat 3 or more')
    if options.child:
        return child(options)
    try:
        suites = suite_classes.import_suites()
        module = importlib.import_module(options.module)
    except (suite_classes.PackageMissing, ImportError) as error:
        sys.exit('cpython_suites.py: %s' % error)
    classes = suite_classes.build_classes(suites, module, suite_recording.Recorder(module))
    if options.list:
        for name, cls in classes.items():
            print('%-30s %d tests' % (name, len(unittest.defaultTestLoader.getTestCaseNames(cls))))
        for name, reason in suite_classes.PRIVATE.items():
            print('left out: %s: %s' % (name, reason))
        return
    unknown = set(options.classes) - set(classes)
    if unknown:
        parser.error('no class %s; --list shows them' % ', '.join(sorted(unknown)))
    reports = []
    for name in options.classes or classes:
        reports.append(run_in_child(name, options))
        print(json.dumps(reports[-1]), flush=True)
    summary = summary_of(reports, options)
    print(json.dumps({'summary': summary}))
    sys.exit(1 if summary['failures'] or summary['differences'] or summary['leaking_tests'] else 0)


if __name__ == '__main__':
    main()
