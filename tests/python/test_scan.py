"""`cppickle scan`: nothing hostile passes, nothing ordinary is flagged, and no input costs more than it may."""
import collections
import json
import os
import subprocess
import sys

import pytest

import command
import hostile_pickles

# What the issue allows: 64 MiB, and 16 bytes for each of the input's (for a compressed file, of what it holds).
FREE_MEMORY = 64 << 20
MEMORY_PER_BYTE = 16
# A bomb is cut at 64 MiB of contents, which are then held; the buffers of bz2 and xz come on top.
BOMB_MEMORY = 2 * FREE_MEMORY
SECONDS_FREE, SECONDS_PER_MB = 5, 2  # a slow machine under sanitizers; the scan itself takes some 10 ms per MB


def scan(folder):
    """The report on everything in a folder by file name."""
    done = command.run('scan', '-r', '--format', 'json', folder)
    assert done.returncode in (0, 1, 2), done.stderr
    files = json.loads(done.stdout)['files']
    return {os.path.relpath(file['path'], folder): file for file in files}


def write_all(folder, files):
    for name, data in files:
        (folder / name).write_bytes(data)


def is_right(expected, verdict):
    if expected == 'not-safe':
        return verdict not in ('safe', 'safe-by-policy')
    if expected == 'unknown':
        return verdict in ('unknown', 'malformed')  # a damaged container around it is the worse finding
    return expected in ('any', verdict)


def told(report):
    return ['%s %s%s: %s' % (finding['verdict'], finding.get('name', ''), finding.get('arguments', ''), finding['reason'])
            for finding in report['findings'][:4]]


def test_hostile_files(tmp_path):
    """Every technique x protocol x container: none is called safe, and what reaches dangerous callables is said to."""
    files = {file.name.replace('/', '_') + '.pkl': file for file in hostile_pickles.hostile_files()}
    write_all(tmp_path, ((name, file.data) for name, file in files.items()))
    reports = scan(tmp_path)
    assert len(reports) == len(files) >= 400
    wrong = [(name, file.expected, reports[name]['verdict'], file.because, told(reports[name]))
             for name, file in files.items() if not is_right(file.expected, reports[name]['verdict'])]
    assert wrong == []
    counts = collections.Counter(file.expected for file in files.values())
    assert counts['dangerous'] >= 400 and counts['unknown'] >= 100


def test_hostile_files_that_look_like_others(tmp_path):
    """Names that say nothing, and no PROTO to tell them by: in a folder of texts each is found all the same."""
    wanted = [file for file in hostile_pickles.hostile_files() if file.well_formed and file.expected in ('dangerous', 'unknown')]
    write_all(tmp_path, ((file.name.replace('/', '_') + '.txt', file.data.removeprefix(file.data[:2] if file.data[:1] == b'\x80' else b''))
                         for file in wanted))
    write_all(tmp_path, [('spaces.txt', b'cos \nsystem \n(Vecho\ntR.'), ('broken.txt', b'cos \nsystem \n(Vecho\ntR\xff'),
                         ('padded.txt', b'N0' * 700_000 + b'cos\nsystem\n(Vecho\ntR.')])
    reports = scan(tmp_path)
    assert len(reports) == len(wanted) + 3
    assert [name for name, report in reports.items() if report['verdict'] in ('safe', 'safe-by-policy')] == []


def test_texts_are_no_pickles(tmp_path):
    """In a folder they are counted, whatever letters they begin with."""
    write_all(tmp_path, [('%s.txt' % letter, ('%slass Foo:\n    bar\n(t and more\n' % letter).encode()) for letter in 'cCiIPSVFL(N.0']
              + [('page.html', b'<html><body>'), ('data.csv', b'a,b\n1,2\n'), ('empty.txt', b'')])
    done = command.run('scan', '-r', tmp_path)
    assert (done.returncode, done.stdout) == (0, b'0 files: none; 16 are no pickles\n')


def test_unknown_classes_are_named(tmp_path):
    write_all(tmp_path, [('main.pkl', b'\x80\x02c__main__\nModel\n)\x81.'), ('third.pkl', b'\x80\x02cacme.models\nNet\n)\x81}b.')])
    for name, report in scan(tmp_path).items():
        assert report['verdict'] == 'unknown', name
        assert [finding['rule'] for finding in report['findings']] == ['unlisted-name']


