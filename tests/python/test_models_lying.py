"""Models whose numbers lie: a few bytes that ask for gigabytes get an error, under a limit on memory and time."""
import copy
import pickle

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import BaggingClassifier, HistGradientBoostingClassifier, IsolationForest, RandomForestClassifier
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (FunctionTransformer, KBinsDiscretizer, Normalizer, PolynomialFeatures, QuantileTransformer,
                                   StandardScaler)
from sklearn.random_projection import GaussianRandomProjection
from sklearn.tree import DecisionTreeRegressor
from test_bad_input import run_limited

HUGE = 2**31 - 2
ROWS = np.random.RandomState(0).randn(20, 3)
TARGET = (ROWS[:, 0] > 0).astype(int)
# The estimator, and the attributes that say more than is there.
LIES = (
    (ColumnTransformer([('a', StandardScaler(), slice(0, 3))]), {'n_features_in_': HUGE}),
    (ColumnTransformer([('a', 'passthrough', [0])], remainder='passthrough'), {'n_features_in_': HUGE}),
    (FunctionTransformer(np.log1p, validate=True), {'n_features_in_': 10**12}),
    (Normalizer(), {'n_features_in_': HUGE}),
    (PolynomialFeatures(2), {'n_features_in_': HUGE, 'n_output_features_': HUGE}),
    (PolynomialFeatures(2), {'_max_degree': 10**9}),
    (KBinsDiscretizer(4, quantile_method='averaged_inverted_cdf'), {'n_bins_': np.array([HUGE, HUGE, HUGE])}),
    (QuantileTransformer(n_quantiles=5), {'n_quantiles_': HUGE}),
    (MissingIndicator(features='all'), {'_n_features': HUGE}),
    (SimpleImputer(add_indicator=True), {'n_features_in_': HUGE}),
    (PCA(2), {'n_components_': HUGE, 'n_features_in_': HUGE}),
    (GaussianRandomProjection(2), {'n_components_': HUGE}),
    (IsolationForest(n_estimators=2), {'n_features_in_': HUGE, '_max_features': HUGE - 1}),
    (BaggingClassifier(n_estimators=2), {'n_features_in_': HUGE, 'n_estimators': HUGE}),
    (RandomForestClassifier(n_estimators=2), {'n_features_in_': HUGE, 'n_outputs_': HUGE}),
    (RandomForestClassifier(n_estimators=2), {'n_classes_': HUGE}),
    (DecisionTreeRegressor(), {'n_outputs_': HUGE}),
    (HistGradientBoostingClassifier(max_iter=2), {'n_features_in_': HUGE, '_n_features': 2**20}),
    (HistGradientBoostingClassifier(max_iter=2), {'n_trees_per_iteration_': HUGE}),
    (KNeighborsClassifier(), {'n_neighbors': HUGE, 'n_samples_fit_': HUGE}),
)


@pytest.mark.parametrize('number', range(len(LIES)))
@pytest.mark.parametrize('inside', [False, True])
def test_lies(number, inside, tmp_path):
    estimator, attributes = copy.deepcopy(LIES[number])
    estimator.fit(ROWS, TARGET)
    estimator.__dict__.update(attributes)
    model, rows = tmp_path / 'model.pkl', tmp_path / 'rows.csv'
    model.write_bytes(pickle.dumps(make_pipeline(Normalizer().fit(ROWS), estimator) if inside else estimator))
    rows.write_text('\n'.join(','.join(map(repr, row.tolist())) for row in ROWS[:2]))
    for arguments, path in ((['inspect'], model), (['predict', model], rows)):
        code, words = run_limited(arguments, path, None)
        assert code in (0, 1, 3), words
        assert code == 0 or words
