"""The example programs that CMake builds beside the command."""
import subprocess

from command import BUILD


def run_example(name, *arguments):
    """Its standard error; the program must succeed."""
    done = subprocess.run([BUILD / 'examples' / name, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stderr


def error_of_example(name, *arguments):
    done = subprocess.run([BUILD / 'examples' / name, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, (done.returncode, done.stderr)
    return done.stderr
