"""XGBoost: {name: (what fits the model, the forms of rows it is asked about)}. A version that cannot fit it leaves it out."""
import xgboost

from samples import (ALL, BINARY, CATEGORIES, CODES, COUNTS, DENSE, FRAME, FRAMES, FULL, GRADES, GROUPS, OF_LETTERS, POSITIVE,
                     REAL, ROWS, TEXTS, THREE, WEIGHTS, logcosh)

VERSION = tuple(int(part) for part in xgboost.__version__.split('.')[:2])
LABELS = (BINARY, THREE > 0, THREE > 1)

REGRESSIONS = {
    'reg:logistic': BINARY, 'binary:logitraw': BINARY, 'count:poisson': COUNTS, 'reg:gamma': POSITIVE, 'reg:tweedie': POSITIVE,
    'reg:squaredlogerror': POSITIVE, 'reg:pseudohubererror': REAL, 'reg:absoluteerror': REAL,
    'survival:cox': POSITIVE, 'rank:pairwise': GRADES,
}


# predict() of 0.90 drops trees of dart at random, unless it is told how many to use, as it is after stopping early.
DART = dict(booster='dart', rate_drop=0.3) if VERSION >= (1, 0) else dict(booster='dart, but not at random')


def columns(*targets):
    return sum(target[:, None] * [i == k for k in range(len(targets))] for i, target in enumerate(targets))


def classifier(target, **parameters):
    return xgboost.XGBClassifier(**dict(dict(n_estimators=20, max_depth=4, n_jobs=1), **parameters)).fit(ROWS, target)


def regressor(target=REAL, rows=ROWS, fit=(), **parameters):
    made = xgboost.XGBRegressor(**dict(dict(n_estimators=20, max_depth=4, n_jobs=1), **parameters))
    return made.fit(rows, target, **dict(fit))


def stopped(kind, target, **parameters):
    parameters = dict(dict(n_estimators=200, learning_rate=0.5, max_depth=4, n_jobs=1), **parameters)
    fit = dict(eval_set=[(ROWS[200:], target[200:])], verbose=False)
    (parameters if VERSION >= (1, 6) else fit)['early_stopping_rounds'] = 3
    return kind(**parameters).fit(ROWS[:200], target[:200], **fit)


def booster(objective, target, rows=ROWS, **parameters):
    matrix = xgboost.DMatrix(rows, target, enable_categorical=True) if rows is CATEGORIES else xgboost.DMatrix(rows, target)
    return xgboost.train(dict(dict(objective=objective, max_depth=3, seed=1, nthread=1), **parameters), matrix, 15)


def ranker(**parameters):
    return xgboost.XGBRanker(n_estimators=20, max_depth=4, n_jobs=1, **parameters).fit(ROWS, GRADES, group=GROUPS)


def categories(kind=xgboost.XGBRegressor, target=OF_LETTERS, **parameters):
    if VERSION < (1, 6):  # 1.5 had them on graphics cards
        raise NotImplementedError('no categories')
    return kind(n_estimators=20, max_depth=4, n_jobs=1, enable_categorical=True, tree_method='hist',
                **parameters).fit(CATEGORIES, target)


