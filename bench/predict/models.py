"""The models that are measured: name, fitted model, rows, method. Sizes are those of models that people serve."""
import numpy
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

ROWS = 1000
WORDS = 20_000


def numbers(rows, columns, classes, seed):
    random = numpy.random.RandomState(seed)
    rows_ = random.randn(rows, columns)
    score = rows_[:, 0] + rows_[:, 1] * rows_[:, 2] + 0.5 * random.randn(rows)
    return rows_, numpy.digitize(score, numpy.quantile(score, numpy.arange(1, classes) / classes))


def documents(count, seed):
    """Texts of about 524 bytes over a vocabulary that is used as words are: few often, most seldom."""
    random = numpy.random.RandomState(seed)
    letters = numpy.array(list('etaoinshrdlucmfwypvbgk'))
    words = numpy.array([''.join(random.choice(letters, random.randint(3, 9))) for _ in range(WORDS)])
    ranks = numpy.minimum((random.pareto(0.9, (count, 80)) * 20).astype(int), WORDS - 1)
    return [' '.join(words[line])[:524] for line in ranks]


def frame(rows, seed):
    import pandas
    random = numpy.random.RandomState(seed)
    columns = {'n%d' % i: random.randn(rows) for i in range(8)}
    columns.update({'c%d' % i: random.choice(['red', 'green', 'blue', 'black', 'white'], rows) for i in range(4)})
    return pandas.DataFrame(columns), random.randint(0, 2, rows)


def all_models(quick):
    """(name, kind, model, rows, method). `kind` is the row of the table of what is wanted."""
    trees = 10 if quick else 100
    x, y = numbers(2000 if quick else 10_000, 28, 2, 0)
    x3, y3 = numbers(2000, 28, 3, 1)
    rows = x[:ROWS]
    yield 'random forest, 100 trees', 'trees', RandomForestClassifier(trees, max_depth=12, n_jobs=1, random_state=0).fit(x, y), rows, 'predict_proba'
    yield 'gradient boosting, 100 x 3', 'trees', GradientBoostingClassifier(n_estimators=trees, random_state=0).fit(x[:2000], y[:2000]), rows, 'predict_proba'
    yield 'hist gradient boosting, 200 x 31', 'trees', HistGradientBoostingClassifier(max_iter=2 * trees, random_state=0).fit(x, y), rows, 'predict_proba'
    yield 'scaler + logistic', 'linear', make_pipeline(StandardScaler(), LogisticRegression()).fit(x, y), rows, 'predict_proba'
    yield 'scaler + logistic, 3 classes', 'linear', make_pipeline(StandardScaler(), LogisticRegression()).fit(x3, y3), rows, 'predict_proba'
    yield 'scaler + PCA + logistic', 'linear', make_pipeline(StandardScaler(), PCA(10), LogisticRegression()).fit(x, y), rows, 'predict_proba'
    table, target = frame(2000, 2)
    columns = ColumnTransformer([('n', StandardScaler(), list(table.columns[:8])), ('c', OneHotEncoder(), list(table.columns[8:]))])
    yield 'columns (8 numbers, 4 texts) + logistic', 'linear', make_pipeline(columns, LogisticRegression()).fit(table, target), table[:ROWS], 'predict_proba'
    texts = documents(500 if quick else 3000, 3)
    labels = numpy.arange(len(texts)) % 2
    yield 'tf-idf + logistic', 'text', make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, labels), texts[:ROWS], 'predict_proba'
    yield 'MLP (100, 50)', '', MLPClassifier((100, 50), max_iter=5, random_state=0).fit(x[:2000], y[:2000]), rows, 'predict_proba'
    yield 'SVC, rbf', '', SVC().fit(x[:3000], y[:3000]), rows, 'predict'
    neighbours, near = numbers(10_000, 8, 2, 4)
    yield 'k neighbours, 10,000 x 8', '', KNeighborsClassifier().fit(neighbours, near), neighbours[:ROWS] + 0.01, 'predict'
