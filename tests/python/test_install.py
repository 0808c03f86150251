"""install() and uninstall(): what people already run uses cppickle, with the same results."""
import concurrent.futures
import io
import multiprocessing
import multiprocessing.reduction
import pickle
import shelve

import cloudpickle
import cppickle
import joblib
import pytest


@pytest.fixture
def installed():
    cppickle.install()
    yield
    cppickle.uninstall()


def names():
    """What install() replaces, as it is now."""
    from joblib.externals.loky.backend import reduction
    return [pickle.dump, pickle.dumps, pickle.load, pickle.loads, pickle.Pickler, pickle.Unpickler, shelve.Pickler,
            shelve.Unpickler, multiprocessing.reduction.ForkingPickler, cloudpickle.Pickler, cloudpickle.CloudPickler,
            cloudpickle.load, cloudpickle.loads, reduction._LokyPickler]


def square(number):
    return number * number


def test_names_are_ours_and_come_back():
    before = names()
    with cppickle.installed():
        assert cppickle.is_installed()
        assert pickle.dumps is cppickle.dumps and pickle.Unpickler is cppickle.Unpickler
        for found in names():
            if isinstance(found, type):
                assert issubclass(found, (cppickle.Pickler, cppickle.Unpickler)), found
        with cppickle.installed():
            assert pickle.loads is cppickle.loads
        assert pickle.loads is cppickle.loads
    assert names() == before and not cppickle.is_installed()
    cppickle.uninstall()
    assert names() == before


def test_replaced_classes_keep_their_body(installed):
    class_ = multiprocessing.reduction.ForkingPickler
    assert class_.__name__ == 'ForkingPickler' and class_.loads is cppickle.loads
    assert bytes(class_.dumps([1, 2])) == cppickle.dumps([1, 2])


@pytest.mark.parametrize('method', ['fork', 'spawn'])
def test_multiprocessing(installed, method):
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(square, range(50)) == [number * number for number in range(50)]


def test_concurrent_futures(installed):
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        assert list(pool.map(square, range(20))) == [number * number for number in range(20)]


def test_shelve(installed, tmp_path):
    with shelve.open(str(tmp_path / 'shelf'), writeback=True) as shelf:
        shelf['a'] = [1]
        shelf['a'].append({'b': 2})
    with shelve.open(str(tmp_path / 'shelf')) as shelf:
        assert shelf['a'] == [1, {'b': 2}]


def test_cloudpickle(installed):
    offset = 3

    def add(number, *, other=4):
        return number + offset + other

    made = cloudpickle.loads(cloudpickle.dumps(add))
    assert made(1) == 8 and made(1, other=0) == 4
    with io.BytesIO() as file:
        cloudpickle.dump(lambda number: made(number) + 1, file)
        assert pickle.loads(file.getvalue())(1) == 9


def test_cloudpickle_writes_the_same_bytes():
    def function(number):
        return [number, offset]

    offset = 5
    theirs = cloudpickle.dumps(function)
    with cppickle.installed():
        assert cloudpickle.dumps(function) == theirs


def test_joblib(installed, tmp_path):
    import numpy
    value = {'array': numpy.arange(1000.), 'list': [1, 'two', None]}
    for compress in (0, 3):
        joblib.dump(value, tmp_path / 'value.joblib', compress=compress)
        found = joblib.load(tmp_path / 'value.joblib')
        assert found['list'] == value['list'] and (found['array'] == value['array']).all()


def test_loky(installed):
    found = joblib.Parallel(n_jobs=2)(joblib.delayed(lambda number: number + 1)(number) for number in range(20))
    assert found == list(range(1, 21))
