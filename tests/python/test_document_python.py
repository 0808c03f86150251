"""cppickle.read: getting about in a document as in dicts, lists and attributes."""

import collections
import inspect
import pathlib
import pickle
import zipfile

import pytest

from document_package import cppickle

PROTOCOLS = range(6)


class Model:
    def __init__(self):
        self.weights = [0.5, 1.5]
        self.type = 'clash'
        self.name = 'm\xfcller'


class Slotted:
    __slots__ = ('left', 'right')


Point = collections.namedtuple('Point', 'x y')


def read(value, protocol=4, **more):
    return cppickle.read(pickle.dumps(value, protocol), **more)


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_scalars_are_pythons_own(protocol):
    values = [
        None,
        True,
        False,
        0,
        -1,
        255,
        2**31,
        -(2**63),
        2**200,
        -(2**70),
        1.5,
        float('inf'),
        'text',
        '\xe9\u20ac\U0001f600',
        '\ud800',
        b'',
        b'bytes\xff',
        bytearray(b'array'),
        1 + 2j,
    ]
    root = read(values, protocol).root
    assert [type(item) for item in root] == [type(value) for value in values]
    assert list(root) == values
    for value in values:
        assert read(value, protocol).root == value


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_dicts(protocol):
    value = {
        'a': 1,
        'b': [1, 2],
        3: 'three',
        (1, ('x', None)): 'tuple',
        b'k': 'bytes',
        None: 0,
        2.5: 'float',
        'd': {'e': {}},
    }
    document = read(value, protocol)
    root = document.root
    assert (root.type, root.kind, len(root)) == ('dict', 'dict', len(value))
    assert list(root) == list(root.keys()) == list(value)
    assert [key for key, _ in root.items()] == list(value)
    assert (
        root['b'].type == 'list'
        and root[(1, ('x', None))] == 'tuple'
        and root[2.5] == 'float'
        and root[b'k'] == 'bytes'
    )
    assert list(root.values())[0] == 1
    assert root.get('zz') is None and root.get('zz', 5) == 5 and root.get('a') == 1
    assert 'a' in root and 'zz' not in root and (1, ('x', None)) in root
    assert document['d']['e'].path == '$.d.e' and len(document) == len(value) and 'a' in document
    with pytest.raises(KeyError):
        root['zz']
    with pytest.raises(TypeError):
        root[[]]


@pytest.mark.parametrize('count', [15, 16, 17, 5000])
@pytest.mark.parametrize('protocol', [0, 2, 4])
def test_many_members(count, protocol):
    root = read(
        {'list': list(range(count)), 'dict': {'k%d' % i: i for i in range(count)}, 'set': set(range(count))},
        protocol,
    ).root
    assert [root['list'][i] for i in range(count)] == list(range(count))
    assert [root['list'][-i - 1] for i in range(count)] == list(range(count))[::-1]
    assert root['list'][3:9:2] == [3, 5, 7] and root['list'][::-1] == list(range(count))[::-1]
    assert all(root['dict']['k%d' % i] == i for i in range(count))
    assert count - 1 in root['set'] and count not in root['set'] and len(root['set']) == count
    assert count - 1 in root['list'] and count not in root['list']
    for bad in (count, -count - 1):
        with pytest.raises(IndexError):
            root['list'][bad]
    with pytest.raises(TypeError):
        root['list']['x']
    with pytest.raises(TypeError):
        root['set'][0]


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_the_last_of_equal_keys_counts(protocol):
    for count in (1, 40):
        pairs = b''.join(b'Vk%d\nI%d\ns' % (i % count, i) for i in range(3 * count))
        root = cppickle.read(b'(d' + pairs + b'.').root
        assert all(root['k%d' % i] == 2 * count + i for i in range(count))
        assert root.to_python() == {'k%d' % i: 2 * count + i for i in range(count)}


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_objects(protocol):
    slotted = Slotted()
    slotted.left = [1]
    value = {
        'm': Model(),
        'p': Point(1, [2]),
        'o': collections.OrderedDict(a=1, b=[2]),
        'q': collections.deque([1, 2], 9),
    }
    if protocol >= 2:
        value['s'] = slotted
    root = read(value, protocol).root
    model = root['m']
    assert model.type == model.cls == __name__ + '.Model' and model.kind == 'instance'
    assert model.weights[1] == 1.5 and model.weights.path == '$.m.weights' and model.name == 'm\xfcller'
    assert model.type != 'clash' and model.attr('type') == 'clash'
    assert model.attr('missing', 7) == 7 and not hasattr(model, 'missing')
    assert {'weights', 'name', 'attr'} <= set(dir(model))
    assert model.state['weights'] == model.weights
    with pytest.raises(AttributeError):
        model.attr('missing')
    assert root['p'].kind == 'namedtuple' and root['p'][0] == 1 and root['p'][1].path == '$.p[1]'
    assert list(root['o'].items())[0] == ('a', 1) and root['o']['b'].type == 'list'
    assert list(root['q']) == [1, 2]
    if protocol >= 2:
        assert root['s'].left[0] == 1 and root['s'].left.path == '$.s.left'


