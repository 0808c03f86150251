"""Arrays of a document as numpy's, without a copy."""

import pickle
import subprocess
import sys

import pytest

from document_package import PACKAGE, cppickle

np = pytest.importorskip('numpy')

PROTOCOLS = range(6)
GRID = np.arange(24)
ARRAYS = {
    **{
        code: GRID.reshape(2, 3, 4).astype(code)
        for code in (
            '?',
            'b',
            'B',
            '<h',
            '>h',
            '<H',
            '<i',
            '>I',
            '<q',
            '>q',
            'Q',
            'e',
            '>f',
            'd',
            '>d',
            'F',
            'D',
            '>D',
            'S5',
            'U4',
            '>U4',
            'g',
        )
    },
    'fortran': np.asfortranarray(GRID.reshape(4, 6).astype('d')),
    'transposed': GRID.reshape(2, 3, 4).transpose(2, 0, 1),
    'empty': np.zeros((3, 0, 2)),
    'none': np.array(5.5),
    'void': np.frombuffer(b'abcdef', 'V3'),
    'time': np.array(['2024-05-01', 'NaT'], 'M8[ns]'),
    'span': np.array([1, 2, 3], '>m8[25s]'),
    'struct': np.zeros(3, [('x', '<i4'), ('y', '>f8', (2, 2)), ('z', [('t', 'S3'), ('u', 'U2')])]),
    'aligned': np.zeros(2, np.dtype([('a', 'b'), ('b', 'd')], align=True)),
    'gaps': np.zeros(
        2, np.dtype({'names': ['a', 'b'], 'formats': ['i2', 'f4'], 'offsets': [4, 12], 'itemsize': 20})
    ),
    'titles': np.zeros(2, np.dtype([(('Title', 'a'), 'i4'), ('b', 'f8')])),
}
BUFFERED = {
    '<h',
    '>h',
    'b',
    'B',
    '?',
    '<i',
    '<q',
    '>q',
    'Q',
    'e',
    '>f',
    'd',
    '>d',
    'D',
    'fortran',
    'transposed',
    'none',
    'S5',
    'U4',
}


def same(ours, theirs):
    assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
    assert ours.tobytes() == theirs.tobytes()


@pytest.mark.parametrize('protocol', PROTOCOLS)
@pytest.mark.parametrize('name', ARRAYS)
def test_arrays(name, protocol):
    array = ARRAYS[name]
    data = pickle.dumps({'a': array}, protocol)
    value = cppickle.read(data)['a']
    assert (value.type, value.kind, value.shape) == ('numpy.ndarray', 'array', array.shape)
    assert len(array.dtype.names or ()) > 0 or np.dtype(value.dtype) == array.dtype
    view = np.asarray(value)
    same(view, array)
    same(value.numpy(), array)
    assert not view.flags.writeable
    if array.size:
        expected = pickle.loads(data)['a'].flags
        assert (
            view.flags.f_contiguous == expected.f_contiguous
            and view.flags.c_contiguous == expected.c_contiguous
        )
    if protocol >= 3 and array.nbytes > 0:
        source = np.frombuffer(data, 'u1')
        assert np.shares_memory(view, source) and np.shares_memory(value.numpy(), source)
    back = value.to_python()
    same(back, array)
    assert back.flags.writeable and not np.shares_memory(back, view)


@pytest.mark.parametrize('name', sorted(BUFFERED))
def test_buffers(name):
    array = ARRAYS[name]
    value = cppickle.read(pickle.dumps(array)).root
    view = memoryview(value)
    assert (
        view.readonly
        and view.shape == array.shape
        and view.nbytes == array.nbytes
        and view.itemsize == array.itemsize
    )
    assert view.tobytes() == array.tobytes()
    if array.dtype.kind in 'biuf' and array.dtype.isnative and array.dtype.char != 'e':
        assert view.tolist() == array.tolist()
    with pytest.raises(ValueError):
        np.asarray(value)[...] = 1


