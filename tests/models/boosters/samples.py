"""What the boosters are fitted on and asked about. Made with numpy's legacy RandomState, whose numbers are the same in all
versions. No library here: old versions of all of them import this."""
import numpy as np
import pandas as pd
import scipy.sparse

_random = np.random.RandomState(7)

ROWS = _random.randn(300, 6)
ROWS[:, 3] = np.round(ROWS[:, 3] * 2)  # ties
ROWS[_random.rand(300, 6) < 0.08] = np.nan
FULL = np.nan_to_num(ROWS)
BINARY = (FULL[:, 0] + FULL[:, 1] * FULL[:, 2] + 0.3 * _random.randn(300) > 0).astype(int)
THREE = np.digitize(FULL[:, 0] + 0.5 * _random.randn(300), [-0.7, 0.5])
REAL = FULL[:, 0] * 2 + FULL[:, 1] ** 2 + 0.1 * _random.randn(300)
POSITIVE = np.abs(REAL) + 0.1
COUNTS = _random.poisson(np.exp(FULL[:, 0] / 2))
GRADES = np.clip(COUNTS, 0, 3)  # for rankers
GROUPS = [30] * 10
WEIGHTS = _random.rand(300) + 0.5
TEXTS = np.array(['one', 'two', 'three'])

NAMES = list('abcdef')
LETTERS = _random.choice(list('uvwxyz'), 300)
NUMBERS = _random.choice([3, 5, 8, 11], 300)
OF_LETTERS = (LETTERS == 'v') * 2.0 + (LETTERS == 'z') + (NUMBERS == 5) * 1.5 + FULL[:, 0]
CODES = ROWS.copy()
CODES[:, 2] = np.searchsorted(list('uvwxyz'), LETTERS) * 7
CODES[:, 3] = np.searchsorted([3, 5, 8, 11], NUMBERS)

ASKED = _random.randn(60, 6)
ASKED[:, 3] = np.round(ASKED[:, 3] * 2)
ASKED[_random.rand(60, 6) < 0.1] = np.nan
ASKED[0] = 0
ASKED[1, 0] = 1e-40  # a float32 of its own kind, and one beyond it
ASKED[2] *= 1e6
ASKED[3:9] = ROWS[:6]  # where the thresholds come from
INFINITE = ASKED.copy()
INFINITE[10:30, 1] = np.inf
INFINITE[20:40, 4] = -np.inf


def _frame(rows, letters, numbers, categories=None):
    return pd.DataFrame(rows, columns=NAMES).assign(
        letter=pd.Categorical(letters, categories=categories), number=pd.Categorical(numbers))


_asked_letters = _random.choice(list('uvwxyz'), 60).astype(object)
_asked_letters[3] = None
_asked_numbers = np.append([3, 5, 8, 11], _random.choice([3, 5, 8, 11], 56))  # all of them, so that the codes are the same

FRAME = pd.DataFrame(ROWS, columns=NAMES)
CATEGORIES = _frame(ROWS, LETTERS, NUMBERS)

# The rows that are asked about, by name.
FORMS = {
    'float64': ASKED,
    'float32': ASKED.astype(np.float32),
    'int64': np.round(np.nan_to_num(ASKED) * 3).astype(np.int64),
    'bool': FULL[:60] > 0,
    'columns first': np.asfortranarray(ASKED),
    'sparse': scipy.sparse.random(40, 6, 0.4, random_state=3, format='csr'),
    'infinite': INFINITE,
    'none': ASKED[:0],
    'narrow': ASKED[:, :4],
    'no missing': np.nan_to_num(ASKED),
    'frame': pd.DataFrame(ASKED, columns=NAMES),
    'categories': _frame(ASKED, _asked_letters, _asked_numbers, list('uvwxyz')),
    'other categories': _frame(ASKED, _random.choice(['z', 'v'], 60), _random.choice([8, 5], 60)),  # other codes than at fit
    'codes': np.where(np.arange(6) == 3, _random.randint(0, 5, (60, 6)), np.where(
        np.arange(6) == 2, _random.randint(0, 7, (60, 6)) * 7, ASKED)),
}
DENSE = ('float64', 'float32', 'int64', 'sparse')
ALL = DENSE + ('bool', 'columns first', 'infinite', 'narrow', 'frame')
FRAMES = ('categories', 'other categories')


def logcosh(expected, margins):
    """An objective of one's own."""
    return np.tanh(margins - expected), 1 / np.cosh(margins - expected) ** 2
