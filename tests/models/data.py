"""Data sets by name: "TARGET/FORM" or "TARGET/FORM>FORM" (fitted on the first form, asked about rows of the second).

Made with numpy's legacy RandomState, whose numbers are the same in all versions. "+weights" behind a target fits with
sample weights. The first rows that are asked about are rows that were fitted on: exact hits.
"""
import numpy as np
import scipy.sparse

from documents import documents, records

FITTED = 90
ASKED = 24
HITS = 6
COUNT = FITTED + ASKED - HITS  # rows that are made

KIND = np.random.RandomState(3).permutation(np.arange(COUNT) % 3)  # the group of each row


def _random(seed):
    return np.random.RandomState(seed)


def _dense():
    """Six columns of different scales, one in halves (so that there are ties), one of 0 and 1."""
    centres = np.array([[1.5, 0, -1, 1, 0.4, 0.5], [-1, 1, 0.5, -1, 0, -0.6], [0, -1.5, 0.6, 0.5, -0.5, 0.1]])
    values = (_random(1).normal(size=(COUNT, 6)) + centres[KIND]) * [1, 3, 0.5, 2, 10, 1] + [0, 5, 0, 1, -20, 0]
    values[:, 3] = np.round(values[:, 3] * 2) / 2
    values[:, 5] = values[:, 5] > 0
    return np.round(values, 3)


def _scarce():
    values = _dense() - [0, 5, 0, 1, -20, 0]
    values[_random(2).uniform(size=values.shape) < 0.6] = 0
    return values


def _with_nan(values):
    values = np.array(values, dtype=float)
    values[_random(4).uniform(size=values.shape) < 0.1] = np.nan
    return values


def _codes():
    """Four numbers with missing ones, and two columns of codes of categories."""
    values = _with_nan(_dense())
    values[:, 4] = _random(5).randint(0, 7, COUNT)
    values[:, 5] = (KIND + _random(6).randint(0, 3, COUNT)) % 5
    return values