def test_samples_of_the_packs(tmp_path):
    """Real pickles that the packs are made for, and made-up ones that misuse the same names."""
    pytest.importorskip('pandas')
    import packs_samples
    expected = {}
    for kind, samples in (('accepted', packs_samples.ACCEPTED), ('refused', packs_samples.REFUSED)):
        for number, (label, data) in enumerate(samples):
            name = '%s_%04d.pkl' % (kind, number)
            expected[name] = label
            (tmp_path / name).write_bytes(data() if callable(data) else data)
    reports = scan(tmp_path)
    wrong = [(expected[name], report['verdict'], told(report)) for name, report in reports.items()
             if name.startswith('accepted') != (report['verdict'] == 'safe')]
    assert wrong == []
    assert sum(name.startswith('accepted') for name in reports) >= 100


ESTIMATORS = r'''
import copy, pathlib, pickle, sys, warnings
warnings.simplefilter('ignore')
import joblib, numpy as np
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.utils import all_estimators

folder = pathlib.Path(sys.argv[1])
X = np.random.RandomState(0).rand(60, 4)
y = (X[:, 0] > .5).astype(int)
ARGUMENTS = [(), (LogisticRegression(),), ([('a', LogisticRegression()), ('b', LogisticRegression())],),
             ([('a', Ridge()), ('b', Ridge())],), (LogisticRegression(), {'C': [1, 2]})]
TARGETS = [(X, y), (X, X[:, 1]), (X, np.c_[y, 1 - y]), (X,), (['a b', 'c d'],)]
COMPRESSORS = [0, *[(name, 3) for name in ('zlib', 'gzip', 'bz2', 'xz', 'lzma', 'lz4')]]


def first(calls):
    for call in calls:
        try:
            return call()
        except Exception:
            pass


def write(name, value):
    for protocol in (0, 2, 4, 5):
        (folder / ('%s.p%d.pkl' % (name, protocol))).write_bytes(pickle.dumps(value, protocol))
    for compress in COMPRESSORS:
        try:
            joblib.dump(value, folder / ('%s.%s.joblib' % (name, compress and compress[0])), compress=compress)
        except (ValueError, ImportError):  # lz4 needs a package
            pass


for name, estimator in all_estimators():
    made = first([lambda a=a: estimator(*a) for a in ARGUMENTS])
    write(name + '_new', made)
    fitted = first([lambda a=a: copy.deepcopy(made).fit(*a) for a in TARGETS])
    if fitted is not None:
        write(name + '_fitted', fitted)
'''


def test_every_estimator(tmp_path):
    """scikit-learn's estimators, new and fitted, plain and through joblib with each compressor: no alarm."""
    pytest.importorskip('sklearn')
    subprocess.run([sys.executable, '-c', ESTIMATORS, tmp_path], check=True, stderr=subprocess.DEVNULL)
    reports = scan(tmp_path)
    assert [(name, told(report)) for name, report in reports.items() if report['verdict'] != 'safe'] == []
    assert len(reports) > 2000


def test_fixtures(fixtures):
    """Real objects of 11 environments and models of 5 scikit-learns: safe, but for classes of __main__."""
    for folder, least in (('versions', 600), ('models', 400)):
        reports = scan(fixtures / folder)
        judged = {name: report for name, report in reports.items() if name.endswith(('.pkl', '.joblib', '.npy', '.npz'))}
        wrong = [(name, told(report)) for name, report in judged.items() if report['verdict'] != 'safe' and
                 not all(finding.get('name', '').startswith('__main__.') for finding in report['findings'])]
        assert wrong == []
        assert len(judged) >= least


# A process counts the memory of the one that it was forked from, and pytest's is large: hence one in between.
MEASURE = r'''
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
sys.stdout.write('%d %f %d\n' % (done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss))
sys.stdout.flush()
sys.stdout.buffer.write(done.stdout)
'''


