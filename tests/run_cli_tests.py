#!/usr/bin/env python3
"""Runs the text tests of the command line: tests/cli/*.test.

    run_cli_tests.py [--accept] [COMMAND] [FILE.test ...]      COMMAND is build/bin/cppickle unless named

A test file is a list of blocks:

    # Words about the block; a comment stands at the file's head or after an empty line.
    $ cppickle show "$EXAMPLES/records.pkl" |
    > head -2
    what standard output and standard error must hold, in the order written
    ...
    ? 1

`> ` goes on with the command, a line `...` stands for any lines, `? N` says the exit code where it is not 0. Empty lines
before the next command don't count. bash runs each command; the commands of one file share a temporary folder, their
working directory, with the command on the PATH and $EXAMPLES and $FIXTURES set. A file with the line `# needs: fixtures`
is skipped where there are none. --accept writes what was printed into the file; read the diff.
"""
import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
TIMEOUT = 60


@dataclasses.dataclass
class Block:
    """A command and what it must print. `lead` holds the comment and the empty lines before it, `exit_lines` the `? N`."""
    lead: list
    command: list
    expected: list
    code: int = 0

    def script(self):
        return '\n'.join([self.command[0][2:]] + [line[2:] for line in self.command[1:]])

    def text(self):
        return self.lead + self.command + self.expected + (['? %d' % self.code] if self.code else [])


def split_body(lines):
    """The lines after a command: what it prints, and the empty lines and comments that lead to the next one."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].startswith('#')):
        end -= 1
    while end < len(lines) and lines[end].strip():  # a `#` line right after output is output
        end += 1
    return lines[:end], lines[end:]


def parse(text):
    """The blocks, and the lines after the last one."""
    blocks, waiting = [], []
    lines = text.splitlines()
    index = 0
    while index < len(lines):
        if not lines[index].startswith('$ '):
            waiting.append(lines[index])
            index += 1
            continue
        if blocks:
            blocks[-1].expected, waiting = split_body(waiting)
        command = [lines[index]]
        index += 1
        while index < len(lines) and lines[index].startswith('> '):
            command.append(lines[index])
            index += 1
        blocks.append(Block(waiting, command, []))
        waiting = []
    if blocks:
        blocks[-1].expected, waiting = split_body(waiting)
    for block in blocks:
        if block.expected and block.expected[-1].startswith('? '):
            block.code = int(block.expected.pop()[2:])
    return blocks, waiting


def matches(expected, actual):
    """Line by line; `...` takes as few lines as let the rest match."""
    reachable = {0}  # how many actual lines the expected ones read so far may have taken
    for line in expected:
        if line == '...':
            reachable = set(range(min(reachable), len(actual) + 1))
        else:
            reachable = {taken + 1 for taken in reachable if taken < len(actual) and actual[taken] == line}
        if not reachable:
            return False
    return len(actual) in reachable


def run_block(block, folder, environment):
    """The lines printed and the exit code."""
    try:
        done = subprocess.run(['bash', '-c', block.script()], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return ['(still running after %d s)' % TIMEOUT], 124
    lines = done.stdout.decode('utf-8', 'surrogateescape').split('\n')
    while lines and not lines[-1]:
        lines.pop()
    return lines, done.returncode


def run_file(path, environment, accept):
    """(passed, failed, report) of one test file."""
    blocks, tail = parse(path.read_text('utf-8', 'surrogateescape'))
    passed, report = 0, []
    with tempfile.TemporaryDirectory(prefix='cppickle-cli-') as folder:
        for block in blocks:
            actual, code = run_block(block, folder, dict(environment, HOME=folder, TMPDIR=folder))
            if matches(block.expected, actual) and code == block.code:
                passed += 1
            elif accept:
                body, like_comments = split_body(actual)
                block.expected, block.code = body + ['...'] * bool(like_comments), code
                report.append('%s: accepted: %s' % (path.name, block.command[0]))
                passed += 1
            else:
                report += ['%s: failed:' % path.name] + ['    ' + line for line in block.command]
                report += ['  expected%s:' % (', exit code %d' % block.code)] + ['    ' + line for line in block.expected]
                report += ['  got, exit code %d:' % code] + ['    ' + line for line in actual]
    if accept and report:
        lines = [line for block in blocks for line in block.text()] + tail
        path.write_text('\n'.join(lines).rstrip('\n') + '\n', 'utf-8', 'surrogateescape')
    return passed, len(blocks) - passed, report


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('command', nargs='?', type=pathlib.Path, default=REPOSITORY / 'build' / 'bin' / 'cppickle')
    parser.add_argument('files', nargs='*', type=pathlib.Path)
    parser.add_argument('--accept', action='store_true')
    options = parser.parse_args()
    if options.command.suffix == '.test':
        options.files.insert(0, options.command)
        options.command = parser.get_default('command')
    if not options.command.exists():
        sys.exit('run_cli_tests.py: no command at %s: run ./dev build first' % options.command)

    fixtures = pathlib.Path(os.environ.get('CPPICKLE_FIXTURES', REPOSITORY / '..' / 'shared' / 'fixtures')).resolve()
    environment = dict(os.environ, EXAMPLES=str(REPOSITORY / 'examples'), FIXTURES=str(fixtures), LC_ALL='C.UTF-8', COLUMNS='100',
                       PATH='%s:%s' % (options.command.resolve().parent, os.environ['PATH']))
    wanted = []
    for path in options.files or sorted((REPOSITORY / 'tests' / 'cli').glob('**/*.test')):
        if not fixtures.exists() and '# needs: fixtures' in path.read_text('utf-8', 'surrogateescape').splitlines():
            print('%s: skipped: no fixtures at %s' % (path.name, fixtures))
        else:
            wanted.append(path)

    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for more_passed, more_failed, report in pool.map(lambda path: run_file(path, environment, options.accept), wanted):
            passed, failed = passed + more_passed, failed + more_failed
            for line in report:
                print(line.encode('utf-8', 'surrogateescape').decode('utf-8', 'replace'))
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
