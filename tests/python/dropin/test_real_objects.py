"""Objects of numpy, pandas, scipy, scikit-learn, joblib and cloudpickle: bytes equal to _pickle's, loads equal both ways."""
import _pickle
import collections
import datetime
import functools
import io
import pickle

import pytest

import under_test

np = pytest.importorskip('numpy')
module = under_test.import_module()
PROTOCOLS = (2, 3, 4, 5)


DTYPES = ('?', 'i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8', 'f2', 'f4', 'f8', 'c8', 'c16', 'S5', 'U7', 'O', '>i4', '>f8',
          'M8[ns]', 'm8[s]')


def numpy_objects():
    yield from (('array ' + name, np.arange(24).astype(name).reshape(2, 3, 4)) for name in DTYPES)
    yield from (('scalar ' + name, np.arange(3).astype(name)[2]) for name in DTYPES)
    base = np.arange(60.0).reshape(3, 4, 5)
    yield from {
        'fortran': np.asfortranarray(base), 'strided': base[::2, :, ::-1], 'transposed': base.T, 'empty': np.empty((0, 3)),
        'no dimension': np.array(3.5), 'read only': np.frombuffer(b'12345678', 'u1'), 'shared': [base, base, base[0]],
        'large': np.zeros(20_000), 'objects': np.array([1, 'two', None, [3]], dtype=object), 'view': base[1],
        'record': np.zeros(3, dtype=[('a', 'i4'), ('b', 'f8', (2,)), ('c', 'U3')]), 'record array': np.rec.array([(1, 2.5)]),
        'masked': np.ma.array([1, 2, 3], mask=[0, 1, 0]), 'matrix': np.array([[1, 2], [3, 4]]).view(np.matrix),
        'dtype': np.dtype([('a', '<i4'), ('b', '>f8')]), 'dtype aligned': np.dtype('i1,f8', align=True),
        'dtype date': np.dtype('M8[us]'), 'float64': np.float64(1.5), 'int32': np.int32(-4), 'bool': np.bool_(True),
        'complex': np.complex64(1 + 2j), 'date': np.datetime64('2020-01-02'), 'delta': np.timedelta64(3, 'D'),
        'string': np.str_('abc'), 'bytes': np.bytes_(b'abc'), 'ufunc': np.add, 'ufuncs': [np.sin, np.maximum, np.add],
        'function': np.linalg.norm, 'type': np.float32, 'void': np.zeros(1, 'i4,f4')[0],
        'generator': np.random.default_rng(1), 'random state': np.random.RandomState(2),
        'polynomial': np.polynomial.Polynomial([1, 2, 3]), 'poly1d': np.poly1d([1, 2]),
        'mixed': {'a': base, 'b': [np.float32(2)] * 3, 'c': (np.arange(3), 'text')},
    }.items()


def pandas_objects():
    pd = pytest.importorskip('pandas')
    dates = pd.date_range('2020-01-01', periods=5, tz='Europe/Berlin')
    frame = pd.DataFrame({'a': range(5), 'b': np.linspace(0, 1, 5), 'c': list('vwxyz'), 'd': dates,
                          'e': pd.Categorical(list('aabba'))})
    yield from {
        'frame': frame, 'frame indexed': frame.set_index('c'), 'frame multi': frame.set_index(['c', 'a']),
        'frame empty': frame.iloc[:0], 'frame transposed': frame[['a', 'b']].T, 'frame typed': frame.convert_dtypes(),
        'frame wide': pd.DataFrame(np.arange(200.0).reshape(4, 50)), 'frame column index': frame[['a', 'b']].stack(),
        'frame sliced': frame.iloc[1:4], 'frames': [frame, frame, frame['a']], 'described': frame.describe(),
    }.items()
    yield from (('series ' + name, frame[name]) for name in frame)
    yield from (('array ' + name, frame[name].array) for name in frame)
    yield from (('series ' + name, pd.Series([1, None, 3], dtype=name)) for name in
                ('Int8', 'Int64', 'UInt16', 'Float32', 'Float64', 'string', 'object', 'float64'))
    yield from (('index %d' % at, index) for at, index in enumerate([
        pd.RangeIndex(5), pd.Index([1, 2, 3], name='n'), pd.Index(list('abc')), dates, dates.tz_localize(None),
        pd.MultiIndex.from_product([[1, 2], list('ab')], names=['x', 'y']), pd.CategoricalIndex(list('aab')),
        pd.IntervalIndex.from_breaks([0, 1, 2]), pd.period_range('2020', periods=3, freq='M'),
        pd.timedelta_range('1D', periods=3)]))
    yield from (('scalar %d' % at, scalar) for at, scalar in enumerate([
        pd.Timestamp('2020-01-01 12:00', tz='UTC'), pd.Timestamp('2021-05-06'), pd.Timedelta('3h'), pd.NaT, pd.NA,
        pd.Period('2020-01', 'M'), pd.Interval(0, 1), pd.CategoricalDtype(['a', 'b']), pd.offsets.MonthEnd(2),
        pd.DatetimeTZDtype(tz='UTC'), pd.Int64Dtype(), pd.Grouper(key='a')]))


