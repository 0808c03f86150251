"""XGBoost and LightGBM: cppickle.Model answers what the library itself answers for the model that was pickled."""
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import cppickle
import models_check

lightgbm = pytest.importorskip('lightgbm')
xgboost = pytest.importorskip('xgboost')

RANDOM = np.random.RandomState(7)
ROWS = RANDOM.randn(300, 6)
ROWS[RANDOM.rand(300, 6) < 0.08] = np.nan
FULL = np.nan_to_num(ROWS)
BINARY = (FULL[:, 0] + FULL[:, 1] * FULL[:, 2] > 0).astype(int)
THREE = np.digitize(FULL[:, 0] + 0.5 * RANDOM.randn(300), [-0.7, 0.5])
REAL = FULL[:, 0] * 2 + FULL[:, 1] ** 2
COUNTS = RANDOM.poisson(np.exp(FULL[:, 0] / 2))
LETTERS = RANDOM.choice(list('uvwxyz'), 300)
FRAME = pd.DataFrame(ROWS, columns=list('abcdef')).assign(letter=pd.Categorical(LETTERS))
OF_LETTERS = (LETTERS == 'v') * 2.0 + FULL[:, 0]
TEXTS = np.array(['one', 'two', 'three'])

ASKED = RANDOM.randn(60, 6)
ASKED[RANDOM.rand(60, 6) < 0.1] = np.nan
ASKED[0] = 0
SPARSE = scipy.sparse.random(40, 6, 0.4, random_state=3, format='csr')
ASKED_LETTERS = RANDOM.choice(list('uvwxyz'), 60).astype(object)
ASKED_LETTERS[3] = None
ASKED_FRAME = pd.DataFrame(ASKED, columns=list('abcdef')).assign(letter=pd.Categorical(ASKED_LETTERS, categories=list('uvwxyz')))
SOME_LETTERS = ASKED_FRAME.assign(letter=pd.Categorical(RANDOM.choice(['z', 'v'], 60)))  # other codes than at fit
DENSE = {'float64': ASKED, 'float32': ASKED.astype(np.float32), 'one row': ASKED[:1], 'sparse': SPARSE,
         'int64': np.round(np.nan_to_num(ASKED) * 3).astype(np.int64)}
FRAMES = {'frame': ASKED_FRAME, 'other categories': SOME_LETTERS}

X, L = {'n_estimators': 20, 'n_jobs': 1}, {'n_estimators': 20, 'n_jobs': 1, 'verbose': -1}
SPLITS = {'min_data_per_group': 5, 'cat_smooth': 1, 'min_child_samples': 5}


def early(model, target, **fit):
    return model.fit(ROWS[:200], target[:200], eval_set=[(ROWS[200:], target[200:])], **fit)


def stopped(model, target):
    return early(model, target, callbacks=[lightgbm.early_stopping(3, verbose=False)])


