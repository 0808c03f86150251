"""Documents written back and as text: the same bytes, pickletools' words, the command's reports."""

import gzip
import io
import json
import os
import pickle
import pickletools

import pytest

import command
from document_package import cppickle

VALUES = [1, [1, [2, 'x']], {'a': (1, 2.5), 'b': {3, b'x'}}, [object(), pickle.PickleError]]


@pytest.mark.parametrize('protocol', range(6))
@pytest.mark.parametrize('value', VALUES, ids=lambda value: repr(value)[:20])
def test_dumps_gives_the_same_bytes(value, protocol):
    data = pickle.dumps(value, protocol)
    document = cppickle.read(data)
    assert document.dumps() == document.streams[0].dumps() == data
    for other in range(6):
        again = document.dumps(other)
        assert again == document.dumps(protocol=other) and cppickle.read(again).dumps() == again
        if value != VALUES[3]:
            assert pickle.loads(again) == value
    assert document.dumps(-1) == document.dumps(5)
    with pytest.raises(cppickle.Error) as raised:
        document.dumps(6)
    assert raised.value.code == 'bad-protocol'


def test_fixtures_come_out_byte_for_byte(fixtures):
    files = [path for path in sorted((fixtures / 'versions').glob('p3*/*.pkl'))]
    assert len(files) > 300
    differ = []
    for path in files:
        data = path.read_bytes()
        document = cppickle.read(path)
        if document.format == 'raw pickle' and document.dumps() != data:
            differ.append(path.name)
    assert not differ


def test_every_fixture_is_looked_into(fixtures):
    """Nothing here is run, so hostile files are as good as others."""
    seen = 0
    for path in sorted(fixtures.glob('versions/*/*')) + sorted(fixtures.glob('wild/files/*')):
        try:
            document = cppickle.read(path)
            roots = [stream.root for stream in document.streams]
        except cppickle.Error as error:
            assert error.code
            continue
        for root in roots:
            if not isinstance(root, cppickle.Value):
                continue
            seen += 1
            assert root.type and root.kind and repr(root) and root._repr_html_() and root.at('$') is not None
            try:
                root.to_python()
            except cppickle.Error as error:
                assert error.code in ('unsupported', 'corrupt')
                assert error.where.startswith('$'), (path, error)
    assert seen > 500


def test_write(tmp_path):
    path = tmp_path / 'out.pkl'
    data = pickle.dumps({'a': [1]}, 4)
    document = cppickle.read(gzip.compress(data))
    assert document.write(path) is None and path.read_bytes() == data
    document.write(str(path), protocol=2)
    assert path.read_bytes() == pickle.dumps({'a': [1]}, 2)
    assert os.listdir(tmp_path) == ['out.pkl']
    with pytest.raises(OSError):
        document.write(tmp_path / 'no' / 'such')


@pytest.mark.parametrize('protocol', range(6))
def test_dis(protocol):
    data = pickle.dumps(VALUES, protocol)
    expected = io.StringIO()
    pickletools.dis(data, expected)
    assert cppickle.dis(data) == cppickle.read(data).dis() == expected.getvalue()
    out = io.StringIO()
    assert cppickle.dis(data, out=out) is None and out.getvalue() == expected.getvalue()
    assert len(cppickle.dis(data, annotate=True)) > len(expected.getvalue())
    assert cppickle.dis(gzip.compress(data)) == expected.getvalue()


def test_dis_of_a_cut_pickle():
    data = pickle.dumps(VALUES)[:-20]
    out = io.StringIO()
    with pytest.raises(cppickle.Error):
        cppickle.dis(data, out=out)
    assert 'PROTO' in out.getvalue()


def test_dis_into_a_broken_file():
    class Broken:
        def write(self, text):
            raise KeyError('full')

    with pytest.raises(KeyError):
        cppickle.dis(pickle.dumps(VALUES), out=Broken())
    with pytest.raises(AttributeError):
        cppickle.dis(pickle.dumps(VALUES), out=5)


def test_optimize():
    for protocol in range(6):
        data = pickle.dumps([VALUES[:3], VALUES[1]], protocol)
        for given in (data, bytearray(data), memoryview(data)):
            assert cppickle.optimize(given) == pickletools.optimize(data)
    with pytest.raises(cppickle.Error):
        cppickle.optimize(b'\x80\x04')


@pytest.mark.parametrize('protocol', range(6))
def test_json(protocol, tmp_path):
    data = pickle.dumps(VALUES, protocol)
    text = cppickle.to_json(data)
    assert json.loads(text) and text == cppickle.read(data).to_json()
    assert cppickle.from_json(text) == data
    assert cppickle.from_json(text, protocol=5 - protocol) == cppickle.read(data).dumps(5 - protocol)
    assert json.loads(cppickle.to_json(pickle.dumps({'a': [1, None]}, protocol), plain=True)) == {
        'a': [1, None]
    }
    for bad in ('', '{', '{"a": 1}', text[:-5]):
        with pytest.raises(cppickle.Error):
            cppickle.from_json(bad)
    with pytest.raises(TypeError):
        cppickle.from_json(b'{}')


def test_as_the_command(tmp_path):
    """stat, show, dis and JSON say what the command says."""
    if not command.COMMAND.exists():
        pytest.skip('no command at %s' % command.COMMAND)
    path = tmp_path / 'x.pkl'
    path.write_bytes(pickle.dumps({'a': VALUES, 'text': 'x' * 500}))
    assert cppickle.stat(path) == json.loads(command.output_of('stat', '--json', path))
    assert cppickle.read(path).show(width=80).encode() == command.output_of('show', '--width', 80, path)
    assert cppickle.to_json(path).encode() == command.output_of('convert', '--to', 'json', path)
    assert cppickle.dis(path, annotate=True).encode() == command.output_of('dis', '-a', path)


def test_stat():
    report = cppickle.stat(pickle.dumps(VALUES, 2))
    assert (report['file'], report['container'], report['protocol'], report['root']) == (
        '',
        'raw pickle',
        2,
        'list',
    )
    assert report['streams'][0]['values']['list'] == 5
