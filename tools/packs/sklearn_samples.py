"""The objects that record.py pickles for the scikit-learn packs: every estimator with many settings, fitted.

Works with scikit-learn 0.18 to 1.9: settings and classes that a version lacks are skipped by trying. What a person
would really pickle is what counts, so functions that are passed as settings are libraries' own (numpy.log1p, metrics).
"""

import contextlib
import importlib
import inspect
import signal

import numpy as np
import scipy.sparse

SECONDS_FOR_A_FIT = 20

# ---- data ----------------------------------------------------------------------------------------------------------

RANDOM = np.random.RandomState(0)
X = RANDOM.normal(size=(48, 4))
Y3 = np.arange(48) % 3
Y2 = (X[:, 0] + 0.3 * X[:, 1] > 0).astype(int)
YR = X.dot([1.0, -2.0, 0.5, 0.0]) + 0.1 * RANDOM.normal(size=48)
POSITIVE = np.abs(X) + 0.1
COUNTS = RANDOM.randint(0, 4, size=(48, 4))
WORDS = ['red', 'green', 'blue']
TEXTS = ['%s apple number %d' % (WORDS[i % 3], i % 5) for i in range(48)]
DICTS = [{'colour': WORDS[i % 3], 'size': float(i % 4)} for i in range(48)]
CATEGORIES = np.array([[WORDS[i % 3], WORDS[i % 2]] for i in range(48)], dtype=object)
WITH_GAPS = X.copy()
WITH_GAPS[::5, 1] = np.nan
IMAGES = RANDOM.uniform(size=(3, 8, 8))

# Tried in this order; `default` settings are fitted on every one that works, the others on the first that works.
DATA = [
    ('classes', X, Y2), ('numbers', X, YR), ('three classes', X, Y3), ('names', X, np.array(WORDS)[Y3]),
    ('positive', POSITIVE, np.abs(YR) + 0.1), ('counts', COUNTS, Y3),
    ('sparse', scipy.sparse.csr_matrix(X), Y2), ('sparse numbers', scipy.sparse.csc_matrix(X), YR),
    ('single precision', X.astype(np.float32), Y2), ('gaps', WITH_GAPS, Y2),
    ('many labels', X, np.column_stack([Y2, 1 - Y2, Y3 == 1]).astype(int)), ('many numbers', X, np.column_stack([YR,
    -YR])),
    ('texts', TEXTS, Y3), ('dicts', DICTS, Y3), ('categories', CATEGORIES, Y3), ('one column', YR, YR ** 3),
    ('label list', Y3, None), ('label names', np.array(WORDS)[Y3], None), ('label sets', [('red', 'blue'),
    ('green',)] * 24, None),
    ('square', X.dot(X.T), Y2), ('images', IMAGES, None), ('words', [WORDS] * 48, Y3),
]

# Small settings, so that a fit takes milliseconds; used where a class has the parameter.
SMALL = {
    'n_estimators': 3, 'max_iter': 40, 'n_init': 2, 'cv': 3, 'n_alphas': 5, 'max_trials': 10, 'n_quantiles': 20,
    'perplexity': 5, 'n_restarts_optimizer': 0, 'min_samples_leaf': 2, 'n_refinements': 2, 'max_subpopulation': 100,
    'n_nonzero_coefs': 2, 'hidden_layer_sizes': (5,), 'min_resources': 20,
}
SMALL_FOR = {
    'TSNE': {'max_iter': 250}, 'BernoulliRBM': {'n_components': 3}, 'MiniBatchNMF': {'n_components': 2},
    'RandomTreesEmbedding': {'n_estimators': 3}, 'GaussianRandomProjection': {'n_components': 2},
    'SparseRandomProjection': {'n_components': 2}, 'LatentDirichletAllocation': {'n_components': 2, 'max_iter': 3},
    'HistGradientBoostingClassifier': {'min_samples_leaf': 5}, 'HistGradientBoostingRegressor': {'min_samples_leaf': 5},
    'IsolationForest': {'n_estimators': 3}, 'PatchExtractor': {'patch_size': (2, 2)}, 'SelectKBest': {'k': 2},
    'Nystroem': {'n_components': 5}, 'RBFSampler': {'n_components': 5}, 'KMeans': {'n_clusters': 3},
    'MiniBatchKMeans': {'n_clusters': 3}, 'BisectingKMeans': {'n_clusters': 3}, 'SpectralClustering': {'n_clusters': 3},
    'FeatureHasher': {'n_features': 16}, 'HashingVectorizer': {'n_features': 16},
    'RFECV': {'min_features_to_select': 1},
    'TheilSenRegressor': {'max_subpopulation': 50}, 'DictionaryLearning': {'max_iter': 5, 'n_components': 2},
    'MiniBatchDictionaryLearning': {'max_iter': 5, 'n_iter': 5, 'n_components': 2}, 'SequentialFeatureSelector': {
        'n_features_to_select': 2}, 'KBinsDiscretizer': {'n_bins': 3}, 'MultiTaskLassoCV': {'n_alphas': 4},
    'QuantileRegressor': {'solver': 'highs'}, 'HDBSCAN': {'min_cluster_size': 4}, 'PLSCanonical': {'n_components': 1},
    'CCA': {'n_components': 1}, 'PLSRegression': {'n_components': 1}, 'PLSSVD': {'n_components': 1},
}

