"""Outcomes of models_check against a list of known gaps, and their report."""
import pytest

import command


def gap_of(outcome, what, version, gaps):
    """The gap (case with or without its data, method, versions, reason) that allows this."""
    cases = (outcome.name, outcome.name.split(' @ ')[0])
    return next((gap for gap in gaps if gap[0] in cases and gap[1] == what and version in gap[2].split()), None)


def failures_of(outcomes, version, gaps):
    """What is wrong and no known gap, and gaps that are none."""
    used, failures = set(), []
    for outcome in outcomes:
        problems = [(what, text) for what, text in outcome.problems if not gap_of(outcome, what, version, gaps)]
        used.update(filter(None, (gap_of(outcome, what, version, gaps) for what, _ in outcome.problems)))
        if problems:
            failures.append('%s: %s' % (outcome.name, '; '.join('%s: %s' % problem for problem in problems)))
    for gap in gaps:
        if version in gap[2].split() and gap not in used:
            failures.append('no gap any more, take it off the list: %s' % (gap,))
    return failures


def check(library, version, outcomes, gaps):
    """Fails the test where there are failures, and says them all in a file."""
    failures = failures_of(outcomes, version, gaps)
    path = command.BUILD / 'test-failures' / ('models-%s-%s.txt' % (library, version))
    path.unlink(missing_ok=True)
    print('models of %s %s: %d checked, %d failed' % (library, version, len(outcomes), len(failures)))
    if failures:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('\n'.join(failures) + '\n')
        pytest.fail('%s %s: %d of %d models failed (all of them in %s)\n%s' % (
            library, version, len(failures), len(outcomes), path, '\n'.join(failures[:50])), pytrace=False)
