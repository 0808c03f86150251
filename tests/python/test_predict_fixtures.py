"""Every model of shared/fixtures/models answers what the scikit-learn that wrote it answered."""
import json

import numpy
import pytest

import cppickle
import models_check

# scikit-learn 0.18 deprecated transform() of models, which selected features; it is gone since 0.19.
EXEMPT = {('0.18.2', 'transform'): 'lr3 lrb sgd lsvc dt dtr rf rfr et gb3 gbb gbr grid pipe tpipe'.split()}


def rows_of(folder, name):
    array = folder / (name + '.in.npy')
    return numpy.load(array, allow_pickle=True) if array.exists() else json.loads((folder / (name + '.in.json')).read_text())


def check(method, ours, expected):
    """Raises Differs. Sparse answers are stored dense."""
    asked = models_check.Asked(batch={}, single={}, is_label=expected.dtype.kind != 'f', knows_logarithms=False, is_float32_inside=False)
    models_check.compare(method, ours.toarray() if hasattr(ours, 'toarray') else ours, expected, None, asked)


def test_models_of_five_versions(fixtures):
    compared, wrong = 0, []
    for folder in sorted((fixtures / 'models').iterdir()):
        for name, methods in json.loads((folder / 'manifest.json').read_text())['models'].items():
            if isinstance(methods, str):
                assert methods.startswith('ERR'), methods
                continue
            for path in sorted(folder.glob(name + '.pkl')) + sorted(folder.glob(name + '.joblib')):
                model, rows = cppickle.Model(path), rows_of(folder, name)
                for method in methods:
                    if name in EXEMPT.get((folder.name, method), ()):
                        continue
                    expected = numpy.load(folder / ('%s.%s.npy' % (name, method)), allow_pickle=True)
                    compared += 1
                    try:
                        check(method, getattr(model, method)(rows), expected)
                    except models_check.Differs as found:
                        wrong.append('%s/%s %s: %s' % (folder.name, path.name, method, found))
    assert not wrong, '\n'.join(wrong)
    assert compared > 400
