"""cppickle.Model answers what the scikit-learn that wrote the file answers: models made by tests/models under several of them.

Plain pytest takes the venv's scikit-learn and one old one; CPPICKLE_ALL_MODELS=1 takes all of model_venvs.PINS and writes
docs/models-coverage.md. Interpreters with their wheels and the made models are kept in .cache/models.
"""
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import sklearn

import made_models
import model_outcomes
import model_venvs
import models_check
import models_coverage
from made_models import CACHE, MAKER
from model_gaps import GAPS

OWN = sklearn.__version__
ALL = os.environ.get('CPPICKLE_ALL_MODELS') == '1'
OLD = ('1.0.2', '0.24.2')  # plain pytest takes the first of them that can be had

outcomes_of = {}


def interpreter(version):
    if version == OWN:
        return pathlib.Path(sys.executable)
    return model_venvs.interpreter(version, CACHE)


def made(version):
    """The folder with that version's models."""
    python = interpreter(version)
    return made_models.made(version, MAKER.glob('*.py'),
                            lambda folder: subprocess.run([str(python), str(MAKER / 'make.py'), str(folder)], check=True))


def check(version):
    outcomes_of[version] = models_check.check_folder(made(version))
    model_outcomes.check('scikit-learn', version, outcomes_of[version], GAPS)


def asked(**batch):
    return models_check.Asked(batch, {}, True, False, False)


@pytest.mark.parametrize('method, ours, expected, batch', [
    ('transform', [1.0, 100.0 + 2e-10], [1.0, 100.0], {}),
    ('transform', [1.0, np.nan], [1.0, 2.0], {}),
    ('transform', [1.0, -np.inf], [1.0, np.inf], {}),
    ('transform', [1, 2], [1.0, 2.0], {}),  # dtype
    ('transform', [[1.0, 2.0]], [1.0, 2.0], {}),  # shape
    ('transform', np.float32([1.0, 1.0 + 2e-6]), np.float32([1.0, 1.0]), {}),
    ('apply', [3, 4], [3, 5], {}),
    ('predict', ['a', 'b'], ['a', 'c'], {}),
    ('predict', [0, 1], [0, 0], {'predict_proba': np.array([[0.6, 0.4], [0.51, 0.49]])}),
    ('inverse_transform', np.array(['a', None], object), np.array(['a', np.nan], object), {}),
    ('kneighbors', [[1.0, 2.0, 3.0, 7.0, 8.0, 9.0]], [[1.0, 2.0, 3.0, 8.0, 7.0, 9.0]], {}),
])
def test_a_difference_is_noticed(method, ours, expected, batch):
    with pytest.raises(models_check.Differs):
        models_check.compare(method, np.array(ours), np.array(expected), None, asked(**batch))


@pytest.mark.parametrize('method, ours, expected, single, batch', [
    ('transform', [1.0, 100.0 + 5e-11], [1.0, 100.0], None, {}),
    ('transform', [1.0, 2.0 + 5e-9], [1.0, 2.0], [1.0, 2.0 + 1e-9], {}),
    ('predict', [0, 1], [0, 0], None, {'predict_proba': np.array([[0.6, 0.4], [0.5 + 1e-14, 0.5 - 1e-14]])}),
    ('predict_log_proba', [[-700.0, 0.0]], [[-np.inf, 0.0]], None, {'predict_proba': np.array([[0.0, 1.0]])}),
    ('kneighbors', [[1.0, 2.0, 2.0, 5.0, 8.0, 7.0]], [[1.0, 2.0, 2.0, 5.0, 7.0, 8.0]], None, {}),
])
def test_what_the_bar_allows(method, ours, expected, single, batch):
    single = None if single is None else np.array(single)
    models_check.compare(method, np.array(ours), np.array(expected), single, asked(**batch))


def test_own_version():
    check(OWN)


@pytest.mark.skipif(ALL, reason='all versions are tested one by one')
def test_old_version():
    reasons = []
    for version in OLD:
        try:
            interpreter(version)
        except model_venvs.Missing as missing:
            reasons.append('%s: %s' % (version, missing))
            continue
        check(version)
        return
    pytest.skip('no old scikit-learn: ' + '; '.join(reasons))


@pytest.mark.skipif(not ALL, reason='CPPICKLE_ALL_MODELS=1 takes all versions')
@pytest.mark.parametrize('version', model_venvs.VERSIONS)
def test_version(version):
    try:
        interpreter(version)
    except model_venvs.Missing as missing:
        pytest.skip(str(missing))
    check(version)


@pytest.mark.skipif(not ALL, reason='CPPICKLE_ALL_MODELS=1 takes all versions')
def test_every_case_is_made_by_some_version():
    """A case that no version knows is a misspelt one."""
    sys.path.insert(0, str(MAKER))
    import casetable
    if set(outcomes_of) != {OWN, *model_venvs.VERSIONS}:
        pytest.skip('not all versions are here')
    made_names = {outcome.name for outcomes in outcomes_of.values() for outcome in outcomes}
    assert [case.name for case in casetable.all_cases() if case.name not in made_names] == []


@pytest.mark.skipif(not ALL, reason='CPPICKLE_ALL_MODELS=1 takes all versions')
def test_coverage_page():
    if set(outcomes_of) != {OWN, *model_venvs.VERSIONS}:
        pytest.skip('not all versions are here')
    models_coverage.write('scikit-learn', outcomes_of)