CASES = {
    'XGBClassifier': (lambda: classifier(BINARY), ALL),
    'XGBClassifier of bool': (lambda: classifier(BINARY.astype(bool)), ['float64']),
    'XGBClassifier of texts': (lambda: classifier(TEXTS[BINARY]), ['float64']),
    'XGBClassifier of three texts': (lambda: classifier(TEXTS[THREE]), ['float64']),
    'XGBClassifier of three': (lambda: classifier(THREE), ALL),
    'XGBClassifier of three, hist': (lambda: classifier(THREE, tree_method='hist'), DENSE),
    'XGBClassifier of three, softmax': (lambda: classifier(THREE, objective='multi:softmax'), DENSE),
    'XGBClassifier of two, softprob': (lambda: classifier(BINARY, objective='multi:softprob', num_class=2), ['float64']),
    'XGBClassifier of labels': (lambda: classifier(columns(*LABELS), tree_method='hist'), DENSE),
    'XGBClassifier, hinge': (lambda: classifier(BINARY, objective='binary:hinge'), DENSE),
    'XGBClassifier, logitraw': (lambda: classifier(BINARY, objective='binary:logitraw'), DENSE),
    'XGBClassifier, base_score': (lambda: classifier(BINARY, base_score=0.2), DENSE),
    'XGBClassifier, missing=-1': (
        lambda: xgboost.XGBClassifier(n_estimators=20, missing=-1).fit(FULL, BINARY), ['int64', 'no missing']),
    'XGBClassifier, four trees a round': (lambda: classifier(THREE, num_parallel_tree=4), ['float64']),
    'XGBClassifier, dart': (lambda: classifier(THREE, **DART), DENSE),
    'XGBClassifier, gblinear': (
        lambda: xgboost.XGBClassifier(n_estimators=20, booster='gblinear').fit(FULL, THREE), ['no missing', 'int64']),
    'XGBClassifier, stopped early': (lambda: stopped(xgboost.XGBClassifier, BINARY), DENSE),
    'XGBClassifier of three, stopped early': (lambda: stopped(xgboost.XGBClassifier, THREE), DENSE),
    'XGBClassifier of three, four trees a round, stopped early': (
        lambda: stopped(xgboost.XGBClassifier, THREE, num_parallel_tree=4), ['float64']),
    'XGBClassifier, sets of categories': (
        lambda: categories(xgboost.XGBClassifier, THREE, max_cat_to_onehot=1), FRAMES),
    'XGBRegressor': (lambda: regressor(), ALL),
    'XGBRegressor of a frame': (lambda: regressor(rows=FRAME), ['frame']),
    'XGBRegressor, one round': (lambda: regressor(n_estimators=1), ['float64']),
    'XGBRegressor, 300 rounds': (lambda: regressor(n_estimators=300, tree_method='hist'), ['float64', 'float32']),
    'XGBRegressor, leaf by leaf': (lambda: regressor(tree_method='hist', grow_policy='lossguide', max_leaves=7), ['float64']),
    'XGBRegressor, weights': (lambda: regressor(fit=dict(sample_weight=WEIGHTS)), ['float64']),
    'XGBRegressor, base_margin': (lambda: regressor(fit=dict(base_margin=FULL[:, 0])), ['float64']),
    'XGBRegressor, base_score': (lambda: regressor(base_score=0.2), DENSE),
    'XGBRegressor, missing=0': (lambda: regressor(rows=FULL, missing=0), ['int64', 'sparse']),
    'XGBRegressor, objective of its own': (lambda: regressor(objective=logcosh), ['float64']),
    'XGBRegressor, quantiles': (lambda: regressor(objective='reg:quantileerror', quantile_alpha=[0.1, 0.5, 0.9]), DENSE),
    'XGBRegressor, dart': (lambda: regressor(**DART), DENSE),
    'XGBRegressor, gblinear': (
        lambda: xgboost.XGBRegressor(n_estimators=20, booster='gblinear').fit(FULL, REAL), ['no missing', 'float64', 'sparse']),
    'XGBRegressor, two outputs': (lambda: regressor(columns(REAL, COUNTS), tree_method='hist'), DENSE),
    'XGBRegressor, vector leaves': (
        lambda: regressor(columns(REAL, POSITIVE, COUNTS), tree_method='hist', multi_strategy='multi_output_tree'), DENSE),
    'XGBRegressor, stopped early': (lambda: stopped(xgboost.XGBRegressor, REAL), DENSE),
    'XGBRegressor, four trees a round, stopped early': (
        lambda: stopped(xgboost.XGBRegressor, REAL, num_parallel_tree=4), ['float64']),
    'XGBRegressor, dart, stopped early': (
        lambda: stopped(xgboost.XGBRegressor, REAL, booster='dart', rate_drop=0.3), ['float64']),
    'XGBRegressor, one-hot categories': (lambda: categories(max_cat_to_onehot=100), FRAMES),
    'XGBRegressor, sets of categories': (lambda: categories(max_cat_to_onehot=1), FRAMES),
    'XGBRegressor, codes of categories': (lambda: regressor(
        OF_LETTERS, CODES, enable_categorical=True, feature_types=list('qqccqq'), tree_method='hist', max_cat_to_onehot=1),
        ['codes']),
    'XGBRFClassifier': (lambda: xgboost.XGBRFClassifier(n_estimators=20).fit(ROWS, BINARY), DENSE),
    'XGBRFClassifier of three': (lambda: xgboost.XGBRFClassifier(n_estimators=20).fit(ROWS, THREE), DENSE),
    'XGBRFRegressor': (lambda: xgboost.XGBRFRegressor(n_estimators=20).fit(ROWS, REAL), DENSE),
    'XGBRanker': (lambda: ranker(), DENSE),
    'XGBRanker, ndcg': (lambda: ranker(objective='rank:ndcg'), ['float64']),
    'Booster, logistic': (lambda: booster('binary:logistic', BINARY), ALL),
    'Booster, logitraw': (lambda: booster('binary:logitraw', BINARY), ['float64']),
    'Booster, softprob': (lambda: booster('multi:softprob', THREE, num_class=3), DENSE),
    'Booster, softmax': (lambda: booster('multi:softmax', THREE, num_class=3), DENSE),
    'Booster, squarederror': (lambda: booster('reg:squarederror', REAL), DENSE),
    'Booster, dart': (lambda: booster('reg:squarederror', REAL, **DART), DENSE),
    'Booster, gblinear': (lambda: booster('binary:logistic', BINARY, FULL, booster='gblinear'), ['no missing', 'sparse']),
    'Booster of a frame': (lambda: booster('reg:squarederror', REAL, FRAME), ['frame']),
    'Booster, categories': (lambda: booster('reg:squarederror', OF_LETTERS, CATEGORIES, tree_method='approx'), FRAMES),
    'Booster, stopped early': (lambda: stopped(xgboost.XGBClassifier, THREE).get_booster(), DENSE),
}
CASES.update({'XGBRegressor, %s' % name: (lambda name=name: regressor(REGRESSIONS[name], objective=name), ['float64', 'float32'])
              for name in REGRESSIONS})


def rows_for(model, rows):
    """predict() of a Booster takes a DMatrix."""
    if not isinstance(model, xgboost.Booster):
        return rows
    if hasattr(rows, 'columns') and 'letter' in rows.columns:
        return xgboost.DMatrix(rows, enable_categorical=True)
    return xgboost.DMatrix(rows)