# Settings tried one at a time on every class that has the parameter. Strings of all versions; what a version refuses,
# it refuses at fit. 'call:' names a library function that is passed itself, 'make:' an expression over class Names.
SETTINGS = {
    'activation': ['identity', 'logistic', 'tanh'],
    'affinity': ['nearest_neighbors', 'cosine', 'manhattan', 'laplacian', 'poly',
                 'call:sklearn.metrics.pairwise:cosine_distances',
                 'call:sklearn.metrics.pairwise:rbf_kernel', 'precomputed'],
    'algorithm': ['arpack', 'ball_tree', 'kd_tree', 'brute', 'elkan', 'full', 'lloyd', 'deflation', 'SAMME', 'SAMME.R',
                  'svd',
                  'randomized', 'generic', 'boruvka_kdtree', 'boruvka_balltree', 'prims_kdtree'],
    'alphas': ['make:np.array([0.1, 1.0])', 'make:[0.1, 1.0]'],
    'analyzer': ['char', 'char_wb', 'call:builtins:str.split'],
    'assign_labels': ['discretize', 'cluster_qr'],
    'average': [True, 10],
    'base_estimator': ['make:LogisticRegression()', 'make:DecisionTreeRegressor(max_depth=2)',
                       'make:SVC(probability=True)'],
    'batch_size': [10],
    'beta_loss': ['kullback-leibler'],
    'binary': [True],
    'bootstrap': [True],
    'categorical_features': [[0], 'make:np.array([True, False, False, False])', 'all'],
    'categories': ['make:[np.array(["blue", "green", "red"], dtype=object)] * 2'],
    'callback': ['call:numpy:sum'],
    'class_weight': ['balanced', 'balanced_subsample', {0: 1.0, 1: 2.0}],
    'cluster_method': ['dbscan'],
    'compute_distances': [True],
    'compute_score': [True],
    'connectivity': ['make:scipy.sparse.identity(48).tocsr()', 'call:sklearn.neighbors:kneighbors_graph'],
    'contamination': [0.1],
    'covariance_estimator': ['make:LedoitWolf()'],
    'covariance_type': ['tied', 'diag', 'spherical'],
    'criterion': ['entropy', 'log_loss', 'mse', 'mae', 'friedman_mse', 'squared_error', 'absolute_error', 'poisson',
                  'bic', 'k_best'],
    'cv': ['make:KFold(3)', 'make:StratifiedKFold(3, shuffle=True, random_state=0)',
           'make:ShuffleSplit(2, random_state=0)',
           'prefit', 'make:[(np.arange(24), np.arange(24, 48)), (np.arange(24, 48), np.arange(24))]'],
    'decision_function_shape': ['ovo'],
    'degree': [3],
    'dictionary': ['make:np.eye(4)'],
    'direction': ['backward'],
    'dissimilarity': ['precomputed'],
    'drop': ['first', 'if_binary'],
    'dtype': ['make:np.float32', 'make:np.int64', 'make:np.dtype("float32")', 'make:object', 'make:float', 'make:int'],
    'dual': [True, False],
    'early_stopping': [True],
    'eigen_solver': ['dense', 'arpack', 'lobpcg', 'randomized'],
    'encode': ['ordinal', 'onehot-dense'],
    'ensemble': [True, False],
    'estimator': ['make:LogisticRegression()', 'make:DecisionTreeRegressor(max_depth=2)', 'make:SVC(probability=True)',
                  'make:LinearSVC()', 'make:KMeans(3)', 'make:RandomForestClassifier(3)',
                  'make:RandomForestRegressor(3)',
                  'make:SVR(kernel="linear")', 'make:BayesianRidge()', 'make:ExtraTreesRegressor(3)'],
    'extrapolation': ['linear', 'periodic', 'continue'],
    'feature_names_out': ['one-to-one'],
    'fill_value': [0],
    'final_estimator': ['make:DecisionTreeClassifier(max_depth=2)', 'make:Ridge()'],
    'fit_inverse_transform': [True],
    'func': ['call:numpy:log1p', 'call:numpy:abs', 'call:numpy:nan_to_num', 'call:scipy.special:expit',
             'call:sklearn.preprocessing:normalize', 'call:numpy:mean'],
    'fun': ['exp', 'cube'],
    'gamma': ['auto', 0.5],
    'gcv_mode': ['svd', 'eigen'],
    'handle_unknown': ['ignore', 'infrequent_if_exist'],
    'importance_getter': ['coef_', 'make:operator.attrgetter("coef_")'],
    'increasing': [False, 'auto'],
    'init': ['random', 'pca', 'nndsvda', 'identity', 'make:X[:3].copy()', 'zero', 'make:DummyClassifier()',
             'make:Ridge()'],
    'initial_strategy': ['median'],
    'init_params': ['random', 'k-means++'],
    'input_type': ['string', 'pair'],
    'interaction_cst': ['pairwise', [{0, 1}, {2, 3}]],
    'inverse_func': ['call:numpy:expm1'],
    'kernel': ['linear', 'poly', 'sigmoid', 'rbf', 'cosine', 'precomputed', 'laplacian', 'tophat', 'epanechnikov',
               'knn',
               'call:sklearn.metrics.pairwise:rbf_kernel', 'call:sklearn.metrics.pairwise:linear_kernel',
               'make:kernels.RBF(0.5)', 'make:1.0 * kernels.Matern(nu=1.5) + kernels.WhiteKernel()'],
    'learning_method': ['online', 'batch'],
    'learning_rate': ['constant', 'invscaling', 'adaptive', 'optimal', 'auto', 'pa1', 'pa2'],
    'link': ['log', 'identity'],
    'linkage': ['average', 'complete', 'single'],
    'loss': ['hinge', 'log', 'log_loss', 'modified_huber', 'squared_hinge', 'perceptron', 'squared_loss',
             'squared_error', 'huber',
             'epsilon_insensitive', 'squared_epsilon_insensitive', 'exponential', 'deviance', 'ls', 'lad', 'quantile',
             'poisson',
             'gamma', 'absolute_error', 'least_squares', 'least_absolute_deviation', 'binary_crossentropy',
             'categorical_crossentropy', 'auto', 'linear', 'square', 'absolute_loss',
             'call:sklearn.metrics:mean_squared_error', 'call:numpy:hypot'],
    'max_bins': [16],
    'max_categories': [2],
    'max_depth': [2],
    'max_features': ['sqrt', 2, 0.5, 'auto', 'call:builtins:len'],
    'max_leaf_nodes': [4],
    'max_samples': [0.5, 20],
    'memory': ['make:Memory(None)'],
    'method': ['isotonic', 'temperature', 'box-cox', 'exact', 'lars', 'cd', 'modified', 'hessian', 'ltsa', 'scale',
               'log'],
    'metric': ['manhattan', 'cosine', 'chebyshev', 'haversine', 'precomputed', 'l1', 'nan_euclidean', 'correlation',
               'canberra',
               'braycurtis', 'hamming', 'call:sklearn.metrics.pairwise:euclidean_distances',
               'call:scipy.spatial.distance:euclidean',
               'call:scipy.spatial.distance:cityblock', 'make:DistanceMetric.get_metric("euclidean")'],
    'metric_params': [{'w': 1.0}],
    'min_frequency': [2],
    'missing_values': ['make:np.nan', -1, None],
    'mode': ['connectivity', 'fpr', 'fdr', 'k_best', 'fwe'],
    'monotonic_cst': ['make:np.array([1, 0, -1, 0])', [0, 1, 0, -1]],
    'multi_class': ['multinomial', 'ovr', 'crammer_singer', 'one_vs_one'],
    'n_components': [2, 0.9, 'mle'],
    'n_jobs': [1],
    'n_neighbors': [3],
    'ngram_range': [(1, 2)],
    'norm': ['l1', 'max', None],
    'normalize': [True],
    'normalize_y': [True],
    'novelty': [True],
    'oob_score': [True, 'call:sklearn.metrics:accuracy_score'],
    'optimizer': ['make:None'],
    'order': ['random', 'F', [1, 0]],
    'outlier_label': ['most_frequent', 1],
    'output_distribution': ['normal'],
    'param_grid': ['make:{"C": [0.1, 1.0], "class_weight": [None, "balanced"]}',
                   'make:[{"C": [0.1]}, {"solver": ["liblinear"]}]'],
    'passthrough': [True],
    'penalty': ['l1', 'elasticnet', 'none', None],
    'pooling_func': ['call:numpy:max', 'call:numpy:median'],
    'positive': [True],
    'power': [1, 2, 1.5],
    'precompute': [True, 'auto'],
    'preprocessor': ['call:builtins:str.lower'],
    'presort': [True],
    'priors': ['make:np.array([0.4, 0.6])'],
    'prior': ['make:Ridge()'],
    'probability': [True],
    'quantile': [0.5],
    'random_state': [0, 'make:np.random.RandomState(3)', 'make:np.random.mtrand._rand'],
    'refit': [False, 'accuracy', 'call:numpy:argmax'],
    'regressor': ['make:Ridge()', 'make:RandomForestRegressor(3)'],
    'remainder': ['passthrough', 'make:StandardScaler()'],
    'return_train_score': [True],
    'rotation': ['varimax'],
    'score_func': ['call:sklearn.feature_selection:f_regression', 'call:sklearn.feature_selection:mutual_info_classif',
                   'call:sklearn.feature_selection:mutual_info_regression', 'call:sklearn.feature_selection:chi2',
                   'call:sklearn.feature_selection:r_regression'],
    'scoring': ['accuracy', 'r2', 'roc_auc', 'neg_log_loss', 'loss',
                'make:make_scorer(metrics.f1_score, average="macro")',
                'make:make_scorer(metrics.log_loss, needs_proba=True)',
                'make:{"accuracy": "accuracy", "f1": "f1_macro"}',
                'make:make_scorer(metrics.log_loss, response_method="predict_proba")', 'make:["accuracy", "f1_macro"]',
                'make:make_scorer(metrics.roc_auc_score, needs_threshold=True)', 'call:sklearn.metrics:accuracy_score'],
    'selection': ['random'],
    'shrinkage': ['auto', 0.2],
    'shuffle': [True],
    'solver': ['liblinear', 'newton-cg', 'newton-cholesky', 'sag', 'saga', 'svd', 'cholesky', 'sparse_cg', 'lsqr',
               'eigen', 'adam', 'sgd',
               'lbfgs', 'mu', 'cd', 'highs-ds', 'interior-point', 'randomized'],
    'sparse': [True, False],
    'sparse_output': [True, False],
    'splitter': ['random'],
    'stack_method': ['predict'],
    'stop_words': ['english', ['the', 'a']],
    'store_centers': ['both'],
    'store_covariance': [True],
    'store_cv_values': [True],
    'store_cv_results': [True],
    'strategy': ['median', 'most_frequent', 'constant', 'uniform', 'stratified', 'prior', 'kmeans', 'quantile', 'mean'],
    'strip_accents': ['ascii', 'unicode', 'call:sklearn.feature_extraction.text:strip_accents_unicode'],
    'sublinear_tf': [True],
    'subsample': [0.5],
    'svd_method': ['lapack', 'arpack'],
    'svd_solver': ['full', 'arpack', 'randomized', 'covariance_eigh'],
    'target_type': ['continuous', 'multiclass'],
    'threshold': [0.1, 'mean'],
    'tokenizer': ['call:builtins:str.split'],
    'transform_algorithm': ['lars', 'lasso_lars', 'lasso_cd', 'threshold'],
    'transformer': ['make:StandardScaler()'],
    'use_idf': [False],
    'verbose': [1],
    'vocabulary': [['apple', 'red'], {'apple': 0, 'red': 1}],
    'voting': ['soft'],
    'warm_start': [True],
    'weight_concentration_prior_type': ['dirichlet_distribution'],
    'weights': ['distance', 'make:[1, 2]', 'call:numpy:exp'],
    'whiten': [True, 'unit-variance', 'arbitrary-variance'],
}

