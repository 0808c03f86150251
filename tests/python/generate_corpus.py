#!/usr/bin/env python
"""Writes pickles with the C pickler of this Python, at all its protocols, into a folder: the corpus of the tests.

    generate_corpus.py OUT          with the Python that runs it
    generate_corpus.py OUT --all    with every CPython found (pyenv's and /usr/bin/python3), two at a time

Files are OUT/<python>_<case>.p<protocol>.pkl, and OUT/pure/ for pickle._Pickler; OUT/<python>.jsonl lists them.
Standard library only; the same bytes on every run. Runs on 2.7 and 3.6 to 3.13.
"""
from __future__ import absolute_import, print_function

import argparse
import glob
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
NAME = 'py%d%d' % sys.version_info[:2]


def find_pythons():
    """One interpreter for each version, this one first: {'py311': path}."""
    pythons = {}
    for path in [sys.executable] + sorted(glob.glob(os.path.expanduser('~/.pyenv/versions/*/bin/python'))) + ['/usr/bin/python3']:
        if not os.path.exists(path):
            continue
        version = subprocess.check_output([path, '-c', 'import sys; print("py%d%d" % sys.version_info[:2])']).decode().strip()
        pythons.setdefault(version, path)
    return pythons


def environment():
    """Sets are ordered by hash: without a fixed seed every run would write other bytes."""
    return dict(os.environ, PYTHONHASHSEED='0', PYTHONDONTWRITEBYTECODE='1', PYTHONPATH=HERE)


def generate_with_all(out):
    waiting = sorted(find_pythons().items())
    running, failed = [], []
    while waiting or running:
        while waiting and len(running) < 2:
            name, path = waiting.pop(0)
            running.append((name, subprocess.Popen([path, os.path.join(HERE, 'generate_corpus.py'), out], env=environment())))
        name, process = running.pop(0)
        if process.wait() != 0:
            failed.append(name)
    if failed:
        sys.exit('generate_corpus.py: failed with ' + ', '.join(failed))


def load_cases():
    """Importing a module of cases registers them; the order matters only for derived_cases, which reads the list."""
    from corpus import (container_cases, frame_cases, library_cases, number_cases, object_cases,  # noqa: F401
                        picklers, reducer_cases, registry, sharing_cases, text_cases)
    from corpus import derived_cases
    if registry.PYTHON3 and registry.c_pickle.Pickler.__module__ != '_pickle':
        sys.exit('generate_corpus.py: this Python has no C pickler')
    return registry, list(registry.CASES), derived_cases.pure_cases()


def write_cases(cases, out, prefix, highest, listing):
    skipped = []
    for case in cases:
        for protocol in case.protocols:
            if protocol > highest:
                continue
            try:
                data = case.dump(protocol)
            except Exception as error:  # this Python cannot pickle that value at that protocol
                skipped.append('%s.p%d: %s: %s' % (case.name, protocol, type(error).__name__, error))
                continue
            name = '%s%s_%s.p%d.pkl' % (prefix, NAME, case.name, protocol)
            with open(os.path.join(out, name), 'wb') as file:
                file.write(data)
            listing.append({'file': name, 'python': NAME, 'case': case.name, 'protocol': protocol, 'load': case.load})
    return skipped


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('out')
    parser.add_argument('--all', action='store_true', help='use every CPython found')
    parser.add_argument('--verbose', action='store_true', help='name what this Python cannot pickle')
    options = parser.parse_args()
    for folder in (options.out, os.path.join(options.out, 'pure')):
        if not os.path.isdir(folder):
            try:
                os.makedirs(folder)
            except OSError:  # another of our processes was faster
                pass
    if options.all:
        return generate_with_all(options.out)
    if os.environ.get('PYTHONHASHSEED') != '0':
        return subprocess.call([sys.executable] + sys.argv, env=environment())

    registry, cases, pure = load_cases()
    listing = []
    skipped = write_cases(cases, options.out, '', registry.HIGHEST, listing)
    skipped += write_cases(pure, options.out, 'pure/', registry.HIGHEST, listing)
    with open(os.path.join(options.out, NAME + '.jsonl'), 'w') as file:
        for entry in listing:
            file.write(json.dumps(entry, sort_keys=True) + '\n')
    print('%s: %d files, %d not picklable' % (NAME, len(listing), len(skipped)))
    if options.verbose:
        print('\n'.join(skipped))


if __name__ == '__main__':
    sys.exit(main())