def usage_of(path):
    """Seconds of CPU and bytes of memory that a scan takes, and its verdict."""
    done = subprocess.run([sys.executable, '-S', '-c', MEASURE, command.COMMAND, 'scan', '--format', 'json', path],
                          stdout=subprocess.PIPE, check=True)
    first, output = done.stdout.split(b'\n', 1)
    code, seconds, kilobytes = first.split()
    assert int(code) in (0, 1, 2), output[-300:]
    return float(seconds), int(kilobytes) * 1024, json.loads(output)['files'][0]['verdict']


SANITIZED = 'asan' in os.environ.get('CPPICKLE_BIN', '')


@pytest.mark.parametrize('attack', list(hostile_pickles.resource_attacks()), ids=lambda attack: attack.name)
def test_resource_attacks(attack, tmp_path):
    path = tmp_path / 'attack.pkl'
    path.write_bytes(attack.data)
    seconds, memory, verdict = usage_of(path)
    assert is_right(attack.expected, verdict)
    assert seconds < SECONDS_FREE + SECONDS_PER_MB * len(attack.data) / 1e6
    if not SANITIZED:
        assert memory < (BOMB_MEMORY if 'bomb' in attack.name else FREE_MEMORY) + MEMORY_PER_BYTE * len(attack.data)


DENSE = {
    'nested lists': lambda n: b']' * n + b'a' * (n - 1) + b'.', 'lists': lambda n: b']' * n + b'.',
    'nested tuples': lambda n: b')' + b'\x85' * n + b'.', 'memo': lambda n: b'N' + b'\x94' * n + b'.',
    'dicts': lambda n: b']' + b'}NNsa' * n + b'.', 'sets': lambda n: b']' + b'\x8f(K\x01\x90a' * n + b'.',
    'calls': lambda n: b'\x80\x04ccollections\nOrderedDict\n' + b'2)R0' * n + b'.',
    'unknown calls': lambda n: b'cm\nf\n' + b')R' * n + b'.', 'states': lambda n: b'cm\nf\n' + b'Nb' * n + b'.',
    'persistent ids': lambda n: b'N' + b'Q' * n + b'.', 'names': lambda n: b''.join(b'c%x\nb\n0' % i for i in range(n)) + b'N.',
}


@pytest.mark.parametrize('kind', DENSE)
def test_memory_of_dense_pickles(kind, tmp_path):
    """The most expensive instructions by the million: never more than 16 bytes for each byte."""
    path = tmp_path / 'dense.pkl'
    path.write_bytes(DENSE[kind](4_000_000))
    seconds, memory, _ = usage_of(path)
    size = path.stat().st_size
    assert seconds < SECONDS_FREE + SECONDS_PER_MB * size / 1e6
    if not SANITIZED:
        assert memory < FREE_MEMORY + MEMORY_PER_BYTE * size


def test_the_scanner_sees_what_cpython_does(pythons):
    """The differential fuzzer on every CPython present; CPPICKLE_EXAMPLES sets how many pickles each one compares."""
    count = int(os.environ.get('CPPICKLE_EXAMPLES', 10_000))
    script = command.REPOSITORY / 'tests' / 'python' / 'scan_differential.py'
    compared = 0
    for name, python in sorted(pythons.items()):
        if name in ('py27', 'py36') or not name.startswith('py3'):
            continue
        done = subprocess.run([python, script, command.COMMAND.parent / 'scan_events', '--count', str(count), '--seed', name[2:]],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        tally = json.loads(done.stdout)
        assert tally['counterexamples'] == [], name
        assert tally['with events'] > tally['compared'] / 4 and tally['loaded'] > tally['compared'] / 10
        compared += tally['compared']
    assert compared >= count


def test_no_pickler_is_refused(corpus):
    """The generated files of every CPython and protocol: none is malformed or incomplete."""
    reports = {}
    for entry in corpus:
        reports.setdefault(entry['path'].parent, None)
    refused = []
    shared = {entry['path'] for entry in corpus if entry['load'] not in ('value', 'values', 'shared')}
    for folder in reports:
        for name, report in scan(folder).items():
            if report['verdict'] in ('malformed', 'incomplete') and folder / name not in shared:
                refused.append((str(folder / name), told(report)))
    assert refused == []
