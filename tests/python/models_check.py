"""Compares cppickle.Model with what scikit-learn answered, on the models that tests/models/make.py made.

  models_check.py FOLDER [PART...]    only cases whose name contains one of the parts; CPP=FOLDER: where cppickle is

The bar: labels and positions identical (unless the two best scores are closer than the bar); float64 within 1e-12 of the
largest number in the answer, float32 within 8 units in its last place; ten times what scikit-learn differs from itself,
between all rows at once and one by one, where that is more and plainly rounding. Shapes, dtypes and sparseness are the same.
"""
import collections
import json
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'models'))
if 'CPP' in os.environ:
    sys.path.insert(0, os.environ['CPP'])

import numpy as np
import scipy.sparse

import cppickle
from storing import joined, read_rows, row_of, unpack

FLOAT64_BAR = 1e-12
FLOAT32_ULPS = 8
OWN_DIFFERENCES = 10
# Of the largest number. Where scikit-learn differs from itself by more, that is no rounding: its answer for a row depends on the
# other rows (the scores of one-vs-one in 0.18), and both ways of asking are held to the bar.
MOST_OWN_DIFFERENCE = 1e-3

# Cases whose float64 answers were made from float32 numbers of their parts, which rounding makes differ as float32 does.
FLOAT32_INSIDE = (
    r'(Voting|Stacking)(Classifier|Regressor)\(.* @ \w+/float32',  # averages and columns of what the members answer
    r'GradientBoosting(Classifier|Regressor)\(.*init=L\w+Regression',  # init is asked with rows as float32
)

# Classes whose probabilities are made from logarithms, not the other way round.
KNOW_LOGARITHMS = ('NB', 'DiscriminantAnalysis')

# What scikit-learn answered for all rows and one by one ({method: answer}); whether predict() gives labels, and what is known
# of the class and the case by the lists above.
Asked = collections.namedtuple('Asked', 'batch single is_label knows_logarithms is_float32_inside')


class Differs(Exception):
    """An answer is not scikit-learn's; the text says how."""


class Outcome:
    """What came out for one case."""

    def __init__(self, name, entry):
        self.name = name
        self.class_name = entry['class']
        self.compared = {}  # method -> largest difference, relative to the largest number of the answer
        self.problems = []  # (method, or what else; text)

    def __str__(self):
        return '%s: %s' % (self.name, '; '.join('%s: %s' % problem for problem in self.problems))


# --- Numbers --------------------------------------------------------------------------------------------------------

def _dense(answer):
    return answer.toarray() if scipy.sparse.issparse(answer) else answer


def largest(values):
    """The largest finite magnitude."""
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size else 0.0


def _differences(ours, expected):
    """|ours - expected|; 0 where both are NaN or the same infinity, infinity where only one is."""
    with np.errstate(all='ignore'):
        apart = np.abs(ours.astype(float) - expected.astype(float))
        apart[(ours == expected) | (np.isnan(ours) & np.isnan(expected))] = 0
    return np.nan_to_num(apart, nan=np.inf, posinf=np.inf)


def bar_of(expected, own_difference):
    """How far an answer may be from the expected one."""
    scale = largest(expected)
    if expected.dtype in (np.float32, np.float16):
        bar = FLOAT32_ULPS * float(np.spacing(expected.dtype.type(scale)))
    else:
        bar = FLOAT64_BAR * scale
    return max(bar, OWN_DIFFERENCES * own_difference)


def own_difference(batch, single):
    """How much scikit-learn differs from itself: all rows at once and the first ones one by one."""
    batch, single = _dense(batch), _dense(single)
    if single is None or single.dtype.kind != 'f' or batch.shape[1:] != single.shape[1:]:
        return 0.0
    apart = _differences(batch[:len(single)], single)
    own = float(apart[np.isfinite(apart)].max()) if np.isfinite(apart).any() else 0.0
    return own if own <= MOST_OWN_DIFFERENCE * largest(batch) else 0.0


# --- One answer -----------------------------------------------------------------------------------------------------

def _check_form(ours, expected):
    if isinstance(ours, list):
        raise Differs('a list of %d arrays instead of one' % len(ours))
    if scipy.sparse.issparse(ours) != scipy.sparse.issparse(expected):
        raise Differs('sparse' if scipy.sparse.issparse(ours) else 'not sparse')
    if ours.shape != expected.shape:
        raise Differs('shape %s instead of %s' % (ours.shape, expected.shape))
    if ours.dtype != expected.dtype:
        raise Differs('dtype %s instead of %s' % (ours.dtype, expected.dtype))


def _same_cell(a, b):
    return type(a) is type(b) and (a == b or (isinstance(a, float) and a != a and b != b))


def _places(wrong):
    where = np.argwhere(wrong)
    return '%d of %d differ, first at %s' % (len(where), wrong.size, tuple(int(i) for i in where[0]))