# ---- making them ---------------------------------------------------------------------------------------------------


def load(name):
    """`module:name`; raises where this version lacks it."""
    module, _, path = name.partition(':')
    thing = importlib.import_module(module)
    for part in path.split('.'):
        thing = getattr(thing, part)
    return thing


def first_of(*names):
    """The first that this version has: libraries move things."""
    for name in names:
        try:
            return load(name)
        except (ImportError, AttributeError):
            pass
    return None


def estimator_classes():
    """[(name, class)] of every estimator of this version, the experimental ones too."""
    for module in ('enable_hist_gradient_boosting', 'enable_iterative_imputer', 'enable_halving_search_cv'):
        with contextlib.suppress(ImportError):
            importlib.import_module('sklearn.experimental.' + module)
    all_estimators = first_of('sklearn.utils:all_estimators', 'sklearn.utils.testing:all_estimators')
    try:
        found = all_estimators(include_meta_estimators=True, include_other=True, include_dont_test=True)
    except TypeError:
        found = all_estimators()
    return [(name, cls) for name, cls in found if cls.__module__.startswith('sklearn.') and not inspect.isabstract(cls)]


class Names(dict):
    """What the `make:` expressions may use: every estimator by name, and a few more of scikit-learn."""

    def __init__(self):
        dict.__init__(self, estimator_classes())
        self.update(np=np, scipy=scipy, X=X, metrics=importlib.import_module('sklearn.metrics'),
                    kernels=importlib.import_module('sklearn.gaussian_process.kernels'),
                    operator=importlib.import_module('operator'),
                    DistanceMetric=first_of('sklearn.metrics:DistanceMetric', 'sklearn.neighbors:DistanceMetric'),
                    Memory=first_of('sklearn.externals.joblib:Memory', 'joblib:Memory'),
                    make_scorer=load('sklearn.metrics:make_scorer'))
        selection = importlib.import_module('sklearn.model_selection')
        self.update((name, getattr(selection, name)) for name in dir(selection) if name[0].isupper())

    def value(self, setting):
        if isinstance(setting, str) and setting.startswith('make:'):
            return eval(setting[5:], {}, self)
        if isinstance(setting, str) and setting.startswith('call:'):
            return load(setting[5:])
        return setting


