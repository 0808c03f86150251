#!/usr/bin/env python3
"""Measures models beside scikit-learn and ONNX Runtime, and writes the table of docs/performance.md.

    run.py [--quick] [--no-docs]

CPU microseconds a row with one thread, the least of many rounds, all in one run on one processor. The peers are in a venv
of their own below .cache/bench-predict/ (requirements-bench-predict.txt).
"""
import argparse
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import measure  # noqa: E402
import tables  # noqa: E402

BEGIN, END = '<!-- bench-predict:begin -->', '<!-- bench-predict:end -->'
VENV = measure.REPOSITORY / '.cache' / 'bench-predict'
PROGRAM = measure.REPOSITORY / 'build' / 'bin' / 'predict_bench'

# How many times less CPU than scikit-learn one row must take, by kind; a batch must never take more.
WANTED_ONE = {'trees': 100, 'linear': 50, 'text': 20}
WANTED_START = {'ms': 50, 'peak_bytes': 10}


def package():
    lines = (measure.REPOSITORY / 'build' / 'python' / 'packages.txt').read_text().splitlines()
    return lines[0].split('=', 1)[1]


def measure_all(python, folder, quick):
    command = [python, HERE / 'measure_peers.py', package(), folder, *(['--quick'] if quick else [])]
    results = []
    for found in measure.lines_of(command):
        if 'error' in found:
            raise SystemExit(found['error'])
        found['cpp'] = measure.lines_of([PROGRAM, found['model'], found['method'], found['rows']])[0]
        print('bench: %s: %s' % (found['name'], {key: found[key] for key in ('sklearn', 'onnx', 'python', 'cpp')}), file=sys.stderr)
        results.append(found)
    return results


def times(theirs, ours, key):
    return theirs[key] / ours[key] if key in theirs and ours.get(key) else None


def table(results):
    lines = tables.header(['us a row', 'sklearn, 1', 'ONNX, 1', 'Python, 1', 'C++, 1', 'x sklearn', 'x ONNX',
                           'sklearn, 1000', 'ONNX, 1000', 'Python, 1000', 'C++, 1000', 'x sklearn', 'x ONNX'])
    for found in results:
        cells = [found['name']]
        for key in ('one', 'batch'):
            cells += [tables.number(found[who].get(key)) for who in ('sklearn', 'onnx', 'python', 'cpp')]
            cells += [tables.number(times(found[who], found['cpp'], key)) for who in ('sklearn', 'onnx')]
        lines.append(tables.row(cells))
    return lines


def targets(results, start):
    lines = tables.header(['to reach', 'at least', 'measured', ''])
    for found in results:
        if found['kind']:
            lines.append(target('%s, one row over scikit-learn' % found['name'], WANTED_ONE[found['kind']],
                                times(found['sklearn'], found['cpp'], 'one')))
    for found in results:
        lines.append(target('%s, batch over scikit-learn' % found['name'], 1, times(found['sklearn'], found['cpp'], 'batch')))
    for key, name in (('ms', 'CPU'), ('peak_bytes', 'memory')):
        lines.append(target('process to first prediction, %s over Python with scikit-learn' % name, WANTED_START[key],
                            start['sklearn'][key] / start['cppickle'][key]))
    return lines


def target(name, wanted, measured):
    reached = measured is not None and measured >= wanted
    return tables.row([name, tables.number(wanted), tables.number(measured), tables.verdict(reached)])


def cold_start(python, results, folder):
    """Process to first prediction of a small model."""
    model = next(found['model'] for found in results if found['name'] == 'scaler + logistic')
    row = folder / 'row.csv'
    row.write_text(','.join('x%d' % i for i in range(28)) + '\n' + ','.join(['0.5'] * 28) + '\n')
    return {'cppickle': measure.whole_process([measure.COMMAND, 'predict', '--method', 'predict_proba', model, row], 20),
            'sklearn': measure.whole_process([python, HERE / 'cold_start.py', model], 5)}


def start_table(start):
    lines = tables.header(['process to first prediction', 'CPU ms', 'peak MB'])
    for name, found in start.items():
        lines.append(tables.row([name, tables.number(found['ms']), tables.number(found['peak_bytes'] / 1e6)]))
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true', help='small models, no page')
    parser.add_argument('--no-docs', action='store_true', help='leave docs/performance.md as it is')
    options = parser.parse_args()
    folder = measure.REPOSITORY / 'build' / 'bench-data' / ('predict-quick' if options.quick else 'predict')
    python = measure.install_peers(VENV, 'requirements-bench-predict.txt') / 'python'
    results = measure_all(python, folder, options.quick)
    start = cold_start(python, results, folder)
    (folder / 'results.json').write_text(json.dumps(results, indent=1))
    lines = [*table(results), '', *start_table(start), '', *targets(results, start)]
    print('\n'.join(lines))
    if not options.quick and not options.no_docs:
        tables.write_between_markers(measure.REPOSITORY / 'docs' / 'performance.md', lines, BEGIN, END)


if __name__ == '__main__':
    main()