def scipy_objects():
    scipy_sparse = pytest.importorskip('scipy.sparse')
    import scipy.interpolate
    import scipy.spatial
    import scipy.stats
    dense = np.eye(4) * np.arange(4)
    yield from ((kind, getattr(scipy_sparse, kind)(dense)) for kind in
                ('csr_matrix', 'csc_matrix', 'coo_matrix', 'lil_matrix', 'dok_matrix', 'bsr_matrix', 'dia_matrix',
                 'csr_array', 'csc_array', 'coo_array'))
    yield 'cubic spline', scipy.interpolate.CubicSpline([0, 1, 2, 3], [0, 1, 4, 9])
    yield 'tree', scipy.spatial.cKDTree(np.arange(20.0).reshape(10, 2))
    yield from (('frozen ' + name, getattr(scipy.stats, name)(*arguments)) for name, arguments in
                (('norm', (0, 2)), ('gamma', (2,)), ('poisson', (3,)), ('uniform', ())))


def sklearn_objects():
    pytest.importorskip('sklearn')
    from sklearn import (cluster, decomposition, ensemble, feature_extraction, linear_model, naive_bayes, neighbors,
                         neural_network, pipeline, preprocessing, svm, tree)
    random = np.random.RandomState(0)
    x, y = random.rand(40, 4), np.arange(40) % 3
    estimators = [
        linear_model.LinearRegression(), linear_model.LogisticRegression(), linear_model.Ridge(), linear_model.Lasso(),
        linear_model.SGDClassifier(random_state=0), tree.DecisionTreeClassifier(random_state=0),
        tree.DecisionTreeRegressor(random_state=0), ensemble.RandomForestClassifier(4, random_state=0),
        ensemble.GradientBoostingClassifier(n_estimators=3, random_state=0), ensemble.IsolationForest(n_estimators=3, random_state=0),
        ensemble.HistGradientBoostingClassifier(max_iter=3, random_state=0), svm.SVC(), svm.LinearSVC(), svm.SVR(),
        neighbors.KNeighborsClassifier(), neighbors.NearestNeighbors(), neighbors.KernelDensity(), naive_bayes.GaussianNB(),
        cluster.KMeans(3, n_init=1, random_state=0), cluster.DBSCAN(), decomposition.PCA(2), decomposition.NMF(2, init='random'),
        preprocessing.StandardScaler(), preprocessing.MinMaxScaler(), preprocessing.OneHotEncoder(),
        preprocessing.PolynomialFeatures(), preprocessing.KBinsDiscretizer(strategy='uniform'),
        preprocessing.FunctionTransformer(np.log1p), neural_network.MLPClassifier(5, max_iter=5, random_state=0),
        pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.Ridge()),
    ]
    for estimator in estimators:
        name = type(estimator).__name__
        yield name + ' not fitted', pickle.loads(pickle.dumps(estimator))
        yield name, estimator.fit(x, y)
    yield 'vectorizer', feature_extraction.text.TfidfVectorizer().fit(['a few words', 'some more words'])
    yield 'label encoder', preprocessing.LabelEncoder().fit(['a', 'b', 'c'])


def joblib_objects():
    joblib = pytest.importorskip('joblib')
    yield 'delayed', joblib.delayed(len)([1, 2])
    yield 'delayed sum', [joblib.delayed(sum)([number, 2]) for number in range(4)]
    yield 'hashes', {name: joblib.hash(name) for name in 'abc'}


def standard_objects():
    yield 'partial', functools.partial(int, base=2)
    yield 'chain map', collections.ChainMap({'a': 1}, {'b': 2})
    yield 'counter', collections.Counter('abracadabra')
    yield 'dates', [datetime.date(2020, 1, day) for day in range(1, 20)]
    yield 'user dict', collections.UserDict(a=[1, 2])