def parameters_of(cls):
    try:
        return inspect.signature(cls.__init__).parameters
    except (TypeError, ValueError):
        return {}


def required_settings(cls, classifier):
    """Sensible values for the arguments that a meta estimator cannot do without."""
    forest, linear = ('make:RandomForestClassifier(3)', 'make:LogisticRegression()') if classifier else (
        'make:RandomForestRegressor(3)', 'make:Ridge()')
    grid = 'make:{"C": [0.1, 1.0]}' if classifier else 'make:{"alpha": [0.1, 1.0]}'
    return {
        'estimator': linear, 'base_estimator': linear, 'regressor': linear, 'param_grid': grid,
        'param_distributions': grid,
        'dictionary': 'make:np.eye(4)',
        'estimators': 'make:[("forest", %s), ("linear", %s)]' % (forest[5:], linear[5:]),
        'steps': 'make:[("scale", StandardScaler()), ("model", %s)]' % linear[5:],
        'transformer_list': 'make:[("scale", StandardScaler()), ("pca", PCA(2))]',
        'transformers': 'make:[("scale", StandardScaler(), [0, 1]), ("rest", "passthrough", slice(2, 4)), ("off", '
        '"drop", [3])]',
    }


def constructed(names, name, cls, classifier, extra):
    """An instance with small settings, or None where this version lacks a setting."""
    wanted = dict(SMALL, **SMALL_FOR.get(name, {}))
    required = required_settings(cls, classifier)
    settings = {}
    for parameter, about in parameters_of(cls).items():
        if parameter in wanted:
            settings[parameter] = wanted[parameter]
        elif about.default is about.empty and parameter in required:
            settings[parameter] = names.value(required[parameter])
    settings.update((parameter, names.value(setting)) for parameter, setting in extra.items())
    return cls(**settings)


@contextlib.contextmanager
def time_limit(seconds):
    def stop(*_):
        raise RuntimeError('too long')

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def fitted(make, x, y):
    """A fitted instance, or None. Whatever a library raises for settings that do not fit the data is no news here."""
    try:
        with time_limit(SECONDS_FOR_A_FIT):
            model = make()
            try:
                model.fit(x, y)
            except TypeError:
                model.fit(x)
            return model
    except Exception:
        return None


def of_estimator(names, name, cls, failures):
    """Default settings on all data that fit, then one setting at a time on the first data that fit."""
    known = set(parameters_of(cls))
    best = None
    for classifier in (True, False):
        try:
            yield name + ', not fitted', True, constructed(names, name, cls, classifier, {})
        except Exception as error:
            failures.append('%s: %s: %s' % (name, type(error).__name__, error))
            continue
        for label, x, y in DATA:
            model = fitted(lambda: constructed(names, name, cls, classifier, {}), x, y)
            if model is not None:
                yield '%s on %s' % (name, label), best is None, model
                best = best or label
        if not known & set(('estimator', 'base_estimator', 'estimators', 'steps', 'regressor')):
            break
    if best is None and hasattr(cls, 'fit'):
        failures.append(name + ': fits nothing')
    order = sorted(DATA, key=lambda entry: entry[0] != best)
    for parameter in sorted(known & set(SETTINGS)):
        for setting in SETTINGS[parameter]:
            model = of_setting(names, name, cls, {parameter: setting}, order)
            if model is not None:
                yield '%s(%s=%s)' % (name, parameter, setting), False, model


def of_setting(names, name, cls, extra, order):
    for classifier in (True, False):
        for _, x, y in order:
            model = fitted(lambda: constructed(names, name, cls, classifier, extra), x, y)
            if model is not None:
                return model
    try:
        return constructed(names, name, cls, True, extra)
    except Exception:
        return None


# ---- what is no estimator, and combinations ------------------------------------------------------------------------

METRICS = ['euclidean', 'manhattan', 'chebyshev', 'hamming', 'canberra', 'braycurtis', 'jaccard', 'matching', 'dice',
           'kulsinski',
           'rogerstanimoto', 'russellrao', 'sokalmichener', 'sokalsneath', 'haversine']
