"""Damaged and hostile files: never a crash, a documented exit code, bounded time and memory, nothing half-written."""
import subprocess
import tempfile

import pytest

import command
from command import check_all, expect_same, Failed, output_of
from hostile import hostile_files
from opcode_sample import opcode_sample, opcodes_in

EXIT_CODES = (0, 1, 3)  # docs/command.md: done; bad input or over a limit; the wanted output cannot hold it
SECONDS, MEMORY = 10, 1 << 30
READING = (['show'], ['dis'], ['stat', '--json'], ['show', '--json'])
WRITING = (['convert', '--to', 'json'], ['convert', '--to', 'plain-json'], ['convert', '--to', 'pickle'],
           ['convert', '--to', 'pickle', '--protocol', '2'], ['convert', '--to', 'pickle', '--protocol', '5'], ['optimize'])


def run_limited(arguments, path, output):
    """Exit code and the end of standard error, under limits on memory and CPU time; standard output is thrown away."""
    limited = ['prlimit', '--as=%d' % MEMORY, '--cpu=%d' % SECONDS, '--core=0', command.COMMAND, *arguments, path]
    if output:
        limited += ['-o', output]
    done = subprocess.run(limited, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=300)
    return done.returncode, done.stderr[-300:].decode(errors='replace').strip()


def check_survives(arguments, path, folder):
    """Runs one command on one bad file; its output folder must hold a whole file or nothing."""
    with tempfile.TemporaryDirectory(dir=folder) as inside:
        output = inside + '/output' if arguments in WRITING else None
        code, words = run_limited(arguments, path, output)
        left = [entry.name for entry in command.pathlib.Path(inside).iterdir()]
    where = ' '.join(arguments)
    if code == 2 and 'NUMBER:' in words:
        code = 1  # several streams in one file: one must be chosen
    if code not in EXIT_CODES:
        raise Failed('%s: exit %d: %s' % (where, code, words))
    if code and not words:
        raise Failed('%s: exit %d without a word' % (where, code))
    if left != (['output'] if output and not code else []):
        raise Failed('%s: exit %d left %r' % (where, code, left))


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp('bad')


def check_damaged(variants, folder, label):
    """variants: (name, bytes). The JSON writer sees each one, and one of the other commands in turn."""
    def check(entry):
        path = folder / entry['name']
        path.write_bytes(entry['data'])
        others = READING + WRITING[1:]
        check_survives(WRITING[0], path, folder)
        check_survives(others[entry['number'] % len(others)], path, folder)
        path.unlink()
    check_all([{'name': name, 'data': data, 'number': number} for number, (name, data) in enumerate(variants)], check, label)


def test_sample_is_whole(folder):
    sample = opcode_sample()
    assert len(sample) == 2048 and len(opcodes_in(sample)) == 68
    path = folder / 'sample.pkl'
    path.write_bytes(sample)
    expect_same(output_of('convert', path, '--to', 'pickle', '-o', '-'), sample)


def test_cut_at_every_byte(folder):
    sample = opcode_sample()
    check_damaged([('cut_%d' % length, sample[:length]) for length in range(len(sample))], folder, 'cut')


@pytest.mark.parametrize('mask', [0xff, 0x01, 0x20])
def test_every_byte_flipped(folder, mask):
    sample = opcode_sample()
    check_damaged([('flip_%02x_%d' % (mask, at), sample[:at] + bytes([sample[at] ^ mask]) + sample[at + 1:])
                   for at in range(len(sample))], folder, 'flip_%02x' % mask)


def test_hostile_files(folder):
    def check(entry):
        path = folder / entry['name']
        path.write_bytes(entry['make']())
        failures = []
        for arguments in READING + WRITING:
            try:
                check_survives(arguments, path, folder)
            except Failed as failure:
                failures.append(str(failure))
        path.unlink()
        if failures:
            raise Failed('; '.join(failures))
    check_all([{'name': name, 'make': make} for name, make in hostile_files().items()], check, 'hostile')