def all_objects():
    for source in (numpy_objects, pandas_objects, scipy_objects, sklearn_objects, joblib_objects, standard_objects):
        for name, value in source():
            yield '%s: %s' % (source.__name__.split('_')[0], name), value


def difference_of(value):
    """Words, or None. What a load gave is compared by what _pickle writes of it: that covers types, values and sharing."""
    for protocol in PROTOCOLS:
        data = _pickle.dumps(value, protocol)
        if module.dumps(value, protocol) != data:
            return 'protocol %d: other bytes' % protocol
        file = io.BytesIO()
        module.Pickler(file, protocol).dump(value)
        if file.getvalue() != data:
            return 'protocol %d: other bytes from Pickler' % protocol
        if _pickle.dumps(module.loads(data), protocol) != _pickle.dumps(_pickle.loads(data), protocol):
            return 'protocol %d: loads something else' % protocol
    ours, theirs = [], []
    data = _pickle.dumps(value, 5, buffer_callback=theirs.append)
    if module.dumps(value, 5, buffer_callback=ours.append) != data or list(map(bytes_of, ours)) != list(map(bytes_of, theirs)):
        return 'other bytes or buffers out of band'
    loaded, expected = module.loads(data, buffers=ours), _pickle.loads(data, buffers=theirs)
    if _pickle.dumps(loaded, 5) != _pickle.dumps(expected, 5):
        return 'loads something else from buffers out of band'
    return None


def bytes_of(buffer):
    return bytes(buffer.raw())


@pytest.mark.filterwarnings('ignore')
def test_real_objects():
    objects = list(all_objects())
    differences = ['%s: %s' % (name, words) for name, value in objects for words in [difference_of(value)] if words]
    print('%d objects' % len(objects))
    assert not differences, '\n'.join(differences)
    assert len(objects) >= 200, len(objects)


def make_functions():
    """What only cloudpickle can dump."""
    factor = 3

    def closure(number):
        return number * factor

    def recursive(number):
        return 1 if number < 2 else number * recursive(number - 1)

    def with_defaults(a, b=2, *rest, c=4, **named):
        """Words."""
        return a + b + c + len(rest) + len(named)

    def generator(number):
        yield from range(number)

    class Dynamic:
        attribute = [1, 2]

        def method(self, number):
            return self.attribute[0] + number

    class Derived(Dynamic):
        @property
        def doubled(self):
            return self.method(1) * 2
    yield closure, lambda made: made(4)
    yield recursive, lambda made: made(5)
    yield with_defaults, lambda made: made(1, c=7, d=3)
    yield generator, lambda made: list(made(3))
    yield (lambda x: x + 1), lambda made: made(1)
    yield (lambda x: [y * factor for y in x]), lambda made: made([1, 2])
    yield Dynamic, lambda made: made().method(2)
    yield Derived, lambda made: made().doubled
    yield Derived(), lambda made: made.doubled
    yield functools.partial(with_defaults, 1), lambda made: made()
    yield [closure, closure, Dynamic], lambda made: (made[0] is made[1], made[0](2), made[2]().method(3))
    yield {'array': np.arange(3), 'function': lambda x: np.sum(x)}, lambda made: int(made['function'](made['array']))


def test_cloudpickle():
    """Streams of cloudpickle load with the drop-in, and cloudpickle's reducers run in a pickler derived from it."""
    cloudpickle = pytest.importorskip('cloudpickle')
    from cloudpickle import cloudpickle as parts

    def over(base):
        """cloudpickle's Pickler with another base: its methods are made for _pickle.Pickler, so they are copied."""
        names = {name: value for name, value in vars(parts.Pickler).items()
                 if name not in ('__init__', '__dict__', '__weakref__', 'dump', '__doc__')}

        def __init__(self, file, protocol=None):
            base.__init__(self, file, protocol=protocol)
            self.globals_ref = {}
            self.proto = protocol
        return type('Pickler', (base,), dict(names, __init__=__init__))

    def dumps(base, value, protocol):
        file = io.BytesIO()
        over(base)(file, protocol).dump(value)
        return file.getvalue()

    for value, use in make_functions():
        for protocol in PROTOCOLS:
            data = cloudpickle.dumps(value, protocol)
            assert use(module.loads(data)) == use(_pickle.loads(data)) == use(value)
            ours, theirs = dumps(module.Pickler, value, protocol), dumps(_pickle.Pickler, value, protocol)
            assert ours == theirs
            assert use(_pickle.loads(ours)) == use(value)
