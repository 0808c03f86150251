"""Support vectors, Gaussian processes and multi-layer perceptrons."""
from casetable import every

SVC_ROWS = 'dense,float32,int64,bool,fortran,sparse,frame,dense>float32,dense>sparse,sparse>dense,dense>nan'

CASES = [
    ('SVC()', 'binary,three/' + SVC_ROWS + ' words2,words3,words3_object,bools,signs,floats3 three+weights'),
    *every('SVC(kernel={kernel}, C=0.7, gamma=0.02)', 'binary,three', kernel=('linear', 'poly', 'rbf', 'sigmoid')),
    *every('SVC(kernel={kernel}, gamma=0.05, coef0=0.8, degree=2)', 'words3/dense,sparse', kernel=('poly', 'sigmoid')),
    *every('SVC(gamma={gamma})', 'three', gamma=('scale', 'auto', 0.02)),
    ('SVC(probability=True, gamma=0.05)', 'binary,words3/dense,sparse,float32'),
    ('SVC(probability=True, kernel="linear", class_weight="balanced")', 'words2 three'),
    *every('SVC(gamma=0.05, decision_function_shape={shape})', 'binary,words3', shape=('ovo', 'ovr')),
    ('SVC(gamma=0.05, break_ties=True, decision_function_shape="ovr")', 'words3'),
    ('SVC(gamma=0.05, probability=True, decision_function_shape="ovo")', 'three'),
    ('NuSVC(gamma=0.05)', 'binary,words3/dense,sparse'),
    ('NuSVC(gamma=0.05, nu=0.3, probability=True, decision_function_shape="ovo")', 'three binary'),
    ('SVR()', 'regression/dense,float32,int64,sparse,frame,dense>sparse'),
    *every('SVR(kernel={kernel}, C=3.0, epsilon=0.3, gamma=0.01, coef0=0.5, degree=2)', 'regression',
           kernel=('linear', 'poly', 'rbf', 'sigmoid')),
    ('NuSVR(gamma=0.05, C=5.0)', 'regression/dense,sparse'),
    ('OneClassSVM(gamma=0.05, nu=0.2)', 'none/dense,sparse'),

    ('GaussianProcessRegressor()', 'regression/counts'),
    ('GaussianProcessRegressor(alpha=0.1, normalize_y=True)', 'regression regression2'),
    ('GaussianProcessRegressor(RBF(3.0), alpha=0.5, optimizer=None)', 'regression/dense,float32,frame'),
    ('GaussianProcessRegressor(ConstantKernel(2.0) * RBF([1.0, 2.0, 3.0, 1.0, 5.0, 1.0]) + WhiteKernel(0.5), optimizer=None)', 'regression'),
    *every('GaussianProcessRegressor(Matern(4.0, nu={nu}), alpha=0.5, optimizer=None)', 'regression', nu=(0.5, 1.5, 2.5)),
    ('GaussianProcessRegressor(RationalQuadratic(3.0, 0.7) + 0.01 * DotProduct(1.5), alpha=1.0, optimizer=None)', 'regression'),
    ('GaussianProcessRegressor(ExpSineSquared(2.0, 7.0) * RBF(9.0), alpha=20.0, optimizer=None)', 'regression'),
    ('GaussianProcessRegressor(RBF(2.0) ** 2, alpha=1.0, normalize_y=True)', 'regression'),

    ('MLPClassifier(hidden_layer_sizes=(7,), max_iter=15)',
     'binary,three/dense,float32,int64,sparse,frame words2,words3,bools,flags'),
    *every('MLPClassifier(hidden_layer_sizes=(5, 4), activation={activation}, max_iter=15)', 'binary,words3',
           activation=('identity', 'logistic', 'tanh', 'relu')),
    ('MLPClassifier(hidden_layer_sizes=(6,), solver="lbfgs", max_iter=20)', 'three'),
    ('MLPClassifier(hidden_layer_sizes=(6,), solver="sgd", early_stopping=True, max_iter=20)', 'three'),
    ('MLPClassifier(hidden_layer_sizes=(), max_iter=15)', 'three'),
    ('MLPRegressor(hidden_layer_sizes=(7,), max_iter=15)', 'regression/dense,float32,sparse regression2'),
    *every('MLPRegressor(hidden_layer_sizes=(5, 4, 3), activation={activation}, solver="lbfgs", max_iter=10)', 'regression',
           activation=('identity', 'logistic', 'tanh', 'relu')),
    ('MLPRegressor(hidden_layer_sizes=(5,), loss="poisson", max_iter=15)', 'positive/counts'),
]