def _words(missing=None):
    """Three columns of strings as objects; some are missing."""
    random = _random(8)
    columns = [np.array(choice, dtype=object)[random.randint(0, len(choice), COUNT)]
               for choice in (['paris', 'oslo', 'rome', 'Zürich'], ['a', 'b'], ['low', 'mid', 'high', 'top', 'none'])]
    columns[0][:2 * FITTED // 3:9] = 'lima'  # rare
    values = np.stack(columns, axis=1)
    if missing != 'no':
        values[random.uniform(size=values.shape) < 0.1] = missing
    return values


def _integers():
    random = _random(9)
    return np.stack([np.array(choice)[random.randint(0, len(choice), COUNT)]
                     for choice in ([1, 3, 7, 2000000000000], [-2, 0, 5], [10, 20])], axis=1)


def _small_integers():
    return _integers() % 11


def _with_unknown(values, unknown):
    """Only rows that are asked about (not the hits) get values that were not fitted on."""
    values = values.copy()
    for column in range(values.shape[1]):
        values[FITTED + column::5, column] = unknown
    return values


def _frame():
    import pandas
    return pandas.DataFrame(_dense(), columns=['length', 'width', 'Depth', 'half', 'tilt', 'is_new'])


def _mixed(missing=False, unknown=False):
    """What people have: numbers, strings, a category, truth values, a text."""
    import pandas
    random = _random(10)
    words = _words('no')
    if unknown:
        words = _with_unknown(words, 'atlantis')
    grades = pandas.Categorical(np.array(['C', 'A', 'B', 'A'])[random.randint(0, 4, COUNT)], categories=['C', 'B', 'A'])
    frame = pandas.DataFrame({
        'age': random.randint(18, 80, COUNT).astype(np.int64),
        'income': np.round(random.gamma(2, 2000, COUNT), 2),
        'city': list(words[:, 0]),
        'grade': grades,
        'member': random.uniform(size=COUNT) < 0.4,
        'visits': (KIND + random.poisson(3, COUNT)).astype(np.int32),
        'ratio': random.uniform(size=COUNT).astype(np.float32),
        'level': pandas.Series(list(words[:, 2]), dtype=object),
        'note': documents(KIND),
    }, columns=['age', 'income', 'city', 'grade', 'member', 'visits', 'ratio', 'level', 'note'])
    if missing:
        for position, column in enumerate(['income', 'city', 'grade', 'ratio', 'level']):
            frame.loc[_random(20 + position).uniform(size=COUNT) < 0.1, column] = np.nan
    return frame


def _nan_categories():
    values = _small_integers().astype(float)
    values[_random(11).uniform(size=values.shape) < 0.1] = np.nan
    return values


FORMS = {
    'dense': _dense,
    'float32': lambda: _dense().astype(np.float32),
    'float16': lambda: _dense().astype(np.float16),
    'int64': lambda: np.round(_dense() * 3).astype(np.int64),
    'int32': lambda: np.round(_dense() * 3).astype(np.int32),
    'uint8': lambda: np.abs(np.round(_dense() * 3)).astype(np.uint8),
    'bool': lambda: _dense() > [0, 5, 0, 1, -20, 0],
    'fortran': lambda: np.asfortranarray(_dense()),
    'sparse': lambda: scipy.sparse.csr_matrix(_scarce()),
    'sparse32': lambda: scipy.sparse.csr_matrix(_scarce().astype(np.float32)),
    'csc': lambda: scipy.sparse.csc_matrix(_scarce()),
    'nan': lambda: _with_nan(_dense()),
    'nan32': lambda: _with_nan(_dense()).astype(np.float32),
    'inf': lambda: np.where(_dense() > 7, np.inf, _dense()),
    'narrow': lambda: _dense()[:, :5],  # a column too few
    'positive': lambda: np.abs(_dense()) + 0.1,
    'counts': lambda: _random(12).poisson(2 + KIND[:, None] * [1, 0, 2, 0.5, 0, 1]).astype(float),
    'counts_int': lambda: _random(12).poisson(2 + KIND[:, None] * [1, 0, 2, 0.5, 0, 1]),
    'counts_sparse': lambda: scipy.sparse.csr_matrix(_random(12).poisson(0.3 + KIND[:, None] * [1, 0, 2, .5, 0, 1]), dtype=float),
    'column': lambda: _dense()[:, 1:2],
    'vector': lambda: _dense()[:, 1],
    'vector32': lambda: _dense()[:, 1].astype(np.float32),
    'codes': _codes,
    'codes_unknown': lambda: np.where(np.arange(COUNT)[:, None] % 4 == 3, _codes() + [0, 0, 0, 0, 20, -9], _codes()),
    'coded_frame': lambda: _coded_frame(),
    'words': lambda: _words('no'),
    'words_fixed': lambda: _words('no').astype(str),
    'words_list': lambda: [list(row) for row in _words('no')],
    'words_unknown': lambda: _with_unknown(_words('no'), 'atlantis'),
    'words_none': lambda: _words(None),
    'words_nan': lambda: _words(np.nan),
    'integers': _integers,
    'integers_unknown': lambda: _with_unknown(_integers(), 99),
    'small': _small_integers,
    'nan_categories': _nan_categories,
    'frame': _frame,
    'mixed': _mixed,
    'mixed_nan': lambda: _mixed(missing=True),
    'mixed_unknown': lambda: _mixed(unknown=True),
    'text': lambda: documents(KIND),
    'text_unicode': lambda: documents(KIND, foreign=True),
    'records': lambda: records(KIND),
    'labels': lambda: np.array(['cat', 'ant', 'Bee'])[KIND],
    'labels_object': lambda: np.array(['cat', 'ant', 'Bee'], dtype=object)[KIND],
    'labels_int': lambda: np.array([7, -1, 3])[KIND],
    'labels_float': lambda: np.array([4.0, 2.0, -1.0])[KIND],
    'labels_bool': lambda: KIND > 0,
    'labels_two': lambda: np.array(['yes', 'no'])[KIND // 2],
    'labels_unknown': lambda: np.where(np.arange(COUNT) % 5 == 4, 'dodo', np.array(['cat', 'ant', 'Bee'])[KIND]),
    'sets': lambda: [[word for word, bit in zip(('red', 'green', 'blue'), (kind % 2, kind // 2, kind == 0)) if bit] for kind in KIND],
}


def _coded_frame():
    """Columns that HistGradientBoosting takes as categories by their dtype."""
    import pandas
    frame = pandas.DataFrame(_codes(), columns=list('abcdef'))
    frame['e'] = pandas.Categorical(np.array(['', 'v', 'w', 'x', 'y', 'z', 't'])[frame['e'].astype(int)])
    frame['f'] = pandas.Categorical(frame['f'].where(frame['a'].notnull()))
    return frame


def _score():
    """The number behind the targets of regressions."""
    values = _dense()
    return np.round(values.dot([2, -1, 3, 0.5, 0.3, 4]) + 0.3 * values[:, 0] ** 2 + _random(13).normal(size=COUNT), 3)


def _noisy_kind():
    return np.where(_random(14).uniform(size=COUNT) < 0.08, (KIND + 1) % 3, KIND)


def _targets():
    score, three = _score(), _noisy_kind()
    two = (three > 0).astype(np.int64)
    second = (score > np.median(score)).astype(np.int64)
    return {
        'none': None,
        'regression': score,
        'regression32': score.astype(np.float32),
        'regression_int': np.round(score).astype(np.int64),
        'regression2': np.stack([score, _dense()[:, 1] - score / 2], axis=1),
        'positive': np.exp(score / 10),
        'events': _random(15).poisson(np.exp(score / 20)),
        'binary': two,
        'three': three.astype(np.int64),
        'three32': three.astype(np.int32),
        'words2': np.array(['yes', 'no'])[two],
        'words3': np.array(['cat', 'ant', 'Bee'])[three],
        'words3_object': np.array(['cat', 'ant', 'Bee'], dtype=object)[three],
        'bools': two > 0,
        'signs': two * 2 - 1,
        'floats3': np.array([0.0, 1.0, 4.0])[three],
        'pairs': np.stack([three, second + 5], axis=1),
        'words_pairs': np.stack([np.array(['cat', 'ant', 'Bee'])[three], np.array(['yes', 'no'])[second]], axis=1),
        'flags': np.stack([two, second, (three == 1).astype(np.int64)], axis=1),
        'one_class': np.zeros(COUNT, dtype=np.int64),
    }


def _take(values, rows):
    if isinstance(values, list):
        return [values[row] for row in rows]
    if hasattr(values, 'iloc'):
        return values.iloc[rows].reset_index(drop=True)
    taken = values[rows]
    return np.asfortranarray(taken) if isinstance(values, np.ndarray) and np.isfortran(values) else taken


class Data(object):
    """What to fit on (X, y) and the rows to ask about."""

    def __init__(self, name):
        target, form = name.split('/')
        fit_form, _, rows_form = form.partition('>')
        target, _, weights = target.partition('+')
        self.rows_form = rows_form or fit_form
        fitted, asked = np.arange(FITTED), np.r_[:HITS, FITTED:COUNT]
        self.X = _take(FORMS[fit_form](), fitted)
        self.rows = _take(FORMS[self.rows_form](), asked)
        y = _targets()[target]
        self.y = None if y is None else y[:FITTED]
        self.weights = np.round(_random(16).uniform(0.1, 3, FITTED), 2) if weights else None

    def fit_to(self, estimator):
        extra = {} if self.weights is None else {'sample_weight': self.weights}
        if self.y is None:
            return estimator.fit(self.X, **extra)
        return estimator.fit(self.X, self.y, **extra)
