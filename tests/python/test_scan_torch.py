"""torch's files as the benchmark writes them: safe with their storages, and not without."""
import json
import subprocess
import sys
import zipfile

import pytest

import command

BENCH = command.REPOSITORY / 'bench' / 'scan'
MAKE = 'import sys; sys.path.insert(0, sys.argv[1]); import make_files, pathlib; ' \
       'make_files.make_torch(pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))'


@pytest.fixture(scope='module')
def torch_file(tmp_path_factory):
    path = tmp_path_factory.mktemp('torch') / 'model.pt'
    subprocess.run([sys.executable, '-c', MAKE, BENCH, path, '40000', '4'], check=True)
    return path


def verdict_of(path):
    return json.loads(command.run('scan', '--format', 'json', path).stdout)['files'][0]


def changed(source, path, change):
    """A copy of the archive; change(name, data) gives a member's new data, or None to leave it out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, 'w', zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
    return path


def test_with_all_storages(torch_file):
    report = verdict_of(torch_file)
    assert report['verdict'] == 'safe' and report['container'] == 'torch zip'
    assert report['coverage']['data'] >= 40000


@pytest.mark.parametrize('wrap', ('zip', 'tar'))
def test_inside_another_archive(torch_file, tmp_path, wrap):
    path = tmp_path / 'outer'
    if wrap == 'zip':
        with zipfile.ZipFile(path, 'w') as archive:
            archive.write(torch_file, 'policy.pth')
    else:
        subprocess.run(['tar', '-C', torch_file.parent, '-czf', path, torch_file.name], check=True)
    assert verdict_of(path)['verdict'] == 'safe'


def test_without_a_storage(torch_file, tmp_path):
    path = changed(torch_file, tmp_path / 'a.pt', lambda name, data: None if name.endswith('data/2') else data)
    assert 'persistent-id' in [finding['rule'] for finding in verdict_of(path)['findings']]


def test_with_a_short_storage(torch_file, tmp_path):
    path = changed(torch_file, tmp_path / 'a.pt', lambda name, data: data[:-4] if name.endswith('data/2') else data)
    assert verdict_of(path)['verdict'] == 'unknown'


def test_a_tensor_that_reaches_too_far(torch_file, tmp_path):
    """Offset 1 (K\\x01) in place of 0: the last item lies behind the storage."""
    def change(name, data):
        return data.replace(b'QK\x00M', b'QK\x01M', 1) if name.endswith('.pkl') else data
    path = changed(torch_file, tmp_path / 'a.pt', change)
    assert verdict_of(path)['verdict'] == 'unknown'


def test_the_pickle_alone(torch_file, tmp_path):
    """Without its archive nobody knows what the persistent ids are."""
    path = tmp_path / 'data.pkl'
    path.write_bytes(zipfile.ZipFile(torch_file).read('archive/data.pkl'))
    assert verdict_of(path)['verdict'] == 'unknown'