EXPRESSIONS = [
    'DistanceMetric.get_metric("minkowski", p=3)', 'DistanceMetric.get_metric("wminkowski", p=3, w=np.ones(4))',
    'DistanceMetric.get_metric("seuclidean", V=np.ones(4))', 'DistanceMetric.get_metric("mahalanobis", V=np.eye(4))',
    'DistanceMetric.get_metric("minkowski", p=3, w=np.ones(4))',
    'DistanceMetric.get_metric("euclidean", dtype=np.float32)',
    'DistanceMetric.get_metric("manhattan", dtype=np.float32)',
    'DistanceMetric.get_metric("pyfunc", func=sp_euclidean)',
    'KDTree(X)', 'BallTree(X)', 'KDTree(X, metric="manhattan")', 'BallTree(X, metric="minkowski", p=3)',
    'BallTree(POSITIVE[:, :2], metric="haversine")', 'BallTree(X, metric=sp_euclidean)', 'KDTree(X, leaf_size=5)',
    'BallTree(X, metric="mahalanobis", V=np.eye(4))', 'BallTree(X, metric="seuclidean", V=np.ones(4))',
    'KFold(3)', 'GroupKFold(3)', 'LeaveOneOut()', 'LeavePOut(2)', 'LeaveOneGroupOut()', 'LeavePGroupsOut(2)',
    'StratifiedKFold(3)', 'StratifiedGroupKFold(3)', 'TimeSeriesSplit(3)',
    'RepeatedKFold(n_splits=3, n_repeats=2, random_state=0)',
    'RepeatedStratifiedKFold(n_splits=3, n_repeats=2)', 'ShuffleSplit(2, random_state=np.random.RandomState(0))',
    'GroupShuffleSplit(2)',
    'StratifiedShuffleSplit(2, random_state=0)', 'PredefinedSplit([0, 1, 2] * 16)', 'ParameterGrid({"a": [1, 2]})',
    'ParameterSampler({"a": [1, 2]}, 2, random_state=0)', 'check_cv(3, Y2, classifier=True)', 'check_cv(3)',
    'check_cv([(np.arange(2), np.arange(2))])',
    'Bunch(data=X, target=Y2, names=["a", "b"])', 'load_iris()', 'load_diabetes()', 'load_wine()',
    'load_breast_cancer()',
    'load_linnerud()',
    'NotFittedError("this is not fitted")', 'DataConversionWarning("converted")',
    'ConvergenceWarning("did not converge")',
    'InconsistentVersionWarning(estimator_name="A", current_sklearn_version="1", original_sklearn_version="2")',
    'UndefinedMetricWarning("none")', 'FitFailedWarning("failed")', 'EfficiencyWarning("slow")',
    'NonBLASDotWarning("slow")',
    'SkipTestWarning("skip")', 'PositiveSpectrumWarning("none")',
    'kernels.RBF()', 'kernels.Matern()', 'kernels.RationalQuadratic()', 'kernels.ExpSineSquared()',
    'kernels.DotProduct()',
    'kernels.WhiteKernel()', 'kernels.ConstantKernel(2.0)', 'kernels.PairwiseKernel(metric="rbf")',
    'kernels.CompoundKernel([kernels.RBF(), kernels.DotProduct()])', 'kernels.Exponentiation(kernels.RBF(), 2)',
    'kernels.RBF() + kernels.WhiteKernel()', 'kernels.RBF() * kernels.ConstantKernel()',
    'kernels.RBF().hyperparameters',
    'kernels.RBF([1.0, 2.0, 3.0, 4.0])',
    'GaussianProcessRegressor(kernels.ConstantKernel() * kernels.RBF() + kernels.WhiteKernel()).fit(X, YR)',
    'GaussianProcessRegressor(kernels.RationalQuadratic() + kernels.DotProduct(), n_restarts_optimizer=1, '
    'random_state=0).fit(X, YR)',
    'GaussianProcessRegressor(kernels.ExpSineSquared() * kernels.RBF() ** 2).fit(X, YR)',
    'GaussianProcessRegressor(kernels.PairwiseKernel(metric="laplacian")).fit(X, YR)',
    'GaussianProcessClassifier(kernels.Matern()).fit(X, Y3)',
    'GaussianProcessClassifier(multi_class="one_vs_one").fit(X, Y3)',
    'make_pipeline(StandardScaler(), PolynomialFeatures(2), PCA(2), LogisticRegression()).fit(X, Y2)',
    'make_pipeline(SimpleImputer(add_indicator=True), MinMaxScaler(), SVC(probability=True)).fit(WITH_GAPS, Y3)',
    'make_pipeline(Imputer(), MaxAbsScaler(), LinearSVC()).fit(WITH_GAPS, Y3)',
    'make_pipeline(KNNImputer(), RobustScaler(), KNeighborsClassifier()).fit(WITH_GAPS, Y3)',
    'make_pipeline(IterativeImputer(max_iter=2), Ridge()).fit(WITH_GAPS, YR)',
    'make_pipeline(TfidfVectorizer(), SGDClassifier()).fit(TEXTS, Y3)',
    'make_pipeline(CountVectorizer(stop_words="english", ngram_range=(1, 2)), TfidfTransformer(), '
    'MultinomialNB()).fit(TEXTS, Y3)',
    'make_pipeline(HashingVectorizer(n_features=32), LogisticRegression()).fit(TEXTS, Y3)',
    'make_pipeline(DictVectorizer(), LogisticRegression()).fit(DICTS, Y3)',
    'make_pipeline(TfidfVectorizer(), TruncatedSVD(2), Normalizer(), KMeans(3)).fit(TEXTS)',
    'make_pipeline(SelectKBest(chi2, k=2), MultinomialNB()).fit(COUNTS, Y3)',
    'make_pipeline(SelectFromModel(ExtraTreesClassifier(3)), LogisticRegression()).fit(X, Y2)',
    'make_pipeline(FunctionTransformer(np.log1p), Ridge()).fit(POSITIVE, YR)',
    'Pipeline([("a", "passthrough"), ("b", StandardScaler())], memory=Memory(None)).fit(X)',
    'make_union(PCA(2), SelectKBest(k=1)).fit(X, Y2)',
    'make_column_transformer((StandardScaler(), [0, 1]), (OneHotEncoder(), [2])).fit(COUNTS)',
    'ColumnTransformer([("a", StandardScaler(), slice(0, 2)), ("b", PCA(1), [True, False, True, True])], '
    'remainder="passthrough").fit(X)',
    'ColumnTransformer([("a", StandardScaler(), make_column_selector(dtype_include=np.number))])',
    'ColumnTransformer([("a", OneHotEncoder(handle_unknown="ignore"), [0]), ("b", OrdinalEncoder(), '
    '[1])]).fit(CATEGORIES)',
    'ColumnTransformer([("a", CountVectorizer(), 0)]).fit(CATEGORIES)',
    'GridSearchCV(SVC(), {"kernel": ["linear", "rbf"], "C": [1, 2]}, cv=3).fit(X, Y2)',
    'GridSearchCV(make_pipeline(StandardScaler(), Ridge()), {"ridge__alpha": np.logspace(-2, 2, 3)}, '
    'cv=KFold(3)).fit(X, YR)',
    'GridSearchCV(LogisticRegression(), {"C": [1, 2]}, scoring=["accuracy", "roc_auc"], refit="accuracy", cv=3).fit(X, '
    'Y2)',
    'GridSearchCV(LogisticRegression(), {"C": [1, 2]}, scoring=make_scorer(metrics.fbeta_score, beta=2), cv=3).fit(X, '
    'Y2)',
    'GridSearchCV(KNeighborsClassifier(), {"n_neighbors": range(1, 4)}, cv=3).fit(X, Y2)',
    'RandomizedSearchCV(LogisticRegression(), {"C": scipy_stats.uniform(0.1, 1)}, n_iter=2, cv=3, '
    'random_state=0).fit(X, Y2)',
    'RandomizedSearchCV(LogisticRegression(), {"C": scipy_stats.loguniform(0.1, 1)}, n_iter=2, cv=3, '
    'random_state=0).fit(X, Y2)',
    'RandomizedSearchCV(RandomForestClassifier(3), {"max_depth": scipy_stats.randint(1, 4)}, n_iter=2, cv=3).fit(X, '
    'Y2)',
    'HalvingGridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=3).fit(X, Y2)',
    'VotingClassifier([("a", LogisticRegression()), ("b", RandomForestClassifier(3)), ("c", GaussianNB())], '
    'voting="soft").fit(X, Y3)',
    'VotingRegressor([("a", Ridge()), ("b", RandomForestRegressor(3))]).fit(X, YR)',
    'StackingClassifier([("a", LogisticRegression()), ("b", SVC())]).fit(X, Y2)',
    'StackingRegressor([("a", Ridge()), ("b", SVR())], final_estimator=RandomForestRegressor(3)).fit(X, YR)',
    'CalibratedClassifierCV(LinearSVC(), cv=3, method="isotonic").fit(X, Y3)',
    'CalibratedClassifierCV(GaussianNB(), cv=3).fit(X, Y2)',
    'CalibratedClassifierCV(LinearSVC().fit(X, Y2), cv="prefit").fit(X, Y2)',
    'CalibratedClassifierCV(FrozenEstimator(LinearSVC().fit(X, Y2))).fit(X, Y2)',
    'MultiOutputClassifier(RandomForestClassifier(3)).fit(X, np.column_stack([Y2, Y3]))',
    'MultiOutputRegressor(SGDRegressor()).fit(X, np.column_stack([YR, YR]))',
    'ClassifierChain(LogisticRegression()).fit(X, np.column_stack([Y2, 1 - Y2]))',
    'RegressorChain(Ridge(), order=[1, 0]).fit(X, np.column_stack([YR, YR]))',
    'OneVsRestClassifier(LinearSVC()).fit(X, Y3)', 'OneVsRestClassifier(LogisticRegression()).fit(X, np.zeros(48))',
    'OneVsRestClassifier(LogisticRegression()).fit(X, np.column_stack([Y2, np.ones(48), np.zeros(48)]).astype(int))',
    'OneVsOneClassifier(SVC()).fit(X, Y3)', 'OutputCodeClassifier(LogisticRegression()).fit(X, Y3)',
    'OutputCodeClassifier(SVC()).fit(X, Y3)',
    'BaggingClassifier(KNeighborsClassifier(), 3).fit(X, Y3)', 'BaggingRegressor(SVR(), 3).fit(X, YR)',
    'AdaBoostClassifier(DecisionTreeClassifier(max_depth=1), n_estimators=3).fit(X, Y2)',
    'TransformedTargetRegressor(Ridge(), func=np.log, inverse_func=np.exp).fit(X, POSITIVE[:, 0])',
    'TransformedTargetRegressor(Ridge(), transformer=QuantileTransformer(n_quantiles=20)).fit(X, YR)',
    'RANSACRegressor(LinearRegression(), random_state=0).fit(X, YR)',
    'RFE(SVC(kernel="linear"), n_features_to_select=2).fit(X, Y2)',
    'RFECV(Ridge(), cv=3).fit(X, YR)', 'SequentialFeatureSelector(Ridge(), n_features_to_select=2).fit(X, YR)',
    'SelfTrainingClassifier(SVC(probability=True)).fit(X, np.where(np.arange(48) % 4, Y2, -1))',
    'LabelPropagation(kernel="knn").fit(X, np.where(np.arange(48) % 4, Y2, -1))',
    'LabelSpreading().fit(X, np.where(np.arange(48) % 4, Y2, -1))',
    'GradientBoostingClassifier(n_estimators=3, init=LogisticRegression()).fit(X, Y2)',
    'GradientBoostingClassifier(n_estimators=3, init="zero").fit(X, Y3)',
    'GradientBoostingClassifier(n_estimators=3, subsample=0.5).fit(X, Y3)',
    'GradientBoostingRegressor(n_estimators=3, loss="quantile", alpha=0.2).fit(X, YR)',
    'GradientBoostingRegressor(n_estimators=3, n_iter_no_change=2, validation_fraction=0.3).fit(X, YR)',
    'HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=5, early_stopping=True, scoring="accuracy").fit(X, '
    'Y3)',
    'HistGradientBoostingRegressor(max_iter=3, min_samples_leaf=5, early_stopping=True, scoring="r2").fit(X, YR)',
    'HistGradientBoostingRegressor(max_iter=3, min_samples_leaf=5, loss="quantile", quantile=0.3).fit(X, YR)',
    'HistGradientBoostingRegressor(max_iter=3, min_samples_leaf=5, loss="poisson").fit(X, POSITIVE[:, 0])',
    'HistGradientBoostingRegressor(max_iter=3, min_samples_leaf=5, categorical_features=[0]).fit(COUNTS, YR)',
    'HistGradientBoostingClassifier(max_iter=3, warm_start=True, min_samples_leaf=5).fit(X, Y2)',
    'DecisionTreeClassifier(ccp_alpha=0.01).fit(X, Y3)', 'DecisionTreeRegressor().fit(X, np.column_stack([YR, YR]))',
    'DecisionTreeClassifier().fit(X, np.column_stack([Y2, Y3]))',
    'DecisionTreeClassifier().fit(X, np.array(WORDS)[Y3])',
    'ExtraTreesRegressor(3, bootstrap=True, oob_score=True).fit(X, YR)', 'DecisionTreeClassifier().fit(X, Y3).tree_',
    'IsolationForest(n_estimators=3, contamination=0.1, random_state=0).fit(X)',
    'LocalOutlierFactor(novelty=True).fit(X)',
    'MLPClassifier(hidden_layer_sizes=(5,), solver="sgd", max_iter=20, early_stopping=True).fit(X, Y3)',
    'MLPRegressor(hidden_layer_sizes=(5,), solver="lbfgs", max_iter=20).fit(X, YR)',
    'MLPClassifier(hidden_layer_sizes=(5, 4), max_iter=20).fit(X, Y2)',
    'SVC(kernel=rbf_kernel).fit(X, Y2)',
    'SVC(decision_function_shape="ovo", class_weight="balanced").fit(scipy.sparse.csr_matrix(X), Y3)',
    'NuSVC(probability=True).fit(X, Y2)', 'OneClassSVM().fit(X)', 'EllipticEnvelope(random_state=0).fit(X)',
    'KNeighborsRegressor(weights="distance", algorithm="ball_tree", metric="haversine").fit(X[:, :2], YR)',
    'NearestNeighbors(algorithm="brute").fit(scipy.sparse.csr_matrix(X))',
    'NearestNeighbors(metric=sp_euclidean).fit(X)',
    'NearestNeighbors(metric="seuclidean", metric_params={"V": np.ones(4)}).fit(X)',
    'NearestNeighbors(metric="mahalanobis", metric_params={"V": np.eye(4)}).fit(X)', 'NearestCentroid().fit(X, Y3)',
    'KernelDensity(kernel="gaussian").fit(X)', 'Birch(n_clusters=3).fit(X)',
    'Birch(n_clusters=None, threshold=0.2).fit(X)',
    'FeatureAgglomeration(2, pooling_func=np.median).fit(X)',
    'AgglomerativeClustering(3, connectivity=connectivity).fit(X)',
    'LogisticRegressionCV(cv=3, Cs=3).fit(X, Y3)',
    'LogisticRegressionCV(cv=3, Cs=3, penalty="l1", solver="liblinear").fit(X, Y2)',
    'SGDClassifier(average=True).fit(X, Y3)', 'SGDClassifier().partial_fit(X, Y3, classes=[0, 1, 2])',
    'SGDOneClassSVM().fit(X)',
    'PassiveAggressiveClassifier(loss="squared_hinge").fit(X, Y2)', 'Perceptron().fit(X, Y3)',
    'LassoLarsIC().fit(X, YR)', 'ElasticNetCV(cv=3).fit(X, YR)', 'MultiTaskLasso().fit(X, np.column_stack([YR, YR]))',
    'RidgeCV(scoring="r2").fit(X, YR)', 'RidgeCV(cv=3).fit(X, YR)', 'RidgeClassifierCV().fit(X, Y3)',
    'TweedieRegressor(power=1.5, link="log").fit(POSITIVE, POSITIVE[:, 0])', 'PoissonRegressor().fit(X, Y3)',
    'GammaRegressor().fit(X, POSITIVE[:, 0])', 'QuantileRegressor(solver="highs").fit(X, YR)',
    'IsotonicRegression().fit(YR, YR ** 3)',
    'BayesianGaussianMixture(n_components=3).fit(X)', 'LatentDirichletAllocation(2, max_iter=3).fit(COUNTS)',
    'NMF(2).fit(POSITIVE)',
    'IncrementalPCA(2).fit(X)', 'KernelPCA(2, kernel="rbf", fit_inverse_transform=True).fit(X)', 'FastICA(2).fit(X)',
    'Isomap(n_components=2).fit(X)', 'LocallyLinearEmbedding().fit(X)', 'MDS(max_iter=10).fit(X)',
    'SpectralEmbedding().fit(X)',
    'NeighborhoodComponentsAnalysis(max_iter=5).fit(X, Y3)',
    'LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(X, Y3)',
    'QuadraticDiscriminantAnalysis(store_covariance=True).fit(X, Y3)', 'Nystroem(kernel="rbf", n_components=5).fit(X)',
    'TargetEncoder().fit(CATEGORIES, YR)', 'SplineTransformer(3).fit(X)',
    'MultiLabelBinarizer().fit([("a", "b"), ("c",)])',
    'LabelBinarizer(sparse_output=True).fit(Y3)', 'LabelEncoder().fit(["a", "b"])',
    'KBinsDiscretizer(3, encode="ordinal").fit(X)',
    'OneHotEncoder(drop="first", dtype=np.int8).fit(CATEGORIES)',
    'OneHotEncoder(min_frequency=2, handle_unknown="infrequent_if_exist").fit(CATEGORIES)',
    'OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit(CATEGORIES)',
    'MissingIndicator().fit(WITH_GAPS)',
    'PowerTransformer().fit(X)', 'PowerTransformer("box-cox").fit(POSITIVE)', 'Binarizer().fit(X)',
    'KernelCenterer().fit(X.dot(X.T))',
    'StandardScaler().set_output(transform="pandas").fit(X)', 'StandardScaler().set_output(transform="default").fit(X)',
    'with_requests(LogisticRegression)', 'with_requests(SVC)', 'with_requests(Ridge)',
    'routed_search(LogisticRegression, GridSearchCV)',
    'FixedThresholdClassifier(LogisticRegression(), threshold=0.4).fit(X, Y2)',
    'TunedThresholdClassifierCV(LogisticRegression(), cv=3, store_cv_results=True).fit(X, Y2)',
    'StandardScaler().__sklearn_tags__()', 'LogisticRegression().__sklearn_tags__()', 'Ridge().__sklearn_tags__()',
    'inspection.permutation_importance(Ridge().fit(X, YR), X, YR, n_repeats=2)',
    'inspection.partial_dependence(Ridge().fit(X, YR), X, [0])',
    'cross_validate(Ridge(), X, YR, cv=3, return_estimator=True)',
    'make_column_transformer((StandardScaler(), ["size"]), (OneHotEncoder(), ["colour"])).fit(data_frame())',
    'ColumnTransformer([("a", OrdinalEncoder(), make_column_selector(dtype_include=object))]).fit(data_frame())',
    'make_pipeline(SimpleImputer(), LogisticRegression()).fit(data_frame()[["size", "weight"]], Y2)',
    'StandardScaler().set_output(transform="pandas").fit(data_frame()[["size"]])',
    'HistGradientBoostingRegressor(max_iter=3, categorical_features="from_dtype").fit(data_frame("category"), YR)',
    'RandomForestClassifier(3).fit(data_frame()[["size", "weight"]], data_frame()["colour"])',
    'LabelEncoder().fit(data_frame("category")["colour"])', 'OneHotEncoder().fit(data_frame("category")[["colour"]])',
    'config_context_state()', 'SVC', 'np.float64', 'RandomForestClassifier', '[LogisticRegression, SVC]', 'Pipeline',
    'KFold',
]
NOT_IN_ALL_ESTIMATORS = {
    'KDTree': 'sklearn.neighbors:KDTree', 'BallTree': 'sklearn.neighbors:BallTree', 'Bunch': 'sklearn.utils:Bunch',
    'check_cv': 'sklearn.model_selection:check_cv', 'make_pipeline': 'sklearn.pipeline:make_pipeline',
    'make_union': 'sklearn.pipeline:make_union', 'make_column_transformer': 'sklearn.compose:make_column_transformer',
    'make_column_selector': 'sklearn.compose:make_column_selector', 'chi2': 'sklearn.feature_selection:chi2',
    'rbf_kernel': 'sklearn.metrics.pairwise:rbf_kernel', 'sp_euclidean': 'scipy.spatial.distance:euclidean',
    'scipy_stats': 'scipy:stats', 'inspection': 'sklearn:inspection',
    'cross_validate': 'sklearn.model_selection:cross_validate',
    'get_config': 'sklearn:get_config',
}


