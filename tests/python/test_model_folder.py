"""A model folder of MLflow: MLmodel says where in it the pickle is."""
import pickle
import sys

import numpy as np
import pytest
from command import run
from sklearn.linear_model import LogisticRegression

import cppickle

ROWS = np.array([[0.0, 1], [1, 0], [2, 2], [3, 1]])
MODEL = LogisticRegression().fit(ROWS, [0, 0, 1, 1])
# As MLflow 3.17 writes it.
SKLEARN = """flavors:
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
    model_path: %(file)s
    predict_fn: predict
    python_version: 3.11.2
  sklearn:
    code: null
    pickled_model: %(file)s
    serialization_format: %(format)s
    sklearn_version: 1.9.1
    skops_trusted_types: null
mlflow_version: 3.17.2
model_uuid: 4432be0c50004d38b5873b2fbf1a3c8a
signature:
  inputs: '[{"type": "tensor"}]'
utc_time_created: '2026-11-24 02:35:03.845408'
"""
LIGHTGBM = """flavors:
  lightgbm:
    data: model.lgb
    serialization_format: skops
    skops_trusted_types:
    - lightgbm.sklearn.LGBMRegressor
  python_function:
    data: model.lgb
    loader_module: mlflow.lightgbm
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / 'data').mkdir()
    for name in ('model.pkl', 'data/other.bin'):
        (tmp_path / name).write_bytes(pickle.dumps(MODEL))
    return tmp_path


def describe(folder, file='model.pkl', format='cloudpickle'):
    (folder / 'MLmodel').write_text(SKLEARN % {'file': file, 'format': format})


@pytest.mark.parametrize('file', ['model.pkl', 'data/other.bin'])
def test_model(folder, file):
    describe(folder, file)
    np.testing.assert_allclose(cppickle.Model(folder).predict_proba(ROWS), MODEL.predict_proba(ROWS), rtol=1e-12)
    np.testing.assert_allclose(cppickle.Model(str(folder)).predict_proba(ROWS), MODEL.predict_proba(ROWS), rtol=1e-12)


def test_commands(folder):
    describe(folder)
    assert b'LogisticRegression' in run('inspect', str(folder)).stdout
    rows = folder / 'rows.csv'
    rows.write_text('a,b\n0,1\n3,1\n')
    assert run('predict', str(folder), str(rows)).stdout.split() == [b'prediction', b'0', b'1']
    assert b'PASS: 4 methods' in run('check', str(folder), str(rows), '--python', sys.executable).stdout


@pytest.mark.parametrize('text, message', [
    (LIGHTGBM, "no pickle of a model: it has lightgbm in 'model.lgb'"),
    (SKLEARN % {'file': 'model.skops', 'format': 'skops'}, "no pickle of a model: it has sklearn in 'model.skops'"),
    (SKLEARN % {'file': '../model.pkl', 'format': 'pickle'}, "no pickle of a model: it has sklearn in '../model.pkl'"),
    (SKLEARN % {'file': '/etc/model.pkl', 'format': 'pickle'}, "no pickle of a model: it has sklearn in '/etc/model.pkl'"),
    ('flavors: [sklearn]\n', 'keeps no pickle'),
    ('', 'keeps no pickle'),
    ('flavors: {sklearn: {pickled_model: [model.pkl]}}', 'keeps no pickle'),
    ('? {a: b}\n: c\n', 'line 1: no plain YAML'),
    ('flavors: "sklearn\n', 'line 2: found unexpected end of stream'),
    ('a: &a [*a, *a]\nb: [' + '[' * 2000, 'MLmodel: line'),
    ('a' * (2 << 20), 'MLmodel'),
])
def test_no_model(folder, text, message):
    (folder / 'MLmodel').write_text(text)
    with pytest.raises(cppickle.Error) as error:
        cppickle.Model(folder)
    assert message in str(error.value)


def test_no_folder_of_a_model(folder):
    with pytest.raises(OSError, match='MLmodel'):
        cppickle.Model(folder)
