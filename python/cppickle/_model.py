"""Models as native code: scikit-learn's methods on a pickle that is never run."""
from ._cppickle import Error, NativeModel

_KINDS_OF_NUMBERS = "biuf"


def _numpy():
    import numpy
    return numpy


def _column_of(series):
    """A column of a pandas or polars data frame as the extension takes it."""
    numpy = _numpy()
    if hasattr(series, "to_list") and not hasattr(series, "iloc"):  # polars
        if series.dtype.is_numeric() and series.null_count() == 0:
            return series.to_numpy()
        return series.to_list()
    dtype = series.dtype
    if hasattr(dtype, "categories") and hasattr(series, "cat"):
        codes = series.cat.codes.to_numpy().astype(numpy.int32)
        return codes, list(dtype.categories)
    if isinstance(dtype, numpy.dtype):
        if dtype.kind in _KINDS_OF_NUMBERS and dtype.itemsize <= 8:
            values = series.to_numpy()
            return values if dtype.isnative else values.astype(dtype.newbyteorder("="))
        return list(series)
    if getattr(dtype, "kind", "O") in _KINDS_OF_NUMBERS and hasattr(dtype, "numpy_dtype"):  # Int64, Float32, boolean
        if series.isna().any():
            kind = numpy.float32 if dtype.numpy_dtype == numpy.float32 else numpy.float64
            return series.to_numpy(dtype=kind, na_value=numpy.nan)
        return series.to_numpy(dtype=dtype.numpy_dtype)
    return list(series)


def _table_of(frame, names):
    columns = [frame[name] if hasattr(frame, "get_columns") else frame.iloc[:, i] for i, name in enumerate(names)]
    return "table", len(frame), [(name if isinstance(name, str) else None, _column_of(column))
                                 for name, column in zip(names, columns)]


def _rows_of_array(array):
    numpy = _numpy()
    kind = array.dtype.kind
    if array.ndim == 1 and kind in "USO":
        return "texts", array.tolist()
    if array.ndim == 2 and kind in _KINDS_OF_NUMBERS and array.dtype.itemsize <= 8:
        return "dense", array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    if array.ndim == 2 and kind in "USO":
        return "table", len(array), [(None, array[:, i].tolist()) for i in range(array.shape[1])]
    if array.ndim == 1 and kind in _KINDS_OF_NUMBERS:
        return "texts", array.tolist()  # labels for an encoder; others refuse what has one dimension
    raise ValueError("rows of %d dimensions and dtype %s are not supported" % (array.ndim, array.dtype))


def _rows_of(X):
    """What the caller gave, as python/src/model_rows.h describes it."""
    numpy = _numpy()
    if isinstance(X, numpy.ndarray):
        return _rows_of_array(X)
    if hasattr(X, "tocsr"):  # scipy's sparse matrices and arrays
        X = X.tocsr()
        rows, columns = X.shape
        return "sparse", X.indptr.astype(numpy.int64), X.indices.astype(numpy.int32), X.data, rows, columns
    if hasattr(X, "columns") and hasattr(X, "shape"):  # pandas and polars
        return _table_of(X, list(X.columns))
    if hasattr(X, "to_list"):  # a Series
        return "texts", X.to_list()
    if isinstance(X, str):
        raise ValueError("Iterable over raw text documents expected, string object received.")
    X = [X] if isinstance(X, dict) else list(X)
    if X and isinstance(X[0], dict):
        return "records", X
    if X and isinstance(X[0], (str, bytes)):
        return "texts", X
    try:
        array = numpy.asarray(X)
    except ValueError:
        array = numpy.asarray(X, dtype=object)
    if array.ndim == 1 and array.dtype.kind in "US":
        return "texts", X  # numpy would make texts of numbers and NaN among them
    if array.ndim == 2 and array.dtype.kind in "US" and not all(isinstance(cell, str) for row in X for cell in row):
        array = numpy.asarray(X, dtype=object)
    return _rows_of_array(array)


def _reordered(X, names):
    missing = [name for name in names if name not in X.columns]
    if missing:
        raise ValueError("columns are missing: %s" % ", ".join(map(repr, missing)))
    return X[list(names)]


