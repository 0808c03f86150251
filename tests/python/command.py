"""Runs the command `cppickle` and reports loops over many files as one list of failures."""
import concurrent.futures
import hashlib
import os
import pathlib
import subprocess

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / 'build'
COMMAND = pathlib.Path(os.environ.get('CPPICKLE_BIN') or os.environ.get('CPPICKLE_COMMAND') or BUILD / 'bin' / 'cppickle')
TIMEOUT = 120


def run(*arguments, stdin=b'', **options):
    """The finished process; stdout and stderr are bytes. A command that hangs counts as exit code 124."""
    try:
        return subprocess.run([COMMAND, *map(str, arguments)], input=stdin, capture_output=True, timeout=TIMEOUT, **options)
    except FileNotFoundError:
        pytest.fail('no command at %s: run ./dev build first, or set CPPICKLE_COMMAND' % COMMAND, pytrace=False)
    except subprocess.TimeoutExpired as late:
        return subprocess.CompletedProcess(late.cmd, 124, late.stdout or b'', b'timed out after %d s' % TIMEOUT)


class Failed(Exception):
    """One file's failure; the text says what differs."""


def output_of(*arguments, stdin=b''):
    """Standard output of a command that must succeed."""
    done = run(*arguments, stdin=stdin)
    if done.returncode != 0:
        lines = done.stderr.decode(errors='replace').strip().splitlines() or ['(nothing on stderr)']
        raise Failed('%s: exit %d: %s' % (arguments[0], done.returncode, lines[-1][:300]))
    return done.stdout


def expect_same(ours, expected, what='output'):
    """Fails with the place of the first difference."""
    if ours == expected:
        return
    shorter = min(len(ours), len(expected))
    at = next((index for index in range(shorter) if ours[index] != expected[index]), shorter)
    start = max(0, at - 30)
    raise Failed('%s differs at byte %d: ours (%d bytes) ...%r..., expected (%d bytes) ...%r...' % (
        what, at, len(ours), ours[start:at + 40], len(expected), expected[start:at + 40]))


def check_all(entries, check, label):
    """Calls check(entry) for each, two at a time; an entry's name is `name`. Fails at the end with every failing name."""
    def guarded(entry):
        try:
            check(entry)
        except Failed as failure:
            return '%s: %s' % (entry['name'], failure)
        except Exception as error:  # the test itself stumbled: one more failing name, not the end of the loop
            return '%s: %s in the test: %s' % (entry['name'], type(error).__name__, str(error)[:300])

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        failures = [line for line in pool.map(guarded, entries) if line]
    report = BUILD / 'test-failures' / (label + '.txt')
    report.unlink(missing_ok=True)
    print('%s: %d checked, %d failed' % (label, len(entries), len(failures)))
    if failures:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text('\n'.join(failures) + '\n')
        shown = '\n'.join(failures[:100])
        pytest.fail('%s: %d of %d failed (all of them in %s)\n%s' % (label, len(failures), len(entries), report, shown), pytrace=False)


def distinct(entries):
    """One entry for each distinct content and way of reading it, so that what several Pythons wrote alike is checked once.
    Its name is the first file's name and the number of others."""
    groups = {}
    for entry in entries:
        digest = hashlib.sha256(entry['path'].read_bytes()).digest()
        groups.setdefault((digest, entry['load'], 'pure/' in entry['name']), []).append(entry)
    return [dict(group[0], name=group[0]['name'] + (' (and %d alike)' % (len(group) - 1) if len(group) > 1 else ''))
            for group in groups.values()]


def memo_arguments(entry):
    """Pickles that one Pickler dumped one after the other share a memo, which the command must be told."""
    return ['--memo', 'per-stream'] if entry['load'] == 'shared' else []