def extra_names(names):
    """The other things that EXPRESSIONS use; one that a version lacks makes its expressions fail, which is listed."""
    importlib.import_module('scipy.stats')
    for name, path in NOT_IN_ALL_ESTIMATORS.items():
        with contextlib.suppress(ImportError, AttributeError):
            importlib.import_module(path.replace(':', '.')) if name == 'inspection' else None
            names[name] = load(path)
    datasets = importlib.import_module('sklearn.datasets')
    exceptions = importlib.import_module('sklearn.exceptions')
    names.update((name, getattr(datasets, name)) for name in dir(datasets) if name.startswith('load_'))
    names.update((name, getattr(exceptions, name)) for name in dir(exceptions) if name[0].isupper())
    names.update(globals_of_data(), config_context_state=lambda: load('sklearn:get_config')())
    names.update(with_requests=with_requests, routed_search=routed_search, data_frame=data_frame)
    names['connectivity'] = load('sklearn.neighbors:kneighbors_graph')(X, 5)


def globals_of_data():
    return {name: value for name, value in globals().items() if name.isupper()}


def data_frame(dtype=object):
    """A table with names, where pandas is installed."""
    colours = [entry['colour'] for entry in DICTS]
    frame = load('pandas:DataFrame')({'colour': colours, 'size': X[:, 0], 'weight': X[:, 1]})
    frame['colour'] = frame['colour'].astype(dtype)
    return frame