class Model:
    """A fitted estimator, read from a pickle or joblib file (path or bytes), or a model folder of MLflow, without running it.

    It has the methods of the class that was pickled, under their own names, and answers what the version of scikit-learn
    that wrote the file answers. `at` is the path of the model where the file holds more than it: ``"['model']"``.
    With ``reorder=True`` the columns of a data frame are put into the order they had at fit.

    Raises cppickle.Error: code ``unsupported`` names a class that is not known, ``type_mismatch`` says why rows are refused.
    A Model may be used by many threads.
    """

    def __init__(self, source, *, at="", reorder=False, limits=None):
        self._native = NativeModel(source, at, limits)
        self._about = self._native.describe()
        self._reorder = reorder

    @property
    def methods(self):
        """Names of the methods that it has."""
        return tuple(self._about["methods"])

    @property
    def class_name(self):
        return self._about["class"]

    @property
    def versions(self):
        """Of the libraries that wrote the file, as far as it says: {'sklearn': '1.6.1'}."""
        version = self._about["version"]
        return {self.class_name.split(".")[0]: version} if version else {}

    @property
    def n_features_in_(self):
        if self._about["n_features_in"] is None:
            raise AttributeError("n_features_in_")
        return self._about["n_features_in"]

    @property
    def feature_names_in_(self):
        if not self._about["feature_names_in"]:
            raise AttributeError("feature_names_in_")
        return _numpy().array(self._about["feature_names_in"], dtype=object)

    @property
    def classes_(self):
        classes = self._classes()
        if not classes:
            raise AttributeError("classes_")
        return classes[0] if len(classes) == 1 else classes

    @property
    def n_outputs(self):
        return max(1, len(self._about["classes"]))

    def _classes(self):
        made = self.__dict__.get("_class_arrays")
        if made is None:
            numpy = _numpy()
            made = [numpy.array(values, dtype=dtype) for dtype, values in self._about["classes"]]
            self.__dict__["_class_arrays"] = made
        return made

    def get_feature_names_out(self):
        """Names of the columns of transform()."""
        return _numpy().array(self._native.feature_names_out(), dtype=object)

    def run(self, method, X):
        """What the method of that name answers for the rows X: an array, a CSR matrix, or a list of arrays."""
        if self._reorder and hasattr(X, "columns") and self._about["feature_names_in"]:
            X = _reordered(X, self._about["feature_names_in"])
        answer = self._native.run(method, _rows_of(X))
        if method == "transform" and self._about["container"]:
            return self._frame_of(answer, X)
        return self._array_of(answer)

    def _frame_of(self, answer, X):
        """What set_output() asked for (sklearn.utils._set_output): the index is that of a pandas data frame given."""
        form, _, rows, columns, _, _, *data = answer
        library = self._about["container"]
        if form == "sparse":
            raise ValueError("%s output does not support sparse data. Set sparse_output=False to output %s dataframes or "
                             "disable %s output via `ohe.set_output(transform=\"default\")`."
                             % (library.capitalize(), library, library.capitalize()))
        array = self._array_of(answer)
        try:
            names = self._native.feature_names_out()
        except Error:  # a class that cannot tell: the library numbers them
            names = None
        own = {i: dtype for i, dtype in enumerate(data[1]) if dtype not in ("object", "str", "category")} if form == "cells" else {}
        if library == "polars":
            import polars
            if own:
                array = [array[:, i].astype(own[i]) if i in own else list(array[:, i]) for i in range(columns)]
            return polars.DataFrame(array, schema=names, orient="col" if own else "row")
        import pandas
        index = X.index if isinstance(X, (pandas.DataFrame, pandas.Series)) else None
        frame = pandas.DataFrame(array, index=index, columns=names)
        return frame.astype({frame.columns[i]: dtype for i, dtype in own.items()}) if own else frame

    def _array_of(self, answer):
        numpy = _numpy()
        form, dtype, rows, columns, is_vector, parts, *data = answer
        shape = (rows,) if is_vector else (rows, columns)
        if form == "dense":
            array = numpy.frombuffer(data[0], dtype=dtype).reshape(shape)
            if parts is None:
                return array
            ends = numpy.cumsum(parts)
            return [array[:, end - width:end].copy() for width, end in zip(parts, ends)]
        if form == "labels":
            positions = numpy.frombuffer(data[0], dtype=numpy.int64).reshape(shape)
            classes = self._classes()
            if len(classes) == 1:
                return classes[0][positions]
            return numpy.stack([labels[positions[:, i]] for i, labels in enumerate(classes)], axis=1)
        if form == "sparse":
            from scipy.sparse import csr_matrix
            starts = numpy.frombuffer(data[0], dtype=numpy.int64)
            indices = numpy.frombuffer(data[1], dtype=numpy.int32)
            values = numpy.frombuffer(data[2], dtype=dtype)
            return csr_matrix((values, indices, starts), shape=shape)
        array = numpy.empty(rows * columns, dtype=object)
        array[:] = data[0]
        return array.reshape(shape)

    def __getattr__(self, name):
        if not name.startswith("_") and name in self._about["methods"]:
            def method(X, **options):
                return self._with_options(name, X, options)
            method.__name__ = name
            method.__doc__ = "%s.%s(X)" % (self.class_name, name)
            self.__dict__[name] = method
            return method
        raise AttributeError("%s has no method %s" % (self.__dict__.get("_about", {}).get("class", "Model"), name))

    def _with_options(self, name, X, options):
        if name == "predict" and options == {"return_std": True}:
            both = self.run("predict_std", X)
            return both[:, 0].copy(), both[:, 1].copy()
        if any(options.values()):
            raise TypeError("%s() does not take %s" % (name, ", ".join(sorted(options))))
        return self.run(name, X)

    def kneighbors(self, X, return_distance=True):
        """Distances and positions of the nearest rows of the training data, as NearestNeighbors.kneighbors gives them."""
        if "kneighbors" not in self._about["methods"]:
            raise AttributeError("%s has no method kneighbors" % self.class_name)
        both = self.run("kneighbors", X)
        half = both.shape[1] // 2
        positions = both[:, half:].astype(_numpy().int64)
        return (both[:, :half].copy(), positions) if return_distance else positions

    def __dir__(self):
        return sorted(set(super().__dir__()) | set(self.methods))

    def __repr__(self):
        version = self._about["version"]
        return "<cppickle.Model %s%s>" % (self.class_name, " " + version if version else "")
