"""What `cppickle scan --privacy` and `latent` tell of models that scikit-learn fits."""
import json
import pickle
import warnings

import pytest

import command

np = pytest.importorskip('numpy')
pd = pytest.importorskip('pandas')
pytest.importorskip('sklearn')
joblib = pytest.importorskip('joblib')
from scipy import sparse  # noqa: E402
from sklearn import (cluster, decomposition, ensemble, gaussian_process, impute, isotonic, kernel_ridge,  # noqa: E402
                     linear_model, model_selection, neighbors, pipeline, preprocessing, semi_supervised, svm)
from sklearn.feature_extraction import text  # noqa: E402

ROWS = 60
RANDOM = np.random.RandomState(0)
X = RANDOM.rand(ROWS, 4)
Y = (X[:, 0] > 0.5).astype(int)
TEXTS = ['alpha beta gamma', 'beta delta', 'epsilon alpha beta']


def scan(tmp_path, data):
    path = tmp_path / 'model.pkl'
    path.write_bytes(data)
    done = command.run('scan', '--privacy', '--format', 'json', path)
    assert done.returncode in (0, 1, 2), done.stderr
    return json.loads(done.stdout)['files'][0]


def notes_of(tmp_path, model, protocol=4):
    found = scan(tmp_path, pickle.dumps(model, protocol))
    assert not [note for note in found['privacy'] if note['category'] == 'incomplete']
    return {(note['category'], note['path']): note['detail'] for note in found['privacy']}


def fitted(estimator, *arguments):
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        return estimator.fit(*arguments)


# Each with where its rows are, and how many of them there are.
KEEPS_ROWS = [
    (neighbors.KNeighborsClassifier(), '$._fit_X', ROWS),
    (neighbors.KNeighborsRegressor(algorithm='brute'), '$._fit_X', ROWS),
    (neighbors.RadiusNeighborsClassifier(), '$._fit_X', ROWS),
    (neighbors.NearestNeighbors(), '$._fit_X', ROWS),
    (neighbors.LocalOutlierFactor(), '$._fit_X', ROWS),
    (neighbors.KernelDensity(), '$.tree_', ROWS),
    (neighbors.KNeighborsClassifier(algorithm='ball_tree'), '$._tree', ROWS),
    (svm.SVC(), '$.support_vectors_', None),
    (svm.NuSVR(), '$.support_vectors_', None),
    (svm.OneClassSVM(), '$.support_vectors_', None),
    (gaussian_process.GaussianProcessRegressor(), '$.X_train_', ROWS),
    (gaussian_process.GaussianProcessClassifier(), '$.base_estimator_.X_train_', ROWS),
    (kernel_ridge.KernelRidge(), '$.X_fit_', ROWS),
    (decomposition.KernelPCA(n_components=2, kernel='rbf'), '$.X_fit_', ROWS),
    (semi_supervised.LabelPropagation(), '$.X_', ROWS),
    (impute.KNNImputer(), '$._fit_X', ROWS),
    (cluster.DBSCAN(eps=0.5), '$.components_', None),
    (cluster.KMeans(2, n_init=1), '$.labels_', ROWS),
    (pipeline.make_pipeline(preprocessing.StandardScaler(), neighbors.KNeighborsClassifier()), '$.steps[1][1]._fit_X', ROWS),
]


