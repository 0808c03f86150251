"""Which module the drop-in tests test, and where the built packages are.

CPPICKLE_TEST_MODULE   the module, `cppickle` unless said; `_pickle` and `pickle` prove the tests themselves
CPPICKLE_PACKAGES      PYTHON=DIRECTORY entries separated by os.pathsep: an interpreter, and what goes on its PYTHONPATH;
                       unless said, the lines of build/python/packages.txt, in the same form
"""
import importlib
import os
import pathlib
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
LISTING = REPOSITORY / 'build' / 'python' / 'packages.txt'
MODULE = os.environ.get('CPPICKLE_TEST_MODULE', 'cppickle')


class NoPackage(Exception):
    """Nothing to test; the text says what to do."""


def packages():
    """[(interpreter, directory)], never empty."""
    listed = os.environ.get('CPPICKLE_PACKAGES')
    if listed is not None:
        entries, source = listed.split(os.pathsep), 'CPPICKLE_PACKAGES'
    else:
        entries, source = LISTING.read_text().splitlines() if LISTING.exists() else [], str(LISTING)
    found = []
    for entry in filter(None, map(str.strip, entries)):
        python, equals, directory = entry.partition('=')
        if not equals:
            raise NoPackage('%s: %r is not PYTHON=DIRECTORY' % (source, entry))
        found.append((python, directory))
    if not found:
        raise NoPackage('%s lists no built package of %s: build the Python package first, or set CPPICKLE_PACKAGES to '
                        'PYTHON=DIRECTORY entries' % (source, MODULE))
    return found


def version_of(python):
    words = 'import sys; print("%d.%d.%s" % (sys.version_info[0], sys.version_info[1], sys.abiflags))'
    return subprocess.run([python, '-c', words], capture_output=True, text=True, check=True).stdout.strip()


def import_module():
    """The module under test in this interpreter, also from the package listed for its version."""
    try:
        return importlib.import_module(MODULE)
    except ModuleNotFoundError as error:
        if error.name != MODULE:
            raise
    ours = '%d.%d.%s' % (sys.version_info[0], sys.version_info[1], sys.abiflags)
    for python, directory in packages():
        if version_of(python) == ours:
            sys.path.insert(0, directory)
            return importlib.import_module(MODULE)
    raise NoPackage('no package of %s is built for this Python %s' % (MODULE, ours))


def child_environment(**more):
    """For a child process that imports the module under test and the files of this folder."""
    module = import_module()
    folders = [str(pathlib.Path(__file__).parent)]
    if getattr(module, '__file__', None):
        folders.append(str(pathlib.Path(module.__file__).absolute().parents[1 if module.__file__.endswith('__init__.py') else 0]))
    folders += [part for part in os.environ.get('PYTHONPATH', '').split(os.pathsep) if part]
    return dict(os.environ, PYTHONPATH=os.pathsep.join(folders), PYTHONHASHSEED='0', **more)