def test_attributes_of_a_document_are_its_roots():
    document = read(Model())
    assert document.weights[0] == 0.5 and document.cls.endswith('Model')
    with pytest.raises(AttributeError):
        document.missing
    assert not hasattr(document, '__length_hint__')


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_paths_lead_back(protocol):
    value = {
        'runs': [{'loss': [1]}, {'x y': {"it's": [[]]}}],
        7: [(1, [2])],
        'm': Model(),
        's': Point([1], 2),
    }
    document = read(value, protocol)
    seen = 0
    open_values = [document.root]
    while open_values:
        item = open_values.pop()
        assert document.at(item.path) == item and document.root.at(item.path) == item, item.path
        seen += 1
        members = (
            list(item.values())
            if item.type == 'dict'
            else list(item)
            if item.kind in ('list', 'tuple', 'namedtuple')
            else []
        )
        members += [*item.args, item.state, item.callable] if item.kind == 'instance' else []
        open_values += [member for member in members if isinstance(member, cppickle.Value)]
    assert seen > 12
    assert document.at('runs[0].loss[-1]') == 1 and document.at('$') == document.root
    for path in ('runs[5]', 'nothing', 'runs.x', 'runs[0].loss[0].more', '$[[', '.'):
        with pytest.raises(cppickle.Error) as raised:
            document.at(path)
        assert raised.value.code == 'no-such-path' and path in raised.value.where


def test_the_same_object_is_equal():
    shared = [1]
    root = read([shared, shared, [1]]).root
    assert root[0] == root[1] and hash(root[0]) == hash(root[1]) and root[0] != root[2]
    assert len({root[0], root[1], root[2]}) == 2
    assert root[0] in root and root[0] != [1]
    other = read([shared]).root
    assert root[0] != other[0]


def test_a_value_keeps_its_document():
    inner = read({'a': {'b': [1, 2]}})['a']['b']
    assert list(inner) == [1, 2] and inner.document['a']['b'] == inner


def test_globals_and_persistent_ids():
    root = cppickle.read(b'(cos\nsystem\nPident\n\x82\x07l.').root
    assert [item.type for item in root] == ['global', 'persistent id', 'extension']
    assert root[0].cls == 'os.system' and root[1].persistent_id == 'ident'


def test_nothing_is_run(tmp_path):
    target = tmp_path / 'made'
    root = cppickle.read(b"cposix\nsystem\n(S'touch " + str(target).encode() + b"'\ntR.").root
    assert (root.cls, root.args) == ('posix.system', ('touch %s' % target,))
    with pytest.raises(cppickle.Error):
        root.to_python()
    assert not target.exists()


def test_sources(tmp_path):
    data = pickle.dumps({'a': [1]})
    path = tmp_path / 'x.pkl'
    path.write_bytes(data)
    for source in (data, bytearray(data), memoryview(data), path, str(path)):
        assert cppickle.read(source)['a'][0] == 1
    assert cppickle.read(str(path)).format == 'raw pickle'
    with pytest.raises(FileNotFoundError):
        cppickle.read(tmp_path / 'missing')
    with pytest.raises(IsADirectoryError):
        cppickle.read(tmp_path)
    for wrong in (None, 5, [1]):
        with pytest.raises(TypeError):
            cppickle.read(wrong)
    for container in ('gzip', 'bz2', 'lzma'):
        packed = __import__(container).compress(data)
        document = cppickle.read(packed)
        assert document['a'][0] == 1 and document.format != 'raw pickle'


