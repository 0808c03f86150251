"""Linear models."""
from casetable import every

SEVERAL_CLASSES = ('lbfgs', 'newton-cg', 'newton-cholesky', 'sag', 'saga')
ROWS = 'dense,float32,int64,int32,uint8,bool,fortran,sparse,frame,dense>float32,dense>int64,dense>sparse,frame>dense'

CASES = [
    # Least squares.
    ('LinearRegression()', 'regression/' + ROWS + ',float16,dense>nan,dense>narrow regression2 regression+weights regression32/float32'),
    ('LinearRegression(fit_intercept=False)', 'regression/dense,sparse regression2'),
    ('LinearRegression(normalize=True)', 'regression'),
    ('LinearRegression(positive=True)', 'regression'),
    ('Ridge()', 'regression/dense,float32,sparse regression2 regression32/float32 regression_int/int64'),
    *every('Ridge(alpha=2.5, solver={solver})', 'regression',
           solver=('svd', 'cholesky', 'lsqr', 'sparse_cg', 'sag', 'saga')),
    ('Ridge(solver="lbfgs", positive=True)', 'regression'),
    ('Ridge(alpha=np.array([0.1, 10.0]))', 'regression2'),
    ('Ridge(alpha=0.5, fit_intercept=False)', 'regression/dense,sparse'),
    ('RidgeCV(alphas=[0.1, 1.0, 10.0])', 'regression regression2'),
    ('Lasso(alpha=0.2)', 'regression/dense,float32,sparse regression2'),
    ('Lasso(alpha=0.2, positive=True, selection="random")', 'regression'),
    ('LassoCV(cv=3, alphas=[0.01, 0.1, 1.0])', 'regression'),
    ('ElasticNet(alpha=0.3, l1_ratio=0.7)', 'regression/dense,float32,sparse regression2'),
    ('ElasticNetCV(cv=3, alphas=[0.01, 0.1, 1.0])', 'regression'),
    ('SGDRegressor()', 'regression/counts'),
    ('SGDRegressor(loss="huber", penalty="elasticnet", average=True)', 'regression/counts'),
    ('SGDRegressor(loss="epsilon_insensitive", max_iter=20)', 'regression/counts,counts_sparse'),

    # Logistic regression: solvers, forms of several classes, penalties.
    ('LogisticRegression()', 'binary,three/' + ROWS + ' words2,words3,words3_object,bools,signs,floats3,three32'),
    *every('LogisticRegression(solver={solver})', 'binary,three', solver=SEVERAL_CLASSES + ('liblinear',)),
    *every('LogisticRegression(solver={solver}, multi_class={form})', 'binary,three', solver=SEVERAL_CLASSES,
           form=('ovr', 'multinomial', 'auto')),
    *every('LogisticRegression(solver="liblinear", multi_class={form})', 'binary,three', form=('ovr', 'auto')),
    *every('LogisticRegression(penalty="l1", solver={solver}, C=0.5)', 'binary,three', solver=('liblinear', 'saga')),
    *every('LogisticRegression(l1_ratio={ratio}, solver="saga", C=0.5)', 'three', ratio=(0.0, 0.5, 1.0)),
    ('LogisticRegression(penalty="elasticnet", solver="saga", l1_ratio=0.4)', 'three'),
    ('LogisticRegression(penalty="none")', 'binary,three'),
    ('LogisticRegression(penalty=None)', 'binary,three'),
    ('LogisticRegression(C=0.01, fit_intercept=False)', 'binary,three'),
    ('LogisticRegression(class_weight="balanced", solver="liblinear", intercept_scaling=5.0)', 'words3'),
    ('LogisticRegression(dual=True, solver="liblinear")', 'binary'),
    ('LogisticRegression(multi_class="ovr")', 'words3/float32,sparse'),
    ('LogisticRegression(C=1000000.0, max_iter=1000)', 'binary+weights,three+weights'),
    ('LogisticRegressionCV(Cs=3, cv=3)', 'binary,words3'),
    ('LogisticRegressionCV(Cs=3, cv=3, multi_class="ovr", refit=False)', 'three'),
    ('LogisticRegressionCV(Cs=3, cv=3, penalty="l1", solver="liblinear")', 'binary,three'),

    # Other linear classifiers.
    *every('SGDClassifier(loss={loss})', 'binary,words3', loss=('hinge', 'log', 'log_loss', 'modified_huber', 'squared_hinge',
                                                              'perceptron')),
    ('SGDClassifier(loss="log", average=True, penalty="l1")', 'three/sparse'),
    ('SGDClassifier(loss="log_loss", average=True, penalty="l1")', 'three/sparse,float32'),
    ('Perceptron()', 'binary,words3/dense,float32'),
    ('PassiveAggressiveClassifier()', 'binary,three'),
    ('RidgeClassifier()', 'binary,words3,flags/dense,sparse'),
    ('RidgeClassifierCV(alphas=[0.1, 1.0])', 'words3'),
    ('LinearSVC()', 'binary,words3/dense,float32,sparse'),
    ('LinearSVC(penalty="l1", dual=False, C=0.3)', 'three'),
    ('LinearSVC(multi_class="crammer_singer", fit_intercept=False)', 'three'),
    ('LinearSVC(loss="hinge", class_weight="balanced", intercept_scaling=3.0)', 'binary'),
    ('LinearSVR()', 'regression/dense,float32,sparse'),
    ('LinearSVR(loss="squared_epsilon_insensitive", epsilon=0.1, fit_intercept=False)', 'regression'),
]
