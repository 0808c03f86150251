"""Where the tests find the command, the generated corpus and the fixtures."""
import hashlib
import json
import os
import pathlib
import subprocess
import sys

import pytest

import command

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import generate_corpus  # noqa: E402


@pytest.fixture(scope='session')
def pythons():
    """Every CPython that writes the corpus: {'py311': path}."""
    return generate_corpus.find_pythons()


@pytest.fixture(scope='session')
def corpus(pythons):
    """The generated files as entries {name, path, python, case, protocol, load}; made again only when the generator changes."""
    folder = command.BUILD / 'test-corpus'
    sources = sorted((HERE / 'corpus').glob('*.py')) + [HERE / 'generate_corpus.py']
    digest = hashlib.sha256(b''.join(source.read_bytes() for source in sources))
    digest.update(repr(sorted(pythons.items())).encode())
    stamp = folder / 'stamp'
    if not stamp.exists() or stamp.read_text() != digest.hexdigest():
        subprocess.run(['rm', '-rf', folder], check=True)
        subprocess.run([sys.executable, HERE / 'generate_corpus.py', folder, '--all'], check=True)
        stamp.write_text(digest.hexdigest())
    entries = []
    for listing in sorted(folder.glob('*.jsonl')):
        for line in listing.read_text().splitlines():
            entry = json.loads(line)
            entries.append(dict(entry, name=entry['file'], path=folder / entry['file']))
    return entries


@pytest.fixture(scope='session')
def fixtures():
    folder = pathlib.Path(os.environ.get('CPPICKLE_FIXTURES', command.REPOSITORY / '..' / 'shared' / 'fixtures'))
    if not (folder / 'wild' / 'manifest.jsonl').exists():
        pytest.skip('no fixtures at %s: set CPPICKLE_FIXTURES' % folder)
    return folder.resolve()


@pytest.fixture(scope='session')
def wild(fixtures):
    """The manifest's lines, with name and path."""
    lines = (fixtures / 'wild' / 'manifest.jsonl').read_text().splitlines()
    return [dict(entry, name='wild/' + entry['file'], path=fixtures / 'wild' / 'files' / entry['file'], load='value')
            for entry in map(json.loads, lines)]


@pytest.fixture(scope='session')
def versions(fixtures):
    """The files of all environments, with name, path and environment."""
    return [{'name': str(path.relative_to(fixtures)), 'path': path, 'environment': path.parent.name, 'load': 'value'}
            for path in sorted((fixtures / 'versions').glob('*/*.*'))]
