"""The stubs say what the package is, and type checkers read them."""
import subprocess
import sys

import cppickle

SAMPLE = '''
import io
from typing import Any

import cppickle as pickle

class Stored(pickle.Pickler):
    def persistent_id(self, obj: Any) -> Any:
        return None

data: bytes = pickle.dumps([1], protocol=4, compact=True)
with io.BytesIO() as file:
    Stored(file).dump({})
    pickle.dump(1, file, buffer_callback=lambda buffer: buffer.raw())
    file.seek(0)
    loaded: Any = pickle.load(file, encoding="bytes")
try:
    document: pickle.Document = pickle.read(data, limits={"memo": 10})
    length: int = len(document["a"])
except pickle.Error as error:
    code: str | None = error.code
with pickle.installed():
    opcode: bytes = pickle.MEMOIZE
'''

MISTAKES = '''
import cppickle

text: str = cppickle.dumps(1)
cppickle.dumps(1, 4, True)
cppickle.loads("text")
cppickle.read(1)
'''


def mypy(tmp_path, code):
    path = tmp_path / 'sample.py'
    path.write_text(code)
    command = [sys.executable, '-m', 'mypy', '--strict', '--cache-dir', str(tmp_path / 'cache'), str(path)]
    return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)


def test_stubs_agree_with_the_package(tmp_path):
    allowed = tmp_path / 'allowed.txt'
    # Hooks that a user may define, and what reads a member of whatever the file holds.
    allowed.write_text('\n'.join([
        r'cppickle\._cppickle\.Pickler\.(persistent_id|reducer_override)', r'cppickle\._cppickle\.Unpickler\.persistent_load',
        r'cppickle\._cppickle\.(Document|Value)\.__getattr__', r'cppickle\._cppickle\.PicklerMemoProxy',
        r'cppickle\._cppickle\.UnpicklerMemoProxy', r'cppickle\._cppickle\.Pickler\.(fast|bin)']))
    done = subprocess.run([sys.executable, '-m', 'mypy.stubtest', 'cppickle', '--allowlist', str(allowed),
                           '--ignore-unused-allowlist'], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]


def test_type_checker_accepts_what_is_right(tmp_path):
    done = mypy(tmp_path, SAMPLE)
    assert done.returncode == 0, done.stdout


def test_type_checker_finds_what_is_wrong(tmp_path):
    done = mypy(tmp_path, MISTAKES)
    assert done.stdout.count('error:') == 4, done.stdout


def test_members_have_the_types_of_the_stubs():
    import pickle
    document = cppickle.read(pickle.dumps({'a': ValueError(1), 'b': [2]}))
    stream, value = document.streams[0], document['a']
    for member in (document.streams, document.problems, document.roots, document.notes, stream.roots, stream.notes,
                   value.args):
        assert isinstance(member, tuple)
    for member in (document.format, stream.where, value.type, value.kind, value.path, value.cls):
        assert isinstance(member, str)
    for member in (document.protocol, stream.protocol, stream.offset, stream.size):
        assert isinstance(member, int)
    assert value.document is document and value.args == (1,) and document['b'].cls is None


def test_package_is_typed():
    import importlib.resources
    assert (importlib.resources.files(cppickle) / 'py.typed').is_file()
