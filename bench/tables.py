"""The tables of the benchmark in Markdown, and where docs/performance.md holds them."""
import math

BEGIN, END = '<!-- bench:begin -->', '<!-- bench:end -->'


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def number(value, unit=''):
    """Three digits that count, or a dash for what was not measured."""
    if value is None:
        return '-'
    digits = max(0, 2 - math.floor(math.log10(value))) if value > 0 else 0
    return '%.*f%s' % (min(digits, 3), value, unit)


def ratio(theirs, ours):
    """How many times less ours takes, or None."""
    return theirs['ms'] / ours['ms'] if 'ms' in theirs and ours.get('ms') else None


def row(cells):
    return '| ' + ' | '.join(cells) + ' |'


def header(titles):
    return [row(titles), row(['---'] + ['---:'] * (len(titles) - 1))]


def verdict(reached):
    return 'reached' if reached else 'not reached'


def load_table(results, object_rich):
    """One line for each workload: times, ratios, and document memory over the file's size."""
    lines = header(['load, ms', 'file MB', '`_pickle`', 'serde-pickle', 'cppickle', 'x `_pickle`', 'x serde-pickle', 'memory / file'])
    over_python, over_serde = [], []
    for result in results:
        python, serde, ours = result['python'], result['serde'], result['ours']
        growth = ours['peak_growth_bytes'] / result['bytes'] if ours.get('peak_growth_bytes') is not None else None
        lines.append(row([result['name'], number(result['bytes'] / 1e6), number(python.get('ms')), number(serde.get('ms')),
                          number(ours.get('ms')), number(ratio(python, ours)), number(ratio(serde, ours)), number(growth)]))
        if result['name'].split()[0] in object_rich:
            over_python += filter(None, [ratio(python, ours)])
            over_serde += filter(None, [ratio(serde, ours)])
    lines.append(row(['**geometric mean** of the object-rich', '', '', '', '', number(geometric_mean(over_python)),
                      number(geometric_mean(over_serde)), '']))
    return lines


def tools_table(results):
    """dis, optimize and scan beside pickletools."""
    lines = header(['ms', 'scan', 'genops', 'x', 'dis', 'pickletools.dis', 'x', 'optimize', 'pickletools.optimize', 'x'])
    ratios = {'scan': [], 'dis': [], 'optimize': []}
    for result in results:
        cells = [result['name']]
        for mode in ratios:
            ours, theirs = result[mode]
            cells += [number(ours.get('ms')), number(theirs.get('ms')), number(ratio(theirs, ours))]
            ratios[mode] += filter(None, [ratio(theirs, ours)])
        lines.append(row(cells))
    means = [number(geometric_mean(ratios[mode])) for mode in ratios]
    lines.append(row(['**geometric mean**', '', '', means[0], '', '', means[1], '', '', means[2]]))
    return lines


def process_table(results):
    lines = header(['`cppickle show`, whole process', 'file MB', 'CPU ms', 'peak MB'])
    for result in results:
        lines.append(row([result['name'], number(result['bytes'] / 1e6), number(result['run'].get('ms')),
                          number(result['run']['peak_bytes'] / 1e6 if 'peak_bytes' in result['run'] else None)]))
    return lines


def notes(results):
    """What could not be measured, and why."""
    return ['- %s, %s: %s' % (result['name'], peer, result[peer]['error'])
            for result in results for peer in ('python', 'serde', 'ours') if 'error' in result[peer]]


def write_between_markers(path, lines, begin=BEGIN, end=END):
    """Replaces what stands between the markers; False where the page has none."""
    page = path.read_text()
    if begin not in page or end not in page:
        return False
    before, rest = page.split(begin, 1)
    path.write_text('%s%s\n%s\n%s%s' % (before, begin, '\n'.join(lines), end, rest.split(end, 1)[1]))
    return True
