"""cppickle.scan: the report as a dict, of paths and bytes."""
import gzip
import pickle

import pytest

import document_package

cppickle = document_package.cppickle

EVIL = b'cos\nsystem\n(S"echo hi"\ntR.'


def test_bytes():
    report = cppickle.scan(EVIL)
    assert report['verdict'] == 'dangerous'
    finding, = report['findings']
    assert (finding['name'], finding['use'], finding['arguments'], finding['count']) == ('os.system', 'call', "('echo hi')", 1)
    assert report['names'] == [{'name': 'os.system', 'uses': ['import', 'call'], 'count': 1, 'pack': '', 'verdict': 'dangerous'}]
    assert report['coverage']['pickles'] == len(EVIL)
    assert cppickle.scan(bytearray(EVIL)) == cppickle.scan(memoryview(EVIL)) == report
    assert cppickle.scan(pickle.dumps({'a': [1, 2.5, None]}))['verdict'] == 'safe'
    assert cppickle.scan(b'no pickle at all')['verdict'] == 'incomplete'
    assert cppickle.scan(b'')['verdict'] == 'incomplete'


def test_path(tmp_path):
    path = tmp_path / 'model.pkl.gz'
    path.write_bytes(gzip.compress(EVIL))
    report = cppickle.scan(path)
    assert report['verdict'] == 'dangerous' and report['container'] == 'gzip > pickle'
    assert cppickle.scan(str(path)) == report
    with pytest.raises(FileNotFoundError):
        cppickle.scan(tmp_path / 'missing')
    with pytest.raises(IsADirectoryError):
        cppickle.scan(tmp_path)


def test_allow(tmp_path):
    data = b'\x80\x02cacme.models\nNet\n)\x81}b.'
    assert cppickle.scan(data)['verdict'] == 'unknown'
    table = tmp_path / 'acme.pack'
    table.write_text('pack acme 1\nacme.models:Net  inert\n')
    report = cppickle.scan(data, allow=table)
    assert report['verdict'] == 'safe-by-policy' and report['names'][0]['pack'] == 'acme 1'
    table.write_text('acme.models:Net  harmless\n')
    with pytest.raises(cppickle.Error, match='line 1'):
        cppickle.scan(data, allow=table)


def test_limits():
    assert cppickle.scan(gzip.compress(bytes(10_000)), limits={'bytes': 10})['verdict'] == 'incomplete'
    with pytest.raises(ValueError):
        cppickle.scan(b'N.', limits={'colour': 1})
