"""docs/models-coverage.md: which classes of which scikit-learns were compared, from the outcomes of models_check."""
import collections
import pathlib

PAGE = pathlib.Path(__file__).resolve().parents[2] / 'docs' / 'models-coverage.md'

HEAD = '''# Models: what is compared with scikit-learn

Each number counts models of that class that this scikit-learn fitted, pickled and answered questions with, and whose answers
`cppickle.Model` gave the same way: with other hyper-parameters, rows (dense of all types, sparse, data frames, texts, missing
values) and targets. "5 of 7" means that two differ or are not supported; a dash that this version has no such class. Classes
inside others (the steps of a Pipeline) count for the outer class. The bar is at the top of `tests/python/models_check.py`, the
models are in `tests/models/cases_*.py`. Written by `CPPICKLE_ALL_MODELS=1 pytest tests/python/test_models.py`; do not edit.

'''


def _version_order(version):
    return [int(''.join(digit for digit in part if digit.isdigit()) or 0) for part in version.split('.')]


def page(outcomes_of):
    """The text of the page; outcomes_of is {version: [Outcome]}."""
    versions = sorted(outcomes_of, key=_version_order)
    classes, cells = collections.defaultdict(set), collections.defaultdict(lambda: [0, 0])
    for version in versions:
        for outcome in outcomes_of[version]:
            classes[outcome.class_name].update(outcome.compared)
            cell = cells[outcome.class_name, version]
            cell[0] += not outcome.problems
            cell[1] += 1
    lines = ['| class | methods | %s |' % ' | '.join(versions), '|---|---|%s' % ('--:|' * len(versions))]
    for name in sorted(classes):
        counts = []
        for version in versions:
            good, all_of_them = cells.get((name, version), (0, 0))
            counts.append('-' if not all_of_them else str(good) if good == all_of_them else '%d of %d' % (good, all_of_them))
        lines.append('| %s | %s | %s |' % (name, ', '.join(sorted(classes[name])) or '-', ' | '.join(counts)))
    answers = sum(len(outcome.compared) for outcomes in outcomes_of.values() for outcome in outcomes)
    models = sum(len(outcomes) for outcomes in outcomes_of.values())
    end = '\n%d models of %d classes, %d answers.\n' % (models, len(classes), answers)
    return HEAD + '\n'.join(lines) + '\n' + end


def write(outcomes_of, path=PAGE):
    path.write_text(page(outcomes_of))