def compare_numbers(ours, expected, own, more=0.0):
    """The largest relative difference. `more` is allowed beyond the bar, at each place."""
    ours, expected = _dense(ours), _dense(expected)
    apart, bar = _differences(ours, expected), bar_of(expected, own) + more
    wrong = apart > bar
    if wrong.any():
        place = np.unravel_index(int(np.argmax(apart)), apart.shape)
        raise Differs('%s; worst %r instead of %r, off by %.3g, allowed %.3g' % (
            _places(wrong), ours[place].item(), expected[place].item(), apart[place], np.broadcast_to(bar, apart.shape)[place]))
    scale = largest(expected)
    return float(apart.max()) / scale if scale and apart.size else 0.0


def compare_exactly(ours, expected, may_differ):
    """may_differ tells for a place whether another answer is as good."""
    ours, expected = _dense(ours), _dense(expected)
    if expected.dtype == object:
        wrong = np.array([not _same_cell(a, b) for a, b in zip(ours.ravel(), expected.ravel())]).reshape(expected.shape)
    else:
        wrong = ours != expected
    if expected.dtype.kind == 'f':
        wrong &= ~(np.isnan(ours) & np.isnan(expected))
    for place in map(tuple, np.argwhere(wrong)):
        wrong[place] = not may_differ(place)
    if wrong.any():
        place = tuple(np.argwhere(wrong)[0])
        raise Differs('%s: %r instead of %r' % (_places(wrong), ours[place], expected[place]))
    return 0.0


def _tied_scores(answers):
    """Says of a place in predict() whether the two best scores there are closer than the bar."""
    for method in ('predict_proba', 'decision_function', 'transform'):
        if method in answers:
            scores = answers[method]
            break
    else:
        return lambda place: False

    def tied(place):
        given = scores[place[1]] if isinstance(scores, list) and len(place) > 1 else scores
        if isinstance(given, list) or scipy.sparse.issparse(given) or given.dtype.kind != 'f':
            return False
        row, bar = given[place[0]], bar_of(given, 0.0)
        if np.ndim(row) == 0 or len(row) == 1:
            return bool(np.abs(row).max() <= bar)
        ordered = np.sort(row if method != 'transform' else -row)
        return bool(ordered[-1] - ordered[-2] <= bar)
    return tied


def compare_neighbours(ours, expected, own):
    """Distances as numbers; positions may change places where distances are the same."""
    half = expected.shape[1] // 2
    worst = compare_numbers(ours[:, :half], expected[:, :half], own)
    bar = bar_of(expected[:, :half], own)

    def tied(place):
        distances = expected[place[0], :half]
        return place[1] == half - 1 or (np.abs(distances - distances[place[1]]) <= bar).sum() > 1
    compare_exactly(ours[:, half:], expected[:, half:], tied)
    return worst


def compare_deviations(ours, expected, own):
    """Means, and deviations: those as variances, of which a small one is what remains of two large numbers."""
    mean = compare_numbers(ours[:, 0], expected[:, 0], own)
    return max(mean, compare_numbers(ours[:, 1] ** 2, expected[:, 1] ** 2, own))


def compare_logarithms(ours, expected, own, probability):
    """Logarithms of probabilities, which are exact to the bar: one of p is allowed bar / p, one of nothing anything small."""
    bar, nothing = bar_of(probability, 0.0), probability < np.finfo(probability.dtype).tiny
    ours = np.where(nothing & (ours < np.log(bar)), expected, ours)
    more = np.where(nothing, 0.0, bar / np.where(nothing, 1.0, probability))
    return compare_numbers(ours, expected, own, np.nan_to_num(more))


def compare(method, ours, expected, single, asked):
    """Raises Differs, or returns the largest relative difference."""
    if isinstance(expected, list):
        if not isinstance(ours, list) or len(ours) != len(expected):
            raise Differs('no list of %d arrays' % len(expected))
        singles = single or [None] * len(expected)
        return max(compare(method, *parts, asked) for parts in zip(ours, expected, singles))
    _check_form(ours, expected)
    own = 0.0 if single is None else own_difference(expected, single)
    if asked.is_float32_inside and expected.dtype == np.float64:
        own = max(own, bar_of(_dense(expected).astype(np.float32), 0.0) / OWN_DIFFERENCES)
    if method == 'kneighbors':
        return compare_neighbours(ours, expected, own)
    if method == 'predict_std':
        return compare_deviations(ours, expected, own)
    if expected.dtype.kind == 'f' and not (method == 'predict' and asked.is_label):
        probability = asked.batch.get('predict_proba')
        if method == 'predict_log_proba' and isinstance(probability, np.ndarray) and not asked.knows_logarithms:
            return compare_logarithms(ours, expected, own, probability[:len(expected)])
        return compare_numbers(ours, expected, own)
    return compare_exactly(ours, expected, _tied_scores(asked.batch) if method == 'predict' else lambda place: False)


# --- One case -------------------------------------------------------------------------------------------------------

