"""LightGBM: {name: (what fits the model, the forms of rows it is asked about)}. A version that cannot fit it leaves it out."""
import lightgbm

from samples import (ALL, BINARY, CATEGORIES, CODES, COUNTS, DENSE, FRAME, FRAMES, FULL, GRADES, GROUPS, OF_LETTERS, POSITIVE,
                     REAL, ROWS, TEXTS, THREE, WEIGHTS)

VERSION = tuple(int(part) for part in lightgbm.__version__.split('.')[:2])
SMALL_GROUPS = {'min_data_per_group': 5, 'cat_smooth': 1, 'min_child_samples': 5}
REGRESSIONS = {
    'regression_l1': REAL, 'huber': REAL, 'fair': REAL, 'quantile': REAL, 'mape': POSITIVE, 'poisson': COUNTS, 'gamma': POSITIVE,
    'tweedie': COUNTS, 'cross_entropy': BINARY, 'cross_entropy_lambda': BINARY,
}
QUIET = {'verbose': -1, 'num_threads': 1}


def made(kind, **parameters):
    return kind(**dict(dict(n_estimators=20, num_leaves=15, n_jobs=1, verbose=-1), **parameters))


def classifier(target, rows=ROWS, fit=(), **parameters):
    return made(lightgbm.LGBMClassifier, **parameters).fit(rows, target, **dict(fit))


def regressor(target=REAL, rows=ROWS, fit=(), **parameters):
    return made(lightgbm.LGBMRegressor, **parameters).fit(rows, target, **dict(fit))


def stopped(kind, target):
    fit = dict(eval_set=[(ROWS[200:], target[200:])])
    if VERSION >= (4, 0):
        fit['callbacks'] = [lightgbm.early_stopping(3, verbose=False)]
    else:
        fit.update(early_stopping_rounds=3, verbose=False)
    return made(kind, n_estimators=200, learning_rate=0.5).fit(ROWS[:200], target[:200], **fit)


def linear(kind, target, rows=ROWS):
    if VERSION < (3, 2):  # older ones would take the parameter and ignore it
        raise NotImplementedError('no linear trees')
    return made(kind, linear_tree=True).fit(rows, target)


def booster(objective, target, rows=ROWS, **parameters):
    return lightgbm.train(dict(QUIET, objective=objective, **parameters), lightgbm.Dataset(rows, target), 15)


CASES = {
    'LGBMClassifier': (lambda: classifier(BINARY), ALL + ('none',)),
    'LGBMClassifier of texts': (lambda: classifier(TEXTS[BINARY]), ['float64']),
    'LGBMClassifier of three texts': (lambda: classifier(TEXTS[THREE]), DENSE),
    'LGBMClassifier of three': (lambda: classifier(THREE), ALL),
    'LGBMClassifier of bool': (lambda: classifier(BINARY.astype(bool)), ['float64']),
    'LGBMClassifier, one against all': (lambda: classifier(THREE, objective='multiclassova', sigmoid=1.7), DENSE),
    'LGBMClassifier, sigmoid': (lambda: classifier(BINARY, sigmoid=0.4), ['float64']),
    'LGBMClassifier, balanced': (lambda: classifier(BINARY, class_weight='balanced'), ['float64']),
    'LGBMClassifier, rf': (lambda: classifier(BINARY, boosting_type='rf', subsample=0.6, subsample_freq=1), DENSE),
    'LGBMClassifier of three, rf': (lambda: classifier(THREE, boosting_type='rf', subsample=0.6, subsample_freq=1), DENSE),
    'LGBMClassifier, dart': (lambda: classifier(BINARY, boosting_type='dart', drop_rate=0.5), ['float64']),
    'LGBMClassifier, goss': (lambda: classifier(THREE, boosting_type='goss'), ['float64']),
    'LGBMClassifier, stopped early': (lambda: stopped(lightgbm.LGBMClassifier, BINARY), DENSE),
    'LGBMClassifier of three, stopped early': (lambda: stopped(lightgbm.LGBMClassifier, THREE), DENSE),
    'LGBMClassifier, linear trees': (lambda: linear(lightgbm.LGBMClassifier, BINARY, FULL), DENSE),
    'LGBMClassifier, categories': (lambda: classifier(THREE, CATEGORIES, **SMALL_GROUPS), FRAMES),
    'LGBMRegressor': (lambda: regressor(), ALL + ('none',)),
    'LGBMRegressor of a frame': (lambda: regressor(rows=FRAME.rename(columns={'a': 'a_b'})), ['float64', 'frame']),
    'LGBMRegressor of no missing': (lambda: regressor(rows=FULL), DENSE + ('infinite',)),
    'LGBMRegressor, weights': (lambda: regressor(fit=dict(sample_weight=WEIGHTS)), ['float64']),
    'LGBMRegressor, init_score': (lambda: regressor(fit=dict(init_score=FULL[:, 0])), ['float64']),
    'LGBMRegressor, no splits': (lambda: regressor(n_estimators=1, min_child_samples=1000), ['float64']),
    'LGBMRegressor, 300 rounds': (
        lambda: regressor(n_estimators=300, num_leaves=63, min_child_samples=5), ['float64', 'float32']),
    'LGBMRegressor, zero is missing': (lambda: regressor(zero_as_missing=True), DENSE),
    'LGBMRegressor, nothing is missing': (lambda: regressor(use_missing=False), DENSE),
    'LGBMRegressor, square roots': (lambda: regressor(POSITIVE, reg_sqrt=True), ['float64']),
    'LGBMRegressor, dart': (lambda: regressor(boosting_type='dart', drop_rate=0.5), ['float64']),
    'LGBMRegressor, rf': (lambda: regressor(boosting_type='rf', subsample=0.6, subsample_freq=1), DENSE),
    'LGBMRegressor, linear trees': (lambda: linear(lightgbm.LGBMRegressor, REAL), DENSE),
    'LGBMRegressor, stopped early': (lambda: stopped(lightgbm.LGBMRegressor, REAL), DENSE),
    'LGBMRegressor, one-hot categories': (
        lambda: regressor(OF_LETTERS, CATEGORIES, max_cat_to_onehot=10, **SMALL_GROUPS), FRAMES),
    'LGBMRegressor, sets of categories': (
        lambda: regressor(OF_LETTERS, CATEGORIES, max_cat_to_onehot=1, **SMALL_GROUPS), FRAMES),
    'LGBMRegressor, codes of categories': (
        lambda: regressor(OF_LETTERS, CODES, dict(categorical_feature=[2, 3]), **SMALL_GROUPS), ('codes',) + DENSE),
    'LGBMRanker': (lambda: made(lightgbm.LGBMRanker).fit(ROWS, GRADES, group=GROUPS), DENSE),
    'Booster, binary': (lambda: booster('binary', BINARY), ALL + ('none',)),
    'Booster, multiclass': (lambda: booster('multiclass', THREE, num_class=3), DENSE),
    'Booster, regression': (lambda: booster('regression', REAL), DENSE),
    'Booster, categories': (lambda: booster('regression', OF_LETTERS, CATEGORIES, min_data_per_group=5, cat_smooth=1), FRAMES),
    'Booster, stopped early': (lambda: stopped(lightgbm.LGBMClassifier, THREE).booster_, DENSE),
}
CASES.update({'LGBMRegressor, %s' % name: (lambda name=name: regressor(REGRESSIONS[name], objective=name), ['float64', 'float32'])
              for name in REGRESSIONS})


def rows_for(model, rows):
    return rows
