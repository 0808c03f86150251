"""Runs the programs that are compared, each in a fresh process, and reads the JSON lines they print."""
import json
import pathlib
import platform
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent
OURS = REPOSITORY / 'build' / 'bin' / 'cppickle_bench'
COMMAND = REPOSITORY / 'build' / 'bin' / 'cppickle'


def lines_of(command):
    """The JSON objects that a program printed, or one {"error": ...} if it failed."""
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    except OSError as missing:
        return [{'error': str(missing)}]
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{')]
    if lines and done.returncode == 0:
        return lines
    reason = done.stderr.strip().splitlines() or ['exit code %d' % done.returncode]
    return lines or [{'error': reason[-1]}]


def python_peer(mode, seconds, path):
    return lines_of([sys.executable, HERE / 'peers' / 'python_peer.py', mode, seconds, path])[0]


def ours(mode, path):
    return lines_of([OURS, mode, path])[0]


def install_peers(venv, requirements):
    """The bin folder of a venv of their own, with what could be installed."""
    if not (venv / 'bin' / 'python').exists():
        subprocess.run([sys.executable, '-m', 'venv', venv], check=True)
    for line in (REPOSITORY / requirements).read_text().splitlines():
        if line and not line.startswith('#'):
            done = subprocess.run([venv / 'bin' / 'pip', 'install', '--quiet', line], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                print('bench: without %s: %s' % (line, done.stderr.strip().splitlines()[-1]), file=sys.stderr)
    return venv / 'bin'


def build_serde_pickle():
    """The path of the peer's program, or None with a notice where there is no cargo or no registry."""
    target = REPOSITORY / 'build' / 'bench-peers'
    try:
        done = subprocess.run(['cargo', 'build', '--release', '--quiet', '--target-dir', target],
                              cwd=HERE / 'peers' / 'serde_pickle', capture_output=True, text=True, check=False)
    except OSError as missing:
        print('bench: without serde-pickle: %s' % missing, file=sys.stderr)
        return None
    if done.returncode != 0:
        print('bench: without serde-pickle:\n' + done.stderr, file=sys.stderr)
        return None
    return target / 'release' / 'serde_pickle_bench'


def whole_process(command, rounds):
    """The least CPU milliseconds and the largest resident memory of running a command, its output thrown away."""
    return lines_of([sys.executable, '-I', '-S', HERE / 'launch.py', rounds, *command])[0]


def processor():
    try:
        with open('/proc/cpuinfo') as file:
            return next(line.split(':')[1].strip() for line in file if line.startswith('model name'))
    except (OSError, StopIteration):
        return platform.machine()