class Made:
    """A folder that make.py, or boosters/make.py, wrote."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.manifest = json.loads((self.folder / 'manifest.json').read_text())
        self.library = self.manifest.get('library', 'sklearn')
        self.version = self.manifest[self.library]
        self.models = self.manifest['models']

    def rows(self, entry):
        return read_rows(self.folder / entry['rows'])

    def answers(self, entry):
        """The answers to all rows, those one by one, and the classes."""
        with np.load(str(self.folder / entry['answers']), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        batch = {method: unpack(method, held, arrays) for method, held in entry['methods'].items()}
        single = {method: unpack(method + '.single', held, arrays) for method, held in entry['single'].items()}
        classes = unpack('classes', entry['classes'], arrays) if 'classes' in entry else None
        return batch, single, classes


def _count(answer):
    return answer[0].shape[0] if isinstance(answer, list) else answer.shape[0]


def _check_facts(model, entry, made, classes):
    if model.class_name.split('.')[-1] != entry['class']:
        raise Differs('class %s' % model.class_name)
    # XGBoost until 1.2 wrote no third number.
    if any(library != made.library or not (made.version + '.').startswith(version + '.')
           for library, version in model.versions.items()):
        raise Differs('versions %s' % model.versions)
    if 'features' in entry and model.n_features_in_ != entry['features']:
        raise Differs('%s features instead of %s' % (model.n_features_in_, entry['features']))
    if classes is not None:
        ours = model.classes_
        for one, expected in zip([ours] if not isinstance(ours, list) else ours, [classes] if not isinstance(classes, list) else classes):
            _check_form(one, expected)
            compare_exactly(one, expected, lambda place: False)


def _check_names(model, entry):
    if 'names_out' in entry:
        ours = list(model.get_feature_names_out())
        if ours != entry['names_out']:
            raise Differs('%s... instead of %s...' % (ours[:4], entry['names_out'][:4]))


def _run(model, method, rows):
    answer = model.run(method, rows)
    return answer.values if hasattr(answer, 'iloc') else answer  # as asking.ask() has it


def _check_method(model, method, given, asked):
    if method not in model.methods:
        raise Differs('no such method')
    expected, one_by_one = asked.batch[method], asked.single.get(method)
    worst = compare(method, _run(model, method, given), expected, one_by_one, asked)
    if one_by_one is not None:
        ours = joined([_run(model, method, row_of(given, i)) for i in range(_count(one_by_one))])
        try:
            worst = max(worst, compare(method, ours, one_by_one, _first_rows(expected, one_by_one), asked))
        except Differs as error:
            raise Differs('one by one: %s' % error)
    return worst


def _first_rows(expected, single):
    if isinstance(expected, list):
        return [_first_rows(*parts) for parts in zip(expected, single)]
    return expected[:single.shape[0]]


def _check_refused(model, method, rows):
    if method not in model.methods:
        return
    try:
        model.run(method, rows)
    except (cppickle.Error, ValueError, TypeError):
        return
    raise Differs('answers rows that scikit-learn refuses')


def check_case(made, name):
    """The Outcome of one case; it raises nothing."""
    entry = made.models[name]
    outcome = Outcome(name, entry)

    def attempt(what, check, *arguments):
        try:
            return check(*arguments)
        except Differs as error:
            outcome.problems.append((what, str(error)))
        except Exception as error:  # the extension refused or stumbled
            outcome.problems.append((what, '%s: %s' % (type(error).__name__, ' '.join(str(error).split())[:300])))
        return None

    model = attempt('load', cppickle.Model, str(made.folder / entry['file']))
    if model is None:
        return outcome
    rows, (batch, single, classes) = made.rows(entry), made.answers(entry)
    asked = Asked(batch, single, 'classes' in entry, entry['class'].endswith(KNOW_LOGARITHMS),
                  any(re.match(pattern, name) for pattern in FLOAT32_INSIDE))
    attempt('facts', _check_facts, model, entry, made, classes)
    for method in batch:
        given = batch['transform'] if method == 'inverse_transform' else rows
        worst = attempt(method, _check_method, model, method, given, asked)
        if worst is not None:
            outcome.compared[method] = worst
    attempt('names_out', _check_names, model, entry)
    for method in entry['refused']:
        attempt(method, _check_refused, model, method, rows)
    return outcome


def check_folder(folder, parts=()):
    """The Outcomes of all cases whose name contains one of the parts."""
    made = Made(folder)
    return [check_case(made, name) for name in sorted(made.models) if not parts or any(part in name for part in parts)]


def main(folder, parts):
    outcomes = check_folder(folder, parts)
    failed = [outcome for outcome in outcomes if outcome.problems]
    for outcome in failed:
        print(outcome)
    answers = sum(len(outcome.compared) for outcome in outcomes)
    worst = max(((difference, outcome.name, method) for outcome in outcomes for method, difference in outcome.compared.items()),
                default=(0.0, '', ''))
    print('%s: %d models, %d failed; %d answers compared, largest difference %.2g (%s of %s)' % (
        folder, len(outcomes), len(failed), answers, worst[0], worst[2], worst[1]))
    return 1 if failed else 0


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
