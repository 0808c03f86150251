"""Data frames in and out of cppickle.Model: set_output() and polars."""
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from pandas.testing import assert_frame_equal
from polars.testing import assert_frame_equal as polars_equal
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_selection import SelectKBest, VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

import cppickle

ROWS = 40
RANDOM = np.random.RandomState(3)
TARGET = RANDOM.randint(0, 2, ROWS)
FRAME = pd.DataFrame({
    'age': RANDOM.randint(18, 80, ROWS),
    'height': RANDOM.normal(170, 10, ROWS),
    'weight': RANDOM.normal(70, 10, ROWS).astype(np.float32),
    'member': RANDOM.rand(ROWS) < 0.5,
    'city': RANDOM.choice(['Bonn', 'Jena', 'Ulm'], ROWS),
    'note': RANDOM.choice(['red fox', 'blue fox', 'red hen'], ROWS),
}, index=['row%d' % i for i in range(ROWS)])
NUMBERS = FRAME[['age', 'height', 'weight']]
ASKED = FRAME.iloc[::-3]


def as_polars(frame):
    return pl.DataFrame({name: list(column) if column.dtype.kind not in 'biuf' else column.to_numpy()
                         for name, column in frame.items()})


TRANSFORMERS = {
    'scaler': (StandardScaler(), NUMBERS),
    'principal components': (PCA(2), NUMBERS),
    'selector keeps types': (SelectKBest(k=2), NUMBERS),
    'variance': (VarianceThreshold(), NUMBERS),
    'one-hot': (OneHotEncoder(sparse_output=False), FRAME[['city', 'note']]),
    'ordinal': (OrdinalEncoder(), FRAME[['city', 'note']]),
    'imputer': (SimpleImputer(), NUMBERS),
    'columns, their types': (ColumnTransformer([('one', OneHotEncoder(sparse_output=False), ['city']),
                                                ('scaled', StandardScaler(), ['height'])], remainder='passthrough'), FRAME),
    'columns, short names': (ColumnTransformer([('n', StandardScaler(), ['age', 'weight'])],
                                               remainder='drop', verbose_feature_names_out=False), FRAME),
    'columns of one type': (ColumnTransformer([('a', StandardScaler(), ['height']), ('b', PCA(1), ['age', 'weight'])]), FRAME),
    'union': (FeatureUnion([('scaled', StandardScaler()), ('best', SelectKBest(k=1))]), NUMBERS),
    'pipeline': (make_pipeline(SimpleImputer(), StandardScaler(), SelectKBest(k=2)), NUMBERS),
}


@pytest.mark.parametrize('container', ['pandas', 'polars'])
@pytest.mark.parametrize('name', TRANSFORMERS)
def test_set_output(name, container):
    transformer, rows = TRANSFORMERS[name]
    transformer.set_output(transform=container)
    as_given = as_polars if container == 'polars' else lambda frame: frame
    transformer.fit(as_given(rows), TARGET)
    model = cppickle.Model(pickle.dumps(transformer))
    asked = ASKED[rows.columns]
    want, got = transformer.transform(as_given(asked)), model.transform(as_given(asked))
    assert type(got) is type(want)
    if container == 'polars':
        polars_equal(got, want, rel_tol=1e-12, abs_tol=1e-14)
    else:
        assert_frame_equal(got, want, rtol=1e-12, atol=1e-14)


def test_set_output_of_arrays():
    scaler = StandardScaler().set_output(transform='pandas').fit(NUMBERS.to_numpy())
    model = cppickle.Model(pickle.dumps(scaler))
    assert_frame_equal(model.transform(NUMBERS.to_numpy()), scaler.transform(NUMBERS.to_numpy()), rtol=1e-12)


def test_set_output_reaches_the_last_step():
    columns = ColumnTransformer([('city', OrdinalEncoder(), ['city'])], remainder='passthrough', verbose_feature_names_out=False)
    model = make_pipeline(columns, HistGradientBoostingClassifier(categorical_features=['city'], max_iter=5))
    model.set_output(transform='pandas').fit(FRAME.drop(columns='note'), TARGET)
    got = cppickle.Model(pickle.dumps(model)).predict_proba(ASKED.drop(columns='note'))
    np.testing.assert_allclose(got, model.predict_proba(ASKED.drop(columns='note')), rtol=1e-12)


def test_sparse_answers_are_no_frames():
    encoder = OneHotEncoder(sparse_output=False).set_output(transform='pandas').fit(FRAME[['city']])
    encoder.sparse_output = True
    model = cppickle.Model(pickle.dumps(encoder))
    with pytest.raises(ValueError) as theirs:
        encoder.transform(FRAME[['city']])
    with pytest.raises(ValueError) as ours:
        model.transform(FRAME[['city']])
    assert str(ours.value).split('.')[0] == str(theirs.value).split('.')[0]


def test_polars_rows():
    columns = ColumnTransformer([('city', OneHotEncoder(), ['city']), ('n', StandardScaler(), ['age', 'height', 'weight'])])
    pipeline = make_pipeline(columns, LogisticRegression()).fit(FRAME, TARGET)
    model = cppickle.Model(pickle.dumps(pipeline))
    frame = as_polars(FRAME)
    np.testing.assert_allclose(model.predict_proba(frame), pipeline.predict_proba(FRAME), rtol=1e-12)
    categories = frame.with_columns(pl.col('city').cast(pl.Categorical))
    np.testing.assert_allclose(model.predict_proba(categories), pipeline.predict_proba(FRAME), rtol=1e-12)
    moved = frame.select(reversed(frame.columns))
    np.testing.assert_allclose(model.predict_proba(moved), pipeline.predict_proba(FRAME), rtol=1e-12)
    missing = frame.with_columns(pl.when(pl.col('age') < 30).then(None).otherwise(pl.col('age')).alias('age'))
    with pytest.raises(cppickle.Error, match='NaN'):
        model.predict(missing)
