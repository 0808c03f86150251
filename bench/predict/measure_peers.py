"""Runs in the peers' venv: makes each model, measures scikit-learn, ONNX Runtime and cppickle.Model in one process with one
thread, writes the model and its rows for predict_bench, and prints a line of JSON for each.

    measure_peers.py PACKAGE FOLDER [--quick]
"""
import json
import os
import pathlib
import sys
import time
import warnings

for name in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ[name] = '1'
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
sys.path.insert(0, sys.argv[1])
warnings.simplefilter('ignore')

import joblib  # noqa: E402
import numpy  # noqa: E402

import cppickle  # noqa: E402
import models  # noqa: E402


def least(call, rows, seconds=0.4):
    """CPU microseconds a row, the least of many rounds."""
    best, begin, rounds = float('inf'), time.process_time(), 0
    while rounds < 3 or time.process_time() - begin < seconds:
        before = time.process_time_ns()
        call()
        best = min(best, (time.process_time_ns() - before) / 1000 / rows)
        rounds += 1
    return best


def first(rows, count):
    return rows.iloc[:count] if hasattr(rows, 'iloc') else rows[:count]


def both(call, rows):
    one = first(rows, 1)
    return {'one': least(lambda: [call(one) for _ in range(20)], 20), 'batch': least(lambda: call(rows), len(rows))}


def onnx_session(model, rows):
    """A function of rows, by ONNX Runtime with one thread; raises where the converter cannot."""
    import onnxruntime
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    if isinstance(rows, list):
        types = [('text', StringTensorType([None, 1]))]
        feed = lambda rows: {'text': numpy.array(rows, dtype=object).reshape(-1, 1)}  # noqa: E731
    elif hasattr(rows, 'columns'):
        is_text = {name: rows[name].dtype.kind not in 'fi' for name in rows.columns}
        types = [(name, StringTensorType([None, 1]) if text else FloatTensorType([None, 1])) for name, text in is_text.items()]
        feed = lambda rows: {name: rows[name].to_numpy(object if text else numpy.float32).reshape(-1, 1)  # noqa: E731
                             for name, text in is_text.items()}
    else:
        types = [('x', FloatTensorType([None, rows.shape[1]]))]
        feed = lambda rows: {'x': rows.astype(numpy.float32)}  # noqa: E731
    converted = to_onnx(model, initial_types=types, options={'zipmap': False})
    session = onnxruntime.InferenceSession(converted.SerializeToString(), options, providers=['CPUExecutionProvider'])
    return lambda rows: session.run(None, feed(rows))


def write_rows(path, rows):
    listed = rows if isinstance(rows, list) else rows.values.tolist() if hasattr(rows, 'iloc') else rows.tolist()
    path.write_text(''.join(json.dumps(row) + '\n' for row in listed))


def main():
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, kind, model, rows, method) in enumerate(models.all_models('--quick' in sys.argv)):
        path = folder / ('%02d.joblib' % number)
        joblib.dump(model, path)
        write_rows(path.with_suffix('.jsonl'), rows)
        found = {'name': name, 'kind': kind, 'method': method, 'model': str(path), 'rows': str(path.with_suffix('.jsonl')),
                 'sklearn': both(getattr(model, method), rows)}
        ours = cppickle.Model(path)
        found['python'] = both(getattr(ours, method), rows)
        answers, expected = getattr(ours, method)(rows), getattr(model, method)(rows)
        if expected.dtype.kind == 'f':
            found['difference'] = float(numpy.abs(answers - expected).max())
        elif (answers != expected).any():
            raise SystemExit('%s: labels differ' % name)
        try:
            found['onnx'] = both(onnx_session(model, rows), rows)
        except Exception as error:  # what converters raise is of any class
            found['onnx'] = {'error': type(error).__name__}
        print(json.dumps(found), flush=True)


if __name__ == '__main__':
    main()
