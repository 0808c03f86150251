"""XGBoost and LightGBM: cppickle.Model answers what the version that wrote the file answers, for models made by
tests/models/boosters under several of them.

Plain pytest takes the venv's versions and old ones; CPPICKLE_ALL_MODELS=1 takes all of model_venvs.BOOSTER_PINS and writes
their parts of docs/models-coverage.md. Interpreters with their wheels and the made models are kept in .cache/models.
"""
import importlib
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

import booster_gaps
import cppickle
import made_models
import model_outcomes
import model_venvs
import models_check
import models_coverage

MAKER = made_models.MAKER / 'boosters'
SOURCES = [*MAKER.glob('*.py'), made_models.MAKER / 'asking.py', made_models.MAKER / 'storing.py']
LIBRARIES = {'XGBoost': 'xgboost', 'LightGBM': 'lightgbm'}
ALL = os.environ.get('CPPICKLE_ALL_MODELS') == '1'
OLD = ('xgboost==1.7.6 lightgbm==3.3.5', 'xgboost==1.5.2 lightgbm==3.2.1')  # plain pytest takes the first that has a Python

outcomes_of = {library: {} for library in LIBRARIES}


def made(name, python):
    """The folder with these versions' models."""
    def make(folder):
        for module in LIBRARIES.values():
            subprocess.run([str(python), str(MAKER / 'make.py'), module, str(folder / module)], check=True)
    return made_models.made(name, SOURCES, make)


def check(folder, library):
    folder = folder / LIBRARIES[library]
    version = models_check.Made(folder).version
    outcomes_of[library][version] = models_check.check_folder(folder)
    model_outcomes.check(library, version, outcomes_of[library][version], booster_gaps.GAPS[library])


def own():
    modules = [pytest.importorskip(module) for module in LIBRARIES.values()]
    return made('-'.join('%s-%s' % (module.__name__, module.__version__) for module in modules), pathlib.Path(sys.executable))


def old(boosters):
    return made(model_venvs.folder_name(boosters), model_venvs.booster_interpreter(boosters, made_models.CACHE))


@pytest.mark.parametrize('library', LIBRARIES)
def test_own_version(library):
    check(own(), library)


@pytest.mark.skipif(ALL, reason='all versions are tested one by one')
@pytest.mark.parametrize('library', LIBRARIES)
def test_old_version(library):
    reasons = []
    for boosters in OLD:
        try:
            folder = old(boosters)
        except model_venvs.NoPython as missing:  # a wheel that is missing is an error
            reasons.append(str(missing))
            continue
        check(folder, library)
        return
    pytest.skip('no old boosters: ' + '; '.join(reasons))


@pytest.mark.skipif(not ALL, reason='CPPICKLE_ALL_MODELS=1 takes all versions')
@pytest.mark.parametrize('library', LIBRARIES)
@pytest.mark.parametrize('boosters', [pin[0] for pin in model_venvs.BOOSTER_PINS])
def test_version(library, boosters):
    check(old(boosters), library)


def has_all(library):
    return len(outcomes_of[library]) == len(model_venvs.BOOSTER_PINS) + 1


@pytest.mark.skipif(not ALL, reason='CPPICKLE_ALL_MODELS=1 takes all versions')
@pytest.mark.parametrize('library', LIBRARIES)
def test_every_case_is_made_by_some_version(library):
    """A case that no version knows is a misspelt one."""
    if not has_all(library):
        pytest.skip('not all versions are here')
    made_names = {outcome.name.split(' @ ')[0] for outcomes in outcomes_of[library].values() for outcome in outcomes}
    sys.path.insert(0, str(MAKER))
    cases = importlib.import_module('cases_' + LIBRARIES[library]).CASES
    assert [name for name in cases if name not in made_names] == []


@pytest.mark.skipif(not ALL, reason='CPPICKLE_ALL_MODELS=1 takes all versions')
@pytest.mark.parametrize('library', LIBRARIES)
def test_coverage_page(library):
    if not has_all(library):
        pytest.skip('not all versions are here')
    models_coverage.write(library, outcomes_of[library])


# --- Damage ---------------------------------------------------------------------------------------------------------

def damaged(data, seed):
    random = np.random.RandomState(seed)
    bytes_ = bytearray(data)
    for place in random.randint(0, len(bytes_), 4):
        bytes_[place] = random.randint(256)
    return bytes(bytes_)


@pytest.mark.parametrize('library, name', [('XGBoost', 'XGBClassifier of three @ float64'),
                                           ('LightGBM', 'LGBMRegressor, sets of categories @ categories')])
def test_a_damaged_payload_is_an_error_or_a_model(library, name):
    models = models_check.Made(own() / LIBRARIES[library])
    entry = models.models[name]
    data, rows, refused = (models.folder / entry['file']).read_bytes(), models.rows(entry), 0
    for seed in range(300):
        try:
            cppickle.Model(damaged(data, seed)).predict(rows)
        except (cppickle.Error, ValueError):
            refused += 1
    assert refused > 10