def test_streams_of_an_archive(tmp_path):
    path = tmp_path / 'two.zip'
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr('one.pkl', pickle.dumps([1]))
        archive.writestr('two.pkl', pickle.dumps([1]) + pickle.dumps([2, 3], 2))
    document = cppickle.read(path)
    assert [stream.where.split('!')[-1] for stream in document.streams] == ['one.pkl', 'two.pkl']
    assert document[0] == 1 and document.streams[1].roots[1][1] == 3
    assert document.streams[1].root.at('[0]') == 1 and document.streams[1].protocol == 4
    assert 'two.pkl' in repr(document.streams[1])


def test_text_for_people():
    document = read(
        {
            '<script>alert(1)</script>': ['<b>', '&', '"\''],
            'deep': [[[[[[[1]]]]]]],
            'many': list(range(10000)),
        }
    )
    html = document._repr_html_()
    assert '<script' not in html and '<b>' not in html and '&lt;b&gt;' in html and '&lt;script&gt;' in html
    assert (
        len(html) < 20000
        and html.count('<details') == html.count('</details')
        and html.count('<div') == html.count('</div')
    )
    text = document.show(depth=1)
    assert text.startswith('dict (3)') and len(text.splitlines()) == 4
    assert document.root.show() == document.show() and document['many'].show(items=3).count('\n') == 5
    assert repr(document) == '<cppickle.Document: raw pickle, 1 stream>'
    assert len(repr(document.root)) < 300 and '$' in repr(document.root)


def test_html_of_hostile_names():
    evil = b'c<img src=x onerror=alert(1)>\n"\'>&\n)\x81}\x8c\x03<x>K\x01sb.'
    html = cppickle.read(b'\x80\x04' + evil)._repr_html_()
    assert '<img' not in html and '<x>' not in html


def test_truth_and_length():
    root = read([[], [0], {}, set(), object(), ()]).root
    assert [bool(item) for item in root] == [False, True, False, False, True, False]
    with pytest.raises(TypeError):
        len(root[4])


def test_signatures_and_types():
    for name in ('read', 'dis', 'stat', 'optimize', 'to_json', 'from_json'):
        assert inspect.signature(getattr(cppickle, name)).parameters
    for kind in (cppickle.Document, cppickle.Stream, cppickle.Value):
        with pytest.raises(TypeError):
            kind()
        for name, member in vars(kind).items():
            if callable(member) and not name.startswith('__'):
                inspect.signature(member)
                assert member.__doc__


def test_errors_say_where(tmp_path):
    path = tmp_path / 'cut.pkl'
    path.write_bytes(b'\x80\x04\x95')
    with pytest.raises(cppickle.Error) as raised:
        cppickle.read(path)
    error = raised.value
    assert isinstance(error, ValueError) and (error.code, error.offset, error.opcode) == (
        'truncated',
        2,
        'FRAME',
    )
    assert cppickle.Error('mine').code is None


def test_limits():
    deep = b'(' * 2000 + b't' * 2000 + b'.'
    assert cppickle.read(deep).root.type == 'tuple'
    with pytest.raises(cppickle.Error) as raised:
        cppickle.read(deep, limits={'depth': 100})
    assert raised.value.code == 'limit'
    with pytest.raises(cppickle.Error):
        cppickle.read(pickle.dumps(list(range(1000))), limits={'output-nodes': 100}).to_python()
    for wrong, exception in (
        ({'depht': 1}, ValueError),
        ({'depth': 'x'}, TypeError),
        ({'depth': -1}, OverflowError),
        (3, TypeError),
    ):
        with pytest.raises(exception):
            cppickle.read(deep, limits=wrong)


def test_a_file_called_minus(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pathlib.Path('-').write_bytes(pickle.dumps([1]))
    assert cppickle.read('-')[0] == 1
