"""The tables of the Python benchmark: aligned and coloured for a terminal, in Markdown for
docs/performance.md.
"""
import os
import pathlib
import re
import sys

import targets
import timing

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # tables
import tables  # noqa: E402

BEGIN, END = '<!-- bench-python:begin -->', '<!-- bench-python:end -->'
DUMPS, DUMP, LOADS, LOAD, BYTESIO = timing.DIRECTIONS
GOOD, BAD = '\033[32m', '\033[31m'
GAIN = 1.05
UNLIKE = '\\*'


class Ratio(str):
    """A cell with a ratio; a terminal shows it in colour."""

    def __new__(cls, value):
        cell = super().__new__(cls, '%.2f' % value)
        cell.colour = BAD if value < targets.NEVER_BELOW else GOOD if value >= GAIN else ''
        return cell


class Verdict(str):
    def __new__(cls, reached):
        cell = super().__new__(cls, {True: 'reached', False: 'not reached', None: 'not measured'}[reached])
        cell.colour = {True: GOOD, False: BAD, None: ''}[reached]
        return cell


def number(value):
    """Three digits that count: a message takes a microsecond and has a hundred bytes."""
    return '%#.3g' % value if value < 100 else '%.0f' % value


def ratio_table(results, mode):
    """A line for each workload; the `_pickle` columns are milliseconds, the others ratios over it."""
    title = 'collector as it is' if mode == 'on' else 'collector off'
    lines = [[title, 'MB', '`_pickle` dumps, ms', 'x dumps', 'x dump(file)',
              '`_pickle` loads, ms', 'x loads', 'x load(file)', 'x load(BytesIO)']]
    for result in results:
        times = result['results']
        ratios = {direction: Ratio(targets.ratio(result, direction, mode)) for direction in timing.DIRECTIONS}
        lines.append([result['name'], number(result['bytes'] / 1e6),
                      number(times[DUMPS][mode]['_pickle']), ratios[DUMPS], ratios[DUMP],
                      number(times[LOADS][mode]['_pickle']), ratios[LOADS], ratios[LOAD], ratios[BYTESIO]])
    means = {direction: Ratio(targets.mean_of(results, direction, mode)) for direction in timing.DIRECTIONS}
    lowest = {direction: Ratio(min(targets.ratio(result, direction, mode) for result in results))
              for direction in timing.DIRECTIONS}
    for title, row in (('**geometric mean**', means), ('**lowest**', lowest)):
        lines.append([title, '', '', row[DUMPS], row[DUMP], '', row[LOADS], row[LOAD], row[BYTESIO]])
    return lines


def other_cell(result, name, direction):
    found = result['others'].get(name)
    return number(found[direction]) + (UNLIKE if found['unlike'] else '') if found else '-'


def others_table(results, module):
    """Milliseconds of all that can carry the values."""
    lines = [['ms', '`_pickle` dumps', module + ' dumps', 'marshal', 'msgspec',
              '`_pickle` loads', module + ' loads', 'marshal', 'msgspec']]
    for result in results:
        line = [result['name']]
        for function, direction in (('dumps', DUMPS), ('loads', LOADS)):
            times = result['results'][direction]['on']
            line += [number(times['_pickle']), number(times['module'])]
            line += [other_cell(result, name, function) for name in ('marshal', 'msgspec')]
        lines.append(line)
    return lines


def compact_table(results):
    """Nothing where the module has no compact=True."""
    lines = [['compact=True', 'MB', 'compact MB', 'dumps, ms', 'compact, ms', 'x',
              'loads, ms', 'of compact, ms', 'x']]
    for result in results:
        found = result['compact']
        if found:
            lines.append([result['name'], number(found['bytes'] / 1e6), number(found['compact_bytes'] / 1e6),
                          number(found['dumps']), number(found['compact']),
                          Ratio(found['dumps'] / found['compact']), number(found['loads']),
                          number(found['compact_loads']), Ratio(found['loads'] / found['compact_loads'])])
    return lines if len(lines) > 1 else []


def target_table(judged):
    lines = [['to reach', 'at least', 'measured', 'lowest at', '']]
    for target, found in judged:
        value, where = found or (None, '')
        reached = None if value is None else value >= target.least
        measured = '-' if value is None else '%.2f' % value
        lines.append([target.text, '%.2f' % target.least, measured, where, Verdict(reached)])
    return lines


def notes(everything):
    """What was left out, failed, or is worth a look."""
    names = {}
    for result in everything:
        said = list(result.get('notes', ()))
        said += ['failed: ' + result['error']] if 'error' in result else []
        said += ['left out: ' + result['left_out']] if 'left_out' in result else []
        for text in said:
            names.setdefault(text, []).append(result['name'])
    return ['%s: %s' % ('all' if len(who) == len(everything) > 1 else ', '.join(who), text)
            for text, who in names.items()]


def sections(everything, version, module, complete):
    """The tables of one interpreter as lists of lines of cells; the first line is the header."""
    results = [result for result in everything if 'results' in result]
    if not results:
        return []
    made = [ratio_table(results, 'on'), ratio_table(results, 'off'), others_table(results, module),
            compact_table(results), target_table(targets.judged(results, version, complete))]
    return [table for table in made if table]


def in_markdown(title, made, noted):
    lines = ['### ' + title, '']
    for table in made:
        lines += tables.header(table[0]) + [tables.row(line) for line in table[1:]] + ['']
    return lines + ['- ' + note for note in noted] + ([''] if noted else [])


def coloured(stream):
    return stream.isatty() and 'NO_COLOR' not in os.environ


def on_terminal(title, made, noted, colours):
    """Columns aligned: the first and words to the left, numbers to the right."""
    lines = ['', title]
    for table in made:
        plain = [[re.sub(r'[`\\]|\*\*', '', cell) for cell in line] for line in table]
        widths = [max(map(len, column)) for column in zip(*plain)]
        lines.append('')
        for line, cells in zip(table, plain):
            shown = []
            for place, (cell, text, width) in enumerate(zip(line, cells, widths)):
                text = text.ljust(width) if place == 0 or isinstance(cell, Verdict) else text.rjust(width)
                colour = getattr(cell, 'colour', '') if colours else ''
                shown.append(colour + text + '\033[0m' if colour else text)
            lines.append('  '.join(shown).rstrip())
    return lines + ([''] + noted if noted else [])
