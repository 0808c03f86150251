"""The names that the expressions of the case tables may use: the classes of whichever scikit-learn this is."""
import importlib
import warnings

import numpy

MODULES = (
    'calibration', 'cluster', 'compose', 'covariance', 'decomposition', 'discriminant_analysis', 'dummy', 'ensemble',
    'feature_extraction', 'feature_extraction.text', 'feature_selection', 'frozen', 'gaussian_process',
    'gaussian_process.kernels', 'impute', 'isotonic', 'linear_model', 'mixture', 'model_selection', 'multiclass',
    'multioutput', 'naive_bayes', 'neighbors', 'neural_network', 'pipeline', 'preprocessing', 'random_projection', 'svm',
    'tree',
)
# Classes that are hidden until one of these is imported.
EXPERIMENTAL = ('enable_hist_gradient_boosting', 'enable_halving_search_cv', 'enable_iterative_imputer')


def names():
    for hidden in EXPERIMENTAL:
        with warnings.catch_warnings():  # that it is hidden no more
            warnings.simplefilter('ignore')
            try:
                importlib.import_module('sklearn.experimental.' + hidden)
            except ImportError:
                pass
    found = {'np': numpy}
    for module in MODULES:
        try:
            library = importlib.import_module('sklearn.' + module)
        except ImportError:
            continue
        for name in set(dir(library)) | set(getattr(library, '__all__', ())):
            if callable(getattr(library, name, None)):
                found[name] = getattr(library, name)
    try:
        from sklearn_pandas import DataFrameMapper
    except ImportError:  # no version of it works with every scikit-learn
        return found
    found['DataFrameMapper'] = DataFrameMapper
    return found


def evaluate(expression, found, data):
    """The estimator, not fitted; random states are 0 where the expression says nothing. fitted(E) in an expression is
    E fitted on the same data."""
    def fitted(estimator):
        return data.fit_to(seeded(estimator))

    return seeded(eval(expression, dict(found, fitted=fitted)))


def seeded(estimator):
    if hasattr(estimator, 'get_params'):
        open_states = {name: 0 for name, value in estimator.get_params(deep=True).items()
                       if name.split('__')[-1] == 'random_state' and value is None}
        if open_states:
            estimator.set_params(**open_states)
    return estimator
