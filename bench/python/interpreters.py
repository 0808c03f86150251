"""The interpreters that are measured, their venvs, and where each finds the module.

A venv per interpreter lies below .cache/bench-python/, with requirements-bench.txt installed; what has no
wheel for that Python is left out. The packages are found through build/python/packages.txt, with lines
PYTHON=DIRECTORY, or through CPPICKLE_PACKAGES, the same separated as PATH is. PYTHON is a version such as
3.11, or the path of an interpreter.
"""
import glob
import hashlib
import os
import pathlib
import re
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
VENVS = REPOSITORY / '.cache' / 'bench-python'
PACKAGES = REPOSITORY / 'build' / 'python' / 'packages.txt'
VERSIONS = ('3.11', '3.13')
REQUIREMENTS = REPOSITORY / 'requirements-bench.txt'
PINS = REPOSITORY / 'requirements-dev.txt'  # numpy's version


def version_of(python):
    """'3.11', or None where that is no Python."""
    command = [str(python), '-c', 'import sys; print("%d.%d" % sys.version_info[:2])']
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def find(version):
    """Debian's interpreter of a version, else pyenv's newest, or None."""
    pyenv = glob.glob(os.path.expanduser('~/.pyenv/versions/%s.*/bin/python' % version))
    pyenv.sort(key=lambda path: [int(part) for part in re.findall(r'\d+', path)], reverse=True)
    places = ['/usr/bin/python' + version, *pyenv]
    return next((pathlib.Path(place) for place in places if version_of(place) == version), None)


def wanted(listed):
    """[(version, interpreter)] for versions and paths, with a notice for what isn't there."""
    found = []
    for item in listed:
        path = pathlib.Path(item) if os.sep in item else find(item)
        version = path and version_of(path)
        if version:
            found.append((version, path))
        else:
            print('bench: left out: no Python %s' % item, file=sys.stderr)
    return found


def requirements():
    lines = (line.split('#')[0].strip() for line in REQUIREMENTS.read_text().splitlines())
    return [line for line in lines if line]


def venv_of(version, interpreter):
    """The Python of the venv. What could not be installed is tried again by the next run."""
    folder = VENVS / version
    python, stamp = folder / 'bin' / 'python', folder / 'requirements.sha256'
    known = [str(interpreter).encode(), REQUIREMENTS.read_bytes(), PINS.read_bytes()]
    digest = hashlib.sha256(b''.join(known)).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == digest:
        return python
    print('bench: setting up %s' % folder, file=sys.stderr)
    if version_of(python) != version:
        subprocess.run([str(interpreter), '-m', 'venv', '--clear', str(folder)], check=True)
    install = [str(python), '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check',
               '--only-binary', ':all:', '-c', str(PINS)]
    # One by one: a Python that some have no wheel for gets the others.
    missing = [line for line in requirements() if subprocess.run([*install, line], check=False).returncode]
    if missing:
        print('bench: Python %s goes without %s' % (version, ', '.join(missing)), file=sys.stderr)
    else:
        stamp.write_text(digest)
    return python


def packages():
    """{version or path: directory}; the first counts, and the environment's come before the file's."""
    lines = os.environ.get('CPPICKLE_PACKAGES', '').split(os.pathsep)
    lines += PACKAGES.read_text().splitlines() if PACKAGES.exists() else []
    found = {}
    for line in lines:
        key, equals, directory = line.strip().partition('=')
        if equals:
            found.setdefault(key, directory)
    return found


def directory_for(version, interpreter):
    """Where the module for this interpreter is, or None: then it must be installed."""
    for key, directory in packages().items():
        if os.sep in key and os.path.realpath(key) == os.path.realpath(interpreter):
            return directory
        if key == version or os.sep in key and version_of(key) == version:
            return directory
    return None


def environment(directory):
    """For the children. A fixed hash seed: the order of a set, and so its bytes, is the same in every run."""
    added = {'PYTHONPATH': str(directory)} if directory else {}
    kept = {name: value for name, value in os.environ.items() if name not in ('PYTHONPATH', 'PYTHONHOME')}
    return dict(kept, PYTHONHASHSEED='0', PYTHONDONTWRITEBYTECODE='1', **added)