def test_what_a_buffer_cannot_say():
    for name in ('time', 'struct', 'span'):
        with pytest.raises(BufferError):
            memoryview(cppickle.read(pickle.dumps(ARRAYS[name])).root)
    with pytest.raises(BufferError):
        memoryview(cppickle.read(pickle.dumps([1])).root)


def test_an_array_outlives_everything():
    array = np.asarray(cppickle.read(pickle.dumps(np.arange(100000.0))).root)
    view = memoryview(cppickle.read(pickle.dumps(np.arange(1000), 0)).root)
    assert array.sum() == 4999950000.0 and view[999] == 999
    times = cppickle.read(pickle.dumps(ARRAYS['time'])).root.numpy()
    assert np.isnat(times[1])


def test_scalars():
    values = [
        np.float64(1.5),
        np.int8(-3),
        np.bool_(True),
        np.float32(0.5),
        np.datetime64('2024-05-01', 'ns'),
        np.str_('x'),
        np.complex128(1j),
    ]
    root = cppickle.read(pickle.dumps(values)).root
    assert [value.type for value in root][:4] == [
        'numpy.float64',
        'numpy.int8',
        'numpy.bool',
        'numpy.float32',
    ]
    assert root.to_python() == values and [type(item) for item in root.to_python()] == [
        type(value) for value in values
    ]
    assert (
        float(root[0]) == 1.5
        and int(root[1]) == -3
        and bool(root[2])
        and root[0].value == 1.5
        and type(root[0].value) is float
    )


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_objects(protocol):
    array = np.empty((2, 2), object)
    array[...] = [[1, 'a'], [[2], None]]
    array[1, 1] = array
    root = cppickle.read(pickle.dumps([array, np.array([1, 'x', [3]], object)], protocol)).root
    assert root[0].shape == (2, 2) and root[0].dtype == 'object' and len(root[0]) == 2
    assert root[0].objects[1] == 'a' and root[0].objects[2].path == '$[0].__objects__[2]'
    assert (
        root[1][2][0] == 3
        and list(root[1])[:2] == [1, 'x']
        and root.document.at('$[0].__objects__[2][0]') == 2
    )
    back, flat = root.to_python()
    assert back.shape == (2, 2) and back[0, 1] == 'a' and back[1, 0] == [2] and back[1, 1] is back
    assert flat.dtype == object and flat.tolist() == [1, 'x', [3]]
    with pytest.raises(cppickle.Error):
        root[0].numpy()


def test_masked_arrays_and_dtypes():
    array = np.ma.masked_array([[1.0, 2.0], [3.0, 4.0]], [[0, 1], [0, 0]])
    value = cppickle.read(pickle.dumps(array)).root
    assert value.kind == 'maskedarray' and value.type.endswith('MaskedArray')
    assert repr(value.to_python()) == repr(array) == repr(value.numpy())
    for dtype in (np.dtype('>f4'), ARRAYS['struct'].dtype, ARRAYS['gaps'].dtype):
        assert cppickle.read(pickle.dumps(dtype)).to_python() == dtype


def test_joblib(tmp_path):
    joblib = pytest.importorskip('joblib')
    array = np.arange(100000.0).reshape(100, 1000)
    for name, compress in (('a.joblib', 0), ('b.joblib', 3)):
        joblib.dump({'a': array, 'o': np.array([1, [2]], object)}, tmp_path / name, compress=compress)
        document = cppickle.read(tmp_path / name)
        same(np.asarray(document['a']), array)
        assert document['o'][1][0] == 2


def test_numpy_is_not_needed():
    program = (
        'import sys; sys.modules["numpy"] = None; import cppickle, pickle\n'
        'value = cppickle.read(%r).root\n'
        'assert memoryview(value).tolist() == [0, 1, 2] and value.shape == (3,) and value.dtype == "int64"\n'
        'try: value.to_python()\n'
        'except cppickle.Error as error: assert error.code == "unsupported"\n'
        'else: raise SystemExit(1)\n'
    ) % pickle.dumps(np.arange(3))
    subprocess.run([sys.executable, '-c', program], check=True, env={'PYTHONPATH': str(PACKAGE)})
