#!/usr/bin/env python3
"""Measures cppickle's Python package beside `_pickle`, and writes its tables into docs/performance.md.

    run.py [--seconds S] [--only NAME ...] [--python 3.11,3.13] [--quick] [--no-docs]

Each interpreter and workload has four child processes, one after another, with both modules in each, by
turns. --python takes versions, and paths of interpreters, which are used as they are, without a
venv. --quick uses workloads of a hundredth of the size. The page is written by a full run only. The
environment's CPPICKLE_BENCH_MODULE names another module than cppickle; `_pickle` itself shows the noise.
CPPICKLE_PACKAGES or build/python/packages.txt says where the packages are.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import measure as engine  # noqa: E402
import tables  # noqa: E402
import interpreters  # noqa: E402
import objects  # noqa: E402
import report  # noqa: E402

DEFAULT_MODULE = 'cppickle'
PARTS = 4  # processes for a workload; even, so that each module begins as often


def output_of(command, environment):
    """(standard output, None), or (None, why it failed)."""
    done = subprocess.run([str(part) for part in command], env=environment, capture_output=True, text=True,
                          check=False)
    if done.returncode == 0:
        return done.stdout, None
    return None, (done.stderr.strip().splitlines() or ['exit code %d' % done.returncode])[-1]


def merge(first, other):
    """Into the first the least of both."""
    for direction, modes in other['results'].items():
        for mode, times in modes.items():
            kept = first['results'][direction][mode]
            kept.update({peer: min(kept[peer], least) for peer, least in times.items()})


def children(python, environment, name, module, seconds, scale):
    """What all parts measured, or the part that has no results."""
    whole = None
    for part in range(PARTS):
        command = [python, HERE / 'child.py', name, module, seconds / PARTS, scale, part]
        output, error = output_of(command, environment)
        found = {'name': name, 'error': error} if error else json.loads(output.splitlines()[-1])
        if 'results' not in found:
            return found
        if whole:
            merge(whole, found)
        whole = whole or found
    return whole


def measure(version, interpreter, own, names, module, options):
    """The results of one interpreter, or None with a notice."""
    environment = interpreters.environment(interpreters.directory_for(version, interpreter))
    python = interpreter if own else interpreters.venv_of(version, interpreter)
    missing = output_of([python, '-c', 'import ' + module], environment)[1]
    if missing:
        print('bench: left out: Python %s: %s\n  build the package first; %s has a line %s=DIRECTORY'
              % (version, missing, interpreters.PACKAGES, version), file=sys.stderr)
        return None
    results, scale = [], 100 if options.quick else 1
    for place, name in enumerate(names, 1):
        print('bench: Python %s, %d of %d: %s' % (version, place, len(names), name), file=sys.stderr)
        results.append(children(python, environment, name, module, options.seconds, scale))
    return results


def arguments():
    parser = argparse.ArgumentParser(prog='./dev bench python', description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--seconds', type=float, default=1.0,
                        help='CPU time for one measurement of both modules')
    parser.add_argument('--only', nargs='+', default=[], metavar='NAME', help='these workloads')
    parser.add_argument('--python', default=','.join(interpreters.VERSIONS),
                        help='versions or paths, with commas between')
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--no-docs', action='store_true', help='leave docs/performance.md as it is')
    return parser.parse_args()


def write_page(lines):
    page = interpreters.REPOSITORY / 'docs' / 'performance.md'
    if not tables.write_between_markers(page, lines, report.BEGIN, report.END):
        sys.exit('bench: %s has no %s and %s' % (page, report.BEGIN, report.END))


def main():
    options = arguments()
    module = os.environ.get('CPPICKLE_BENCH_MODULE', DEFAULT_MODULE)
    try:
        names = objects.chosen(options.only)
    except ValueError as unknown:
        sys.exit('bench: %s' % unknown)
    complete = not (options.only or options.quick)
    page, kept, failed = [], {}, False
    for version, interpreter in interpreters.wanted(options.python.split(',')):
        own = str(interpreter) in options.python.split(',')
        results = measure(version, interpreter, own, names, module, options)
        if results is None:
            continue
        kept[version] = results
        failed = failed or any('error' in result for result in results)
        title = 'CPython %s' % next((result['python'] for result in results if 'python' in result), version)
        made, noted = report.sections(results, version, module, complete), report.notes(results)
        page += report.in_markdown(title, made, noted)
        shown = report.on_terminal(title + ', ' + module, made, noted, report.coloured(sys.stdout))
        print('\n'.join(shown), flush=True)
    if not kept:
        sys.exit('bench: nothing was measured')
    folder = interpreters.REPOSITORY / 'build' / 'bench-python'
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ('results-%s.json' % module)).write_text(json.dumps(kept, indent=1))
    if failed:
        sys.exit('bench: a workload failed')
    if complete and not options.no_docs and module == DEFAULT_MODULE:
        while not page[-1]:
            page.pop()
        write_page(['Measured on %s.' % engine.processor(), '', *page])


if __name__ == '__main__':
    main()
