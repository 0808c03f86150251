"""Rows and answers on disk, without pickles: who makes models writes them, who compares reads them."""
import json

import numpy as np
import scipy.sparse


# --- Cells ----------------------------------------------------------------------------------------------------------

def plain(value):
    """A cell as JSON writes it; numpy's scalars as Python's. NaN stays NaN."""
    if hasattr(value, 'item'):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError('no cell: %r' % (value,))


def _plain_list(values):
    return [plain(value) for value in values]


def _object_array(shape, cells):
    array = np.empty(len(cells), dtype=object)
    array[:] = cells
    return array.reshape(shape)


# --- Rows -----------------------------------------------------------------------------------------------------------

def write_rows(path, rows):
    """Writes path.npy, path.npz or path.json; returns the name of the form."""
    if isinstance(rows, np.ndarray) and rows.dtype.kind != 'O':
        np.save(path + '.npy', rows, allow_pickle=False)
        return 'npy'
    if scipy.sparse.issparse(rows):
        np.savez(path + '.npz', format=np.array(rows.format), data=rows.data, indices=rows.indices, indptr=rows.indptr,
                 shape=np.array(rows.shape))
        return 'npz'
    with open(path + '.json', 'w') as file:
        json.dump(_described(rows), file)
    return 'json'


def _described(rows):
    if isinstance(rows, np.ndarray):
        return {'form': 'objects', 'shape': rows.shape, 'cells': _plain_list(rows.ravel())}
    if hasattr(rows, 'iloc'):
        return {'form': 'frame', 'columns': [_described_column(name, rows[name]) for name in rows.columns]}
    return {'form': 'list', 'items': rows}


def _described_column(name, column):
    described = {'name': name, 'dtype': str(column.dtype)}
    if described['dtype'] == 'category':
        categories = column.cat.categories
        described.update(codes=_plain_list(column.cat.codes), categories=_plain_list(categories),
                         categories_dtype=str(categories.dtype), ordered=bool(column.cat.ordered))
    else:
        described['values'] = _plain_list(column)
    return described


def read_rows(path):
    """The rows of a file that write_rows made."""
    path = str(path)
    if path.endswith('.npy'):
        return np.load(path, allow_pickle=False)
    if path.endswith('.npz'):
        parts = np.load(path, allow_pickle=False)
        kind = {'csr': scipy.sparse.csr_matrix, 'csc': scipy.sparse.csc_matrix}[str(parts['format'])]
        return kind((parts['data'], parts['indices'], parts['indptr']), shape=tuple(parts['shape']))
    with open(path) as file:
        described = json.load(file)
    if described['form'] == 'objects':
        return _object_array(described['shape'], described['cells'])
    if described['form'] == 'list':
        return described['items']
    import pandas
    return pandas.DataFrame({column['name']: _column(column) for column in described['columns']})


def _column(described):
    import pandas
    if described['dtype'] == 'category':
        categories = pandas.Index(described['categories'], dtype=described['categories_dtype'])
        return pandas.Series(pandas.Categorical.from_codes(described['codes'], categories, ordered=described['ordered']))
    return pandas.Series(described['values'], dtype=described['dtype'])


def row_of(rows, index):
    """One row, in the same form."""
    if hasattr(rows, 'iloc'):
        return rows.iloc[index:index + 1]
    return rows[index:index + 1]


def count_of(rows):
    return rows.shape[0] if hasattr(rows, 'shape') else len(rows)


# --- Answers: an array, a sparse matrix or a list of arrays ----------------------------------------------------------

def pack(name, answer, arrays):
    """Adds the arrays that hold the answer; returns how it is held, which unpack wants to be told."""
    if isinstance(answer, list):
        return [pack('%s.%d' % (name, i), part, arrays) for i, part in enumerate(answer)]
    if scipy.sparse.issparse(answer):
        answer = answer.tocsr()
        arrays.update({name + '.data': answer.data, name + '.indices': answer.indices, name + '.indptr': answer.indptr,
                       name + '.shape': np.array(answer.shape)})
        return 'sparse'
    if answer.dtype.kind == 'O':
        arrays[name + '.json'] = np.array(json.dumps({'shape': answer.shape, 'cells': _plain_list(answer.ravel())}))
        return 'objects'
    arrays[name] = answer
    return 'array'


def unpack(name, held, arrays):
    if isinstance(held, list):
        return [unpack('%s.%d' % (name, i), part, arrays) for i, part in enumerate(held)]
    if held == 'sparse':
        return scipy.sparse.csr_matrix(tuple(arrays[name + part] for part in ('.data', '.indices', '.indptr')),
                                       shape=tuple(arrays[name + '.shape']))
    if held == 'objects':
        described = json.loads(str(arrays[name + '.json']))
        return _object_array(described['shape'], described['cells'])
    return arrays[name]


def joined(answers):
    """One answer from the answers for one row each."""
    first = answers[0]
    if isinstance(first, list):
        return [joined([answer[i] for answer in answers]) for i in range(len(first))]
    if scipy.sparse.issparse(first):
        return scipy.sparse.vstack(answers).tocsr()
    return np.concatenate(answers)