@pytest.mark.parametrize('estimator, path, rows', KEEPS_ROWS, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize('protocol', [0, 2, 5])
def test_models_that_keep_rows(tmp_path, estimator, path, rows, protocol):
    notes = notes_of(tmp_path, fitted(estimator, X, Y), protocol)
    detail = notes['training-rows', path]
    assert detail.startswith('ndarray '), detail
    assert rows is None or '(%d,' % rows in detail


def test_isotonic_regression(tmp_path):
    notes = notes_of(tmp_path, isotonic.IsotonicRegression().fit(X[:, 0], Y))
    assert {('training-rows', '$.X_thresholds_'), ('training-rows', '$.y_thresholds_')} <= set(notes)


def test_sparse_rows_have_a_shape(tmp_path):
    notes = notes_of(tmp_path, neighbors.KNeighborsClassifier().fit(sparse.csr_matrix(X), Y))
    assert notes['training-rows', '$._fit_X'].endswith('csr_matrix (%d, 4)' % ROWS)


@pytest.mark.parametrize('compress', [0, 3])
def test_joblib(tmp_path, compress):
    path = tmp_path / 'model.joblib'
    joblib.dump(neighbors.KNeighborsClassifier().fit(X, Y), path, compress=compress)
    [file] = json.loads(command.run('scan', '--privacy', '--format', 'json', path).stdout)['files']
    assert '(%d, 4)' % ROWS in {note['path']: note['detail'] for note in file['privacy']}['$._fit_X']


@pytest.mark.parametrize('estimator', [linear_model.LinearRegression(), linear_model.LogisticRegression(),
                                       ensemble.RandomForestClassifier(5), ensemble.HistGradientBoostingClassifier(max_iter=5),
                                       preprocessing.StandardScaler(), decomposition.PCA(), svm.LinearSVC()],
                         ids=lambda value: type(value).__name__)
@pytest.mark.parametrize('protocol', [0, 4])
def test_models_that_keep_none(tmp_path, estimator, protocol):
    assert notes_of(tmp_path, fitted(estimator, X, Y), protocol) == {}


def test_search_results(tmp_path):
    search = model_selection.GridSearchCV(linear_model.LogisticRegression(), {'C': [1, 2]}, cv=2).fit(X, Y)
    notes = notes_of(tmp_path, search)
    assert set(notes) == {('search-results', '$.' + name) for name in ('cv_results_', 'best_params_', 'param_grid')}


def test_vocabulary(tmp_path):
    notes = notes_of(tmp_path, text.TfidfVectorizer(stop_words=['gamma']).fit(TEXTS))
    assert notes == {('vocabulary', '$.vocabulary_'): 'dict, 4 entries', ('vocabulary', '$.stop_words'): 'list, 1 item'}


def test_columns_and_labels(tmp_path):
    table = pd.DataFrame(X, columns=['age', 'height', 'weight', 'income'])
    notes = notes_of(tmp_path, linear_model.LogisticRegression().fit(table, np.where(Y, 'ill', 'well')))
    assert notes['columns', '$.feature_names_in_'].endswith(': age, height, weight, income')
    assert ('vocabulary', '$.classes_') in notes


class Mine:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)


@pytest.mark.parametrize('protocol', [0, 2, 5])
def test_classes_of_ones_own(tmp_path, protocol):
    frame = pd.DataFrame({'name': ['Ann'] * 30, 'age': range(30)})
    notes = notes_of(tmp_path, Mine(frame=frame, rows=RANDOM.rand(2000, 3), weights=RANDOM.rand(700, 128), X_train=X), protocol)
    assert set(notes) == {('training-rows', path) for path in ('$.frame', '$.rows', '$.X_train')}
    assert notes['training-rows', '$.frame'].endswith(', 30 rows')


def test_data_that_is_no_model(tmp_path):
    assert notes_of(tmp_path, {'frame': pd.DataFrame(X), 'rows': RANDOM.rand(2000, 3), '_fit_X': X}) == {}


@pytest.mark.parametrize('array', [np.array(['x', 'ann.example@example.org']), np.array([b'x', b'ann.example@example.org']),
                                   np.array(['x', 'ann.example@example.org']).astype('>U30'),
                                   np.array(['x', 'ann.example@example.org'], object)], ids=['U', 'S', 'big', 'object'])
def test_arrays_of_texts(tmp_path, array):
    [((category, _), detail)] = notes_of(tmp_path, {'a': array}).items()
    assert (category, detail) == ('emails', 'an...@example.org')


def test_what_a_lambda_tells(tmp_path):
    """cloudpickle writes the path of the source file."""
    cloudpickle = pytest.importorskip('cloudpickle')
    function = eval(compile('lambda x: x', '/home/alice/train.py', 'eval'), {'__name__': '__main__'})
    found = scan(tmp_path, cloudpickle.dumps(function))['privacy']
    assert ('user-names', 'alice') in {(note['category'], note['detail']) for note in found}


def test_latent(tmp_path):
    def latent(model):
        return scan(tmp_path, pickle.dumps(model))['latent']

    assert latent(linear_model.LogisticRegression().fit(X, Y)) == []
    assert latent(text.TfidfVectorizer()) == []
    [line] = latent(text.TfidfVectorizer(input='filename'))
    assert "input='filename'" in line
    [line] = latent(text.HashingVectorizer(tokenizer=str.split))
    assert 'tokenizer' in line and 'called on use' in line
    [line] = latent(preprocessing.FunctionTransformer(np.log1p))
    assert 'numpy.log1p' in line
    [line] = latent(neighbors.KNeighborsClassifier(n_jobs=-1))
    assert 'n_jobs=-1' in line
    [line] = latent(pipeline.Pipeline([('a', None)], memory='/tmp/cache'))
    assert "'/tmp/cache'" in line
    lines = latent(pipeline.Pipeline([('a', None)], memory=joblib.Memory(tmp_path / 'cache', verbose=0)))
    assert any(line.startswith('joblib.memory.Memory ') for line in lines)