def with_requests(cls):
    """An estimator that asks for metadata, which is in its state; this needs routing to be on."""
    with load('sklearn:config_context')(enable_metadata_routing=True):
        return cls().set_fit_request(sample_weight=True).set_score_request(sample_weight='weight').fit(X, Y2)


def routed_search(cls, search):
    with load('sklearn:config_context')(enable_metadata_routing=True):
        model = search(cls().set_fit_request(sample_weight=True), {'C': [0.1, 1.0]}, cv=3)
        return [model.fit(X, Y2, sample_weight=np.ones(48)), model.get_metadata_routing()]


def of_scorers(names):
    """Every scorer by name, alone and in a dict as a search stores it."""
    found = first_of('sklearn.metrics:get_scorer_names')
    scorers = found() if found else sorted(first_of('sklearn.metrics.scorer:SCORERS', 'sklearn.metrics:SCORERS'))
    for name in scorers:
        yield 'scorer ' + name, name == 'accuracy', {name: load('sklearn.metrics:get_scorer')(name)}


def of_expressions(names, failures):
    extra_names(names)
    expressions = EXPRESSIONS + ['DistanceMetric.get_metric("%s")' % metric for metric in METRICS]
    for expression in expressions:
        try:
            with time_limit(SECONDS_FOR_A_FIT):
                value = eval(expression, {}, names)
        except Exception as error:
            failures.append('%s: %s: %s' % (expression, type(error).__name__, str(error)[:120]))
            continue
        yield expression, True, value


def samples(failures, only=''):
    """(label, write it in every way?, object), one after the other."""
    names = Names()
    for name, cls in sorted(estimator_classes(), key=lambda pair: pair[0]):
        if only in name:
            for sample in of_estimator(names, name, cls, failures):
                yield sample
    if not only or only == 'expressions':
        for sample in of_scorers(names):
            yield sample
        for sample in of_expressions(names, failures):
            yield sample