CASES = {
    # name: (fitted model, rows)
    'XGBClassifier': lambda: (xgboost.XGBClassifier(**X).fit(ROWS, BINARY), DENSE),
    'XGBClassifier of three': lambda: (xgboost.XGBClassifier(**X).fit(ROWS, THREE), DENSE),
    'XGBClassifier, hinge': lambda: (xgboost.XGBClassifier(objective='binary:hinge', **X).fit(ROWS, BINARY), DENSE),
    'XGBClassifier, stopped early': lambda: (
        early(xgboost.XGBClassifier(n_estimators=200, early_stopping_rounds=3), THREE, verbose=False), DENSE),
    'XGBRegressor': lambda: (xgboost.XGBRegressor(**X).fit(ROWS, REAL), DENSE),
    'XGBRegressor, base_score': lambda: (xgboost.XGBRegressor(base_score=0.2, **X).fit(ROWS, REAL), DENSE),
    'XGBRegressor, missing=0': lambda: (xgboost.XGBRegressor(missing=0, **X).fit(FULL, REAL), {'int64': DENSE['int64']}),
    'XGBRegressor, poisson': lambda: (xgboost.XGBRegressor(objective='count:poisson', **X).fit(ROWS, COUNTS), DENSE),
    'XGBRegressor, dart': lambda: (xgboost.XGBRegressor(booster='dart', rate_drop=0.3, **X).fit(ROWS, REAL), DENSE),
    'XGBRegressor, gblinear': lambda: (xgboost.XGBRegressor(booster='gblinear', **X).fit(FULL, REAL), {'float64': np.nan_to_num(ASKED)}),
    'XGBRegressor, two outputs': lambda: (xgboost.XGBRegressor(**X).fit(ROWS, np.c_[REAL, COUNTS]), DENSE),
    'XGBRegressor, vector leaves': lambda: (
        xgboost.XGBRegressor(multi_strategy='multi_output_tree', **X).fit(ROWS, np.c_[REAL, COUNTS]), DENSE),
    'XGBRegressor, one-hot categories': lambda: (
        xgboost.XGBRegressor(enable_categorical=True, max_cat_to_onehot=100, **X).fit(FRAME, OF_LETTERS), FRAMES),
    'XGBRegressor, sets of categories': lambda: (
        xgboost.XGBRegressor(enable_categorical=True, max_cat_to_onehot=1, **X).fit(FRAME, OF_LETTERS), FRAMES),
    'XGBRFClassifier': lambda: (xgboost.XGBRFClassifier(n_estimators=20).fit(ROWS, THREE), DENSE),
    'LGBMClassifier': lambda: (lightgbm.LGBMClassifier(**L).fit(ROWS, BINARY), DENSE),
    'LGBMClassifier of texts': lambda: (lightgbm.LGBMClassifier(**L).fit(ROWS, TEXTS[THREE]), DENSE),
    'LGBMClassifier, one against all': lambda: (
        lightgbm.LGBMClassifier(objective='multiclassova', sigmoid=1.7, **L).fit(ROWS, THREE), DENSE),
    'LGBMClassifier, rf': lambda: (
        lightgbm.LGBMClassifier(boosting_type='rf', subsample=0.6, subsample_freq=1, **L).fit(ROWS, THREE), DENSE),
    'LGBMClassifier, stopped early': lambda: (
        stopped(lightgbm.LGBMClassifier(n_estimators=200, learning_rate=0.5, verbose=-1), BINARY), DENSE),
    'LGBMRegressor': lambda: (lightgbm.LGBMRegressor(**L).fit(ROWS, REAL), DENSE),
    'LGBMRegressor, zero is missing': lambda: (lightgbm.LGBMRegressor(zero_as_missing=True, **L).fit(ROWS, REAL), DENSE),
    'LGBMRegressor, nothing is missing': lambda: (lightgbm.LGBMRegressor(use_missing=False, **L).fit(ROWS, REAL), DENSE),
    'LGBMRegressor, tweedie': lambda: (lightgbm.LGBMRegressor(objective='tweedie', **L).fit(ROWS, COUNTS), DENSE),
    'LGBMRegressor, linear trees': lambda: (lightgbm.LGBMRegressor(linear_tree=True, **L).fit(ROWS, REAL), DENSE),
    'LGBMRegressor, categories': lambda: (lightgbm.LGBMRegressor(**SPLITS, **L).fit(FRAME, OF_LETTERS), FRAMES),
    'lightgbm.Booster': lambda: (
        lightgbm.train({'objective': 'regression', 'verbose': -1}, lightgbm.Dataset(ROWS, REAL), 15), DENSE),
}


@pytest.mark.parametrize('name', CASES)
def test_answers_are_the_library_s(name):
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        fitted, asked = CASES[name]()
        ours, theirs = cppickle.Model(pickle.dumps(fitted)), pickle.loads(pickle.dumps(fitted))
        for form, rows in asked.items():
            for method in ('predict', 'predict_proba'):
                assert (method in ours.methods) == hasattr(theirs, method)
                if method in ours.methods:
                    expected = getattr(theirs, method)(rows)
                    how = models_check.Asked({}, {}, expected.dtype.kind != 'f', False, False)
                    try:
                        models_check.compare(method, getattr(ours, method)(rows), expected, None, how)
                    except models_check.Differs as found:
                        pytest.fail('%s of %s rows: %s' % (method, form, found), pytrace=False)


def test_a_raw_xgboost_booster():
    booster = xgboost.train({'objective': 'multi:softprob', 'num_class': 3, 'max_depth': 3}, xgboost.DMatrix(ROWS, THREE), 15)
    assert np.array_equal(cppickle.Model(pickle.dumps(booster)).predict(ASKED), booster.predict(xgboost.DMatrix(ASKED)))


def damaged(data, seed):
    random = np.random.RandomState(seed)
    bytes_ = bytearray(data)
    for place in random.randint(0, len(bytes_), 4):
        bytes_[place] = random.randint(256)
    return bytes(bytes_)


@pytest.mark.parametrize('name', ['XGBClassifier of three', 'LGBMRegressor, categories'])
def test_a_damaged_payload_is_an_error_or_a_model(name):
    fitted, asked = CASES[name]()
    data, refused = pickle.dumps(fitted), 0
    for seed in range(300):
        try:
            cppickle.Model(damaged(data, seed)).predict(next(iter(asked.values())))
        except (cppickle.Error, ValueError):
            refused += 1
    assert refused > 10
