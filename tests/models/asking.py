"""What a fitted estimator answers, by the names of the methods that cppickle.Model has."""
import warnings

import numpy as np
import scipy.sparse

from storing import count_of, joined, row_of

METHODS = ('predict', 'predict_proba', 'predict_log_proba', 'decision_function', 'transform', 'inverse_transform',
           'score_samples', 'kneighbors', 'apply', 'predict_std')
SINGLE = 10  # rows that are also asked about one by one


def _predict_std(estimator, rows):
    if 'return_std' not in getattr(getattr(type(estimator).predict, '__code__', None), 'co_varnames', ()):
        raise AttributeError('no return_std')
    mean, deviation = estimator.predict(rows, return_std=True)
    if mean.ndim != 1:
        raise AttributeError('return_std of several outputs')
    return np.column_stack([mean, deviation])


def _kneighbors(estimator, rows):
    return np.column_stack(estimator.kneighbors(rows))


def _copied(rows):
    """For methods that work on the rows in place, or answer them: OrdinalEncoder.inverse_transform does."""
    return rows.copy(order='K') if isinstance(rows, np.ndarray) else rows.copy()


def ask(estimator, method, rows):
    """The answer as an array, a sparse matrix or a list of arrays. AttributeError: it has no such method."""
    rows = _copied(rows)
    if method == 'predict_std':
        answer = _predict_std(estimator, rows)
    elif method == 'kneighbors':
        answer = _kneighbors(estimator, rows)
    else:
        with warnings.catch_warnings():  # methods that were on their way out in 0.18: transform() of forests
            warnings.filterwarnings('error', 'Function (transform|decision_function) is deprecated', DeprecationWarning)
            try:
                answer = getattr(estimator, method)(rows)
            except DeprecationWarning as gone:
                raise AttributeError(str(gone))
    if count_of(answer) != count_of(rows) and not isinstance(answer, list):  # DummyClassifier of 0.18 takes a list for one row
        raise AttributeError('%d answers to %d rows' % (count_of(answer), count_of(rows)))
    if isinstance(answer, list) and all(isinstance(part, np.ndarray) and part.ndim == 2 for part in answer):
        return answer
    if scipy.sparse.issparse(answer):
        return answer.tocsr()
    if hasattr(answer, 'iloc'):
        answer = answer.values
    if isinstance(answer, np.ndarray) and answer.ndim <= 2:
        return np.asarray(answer)
    raise AttributeError('%s answers %s, which no array holds' % (method, type(answer).__name__))


def ask_one_by_one(estimator, method, rows):
    return joined([ask(estimator, method, row_of(rows, i)) for i in range(min(SINGLE, count_of(rows)))])
