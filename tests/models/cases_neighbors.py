"""Neighbours and clusters."""
from casetable import every

CASES = [
    ('KNeighborsClassifier()', 'three/dense,float32,int64,bool,fortran,sparse,frame,dense>float32,dense>sparse,dense>nan '
     'binary,words2,words3,words3_object,bools,floats3,pairs,words_pairs,flags'),
    *every('KNeighborsClassifier(n_neighbors=4, weights={weights}, p={p}, algorithm={algorithm})', 'words3',
           weights=('uniform', 'distance'), p=(1, 2, 3), algorithm=('brute', 'kd_tree', 'ball_tree')),
    *every('KNeighborsClassifier(n_neighbors=6, metric={metric})', 'three', metric=('manhattan', 'chebyshev', 'euclidean', 'cosine')),
    ('KNeighborsClassifier(n_neighbors=3, metric="hamming", algorithm="brute")', 'three/small'),
    ('KNeighborsClassifier(n_neighbors=1)', 'words3 pairs'),
    ('KNeighborsClassifier(n_neighbors=2)', 'three'),
    ('KNeighborsClassifier(n_neighbors=5, weights="distance")', 'pairs binary/sparse,float32,counts'),
    ('KNeighborsRegressor()', 'regression/dense,float32,int64,sparse,frame,dense>float32 regression2 regression_int'),
    *every('KNeighborsRegressor(n_neighbors=3, weights={weights}, algorithm={algorithm})', 'regression',
           weights=('uniform', 'distance'), algorithm=('brute', 'kd_tree', 'ball_tree')),
    ('KNeighborsRegressor(n_neighbors=3, weights="distance", p=1)', 'regression2 regression/counts'),
    ('NearestNeighbors(n_neighbors=3)', 'none/dense,float32'),
    *every('NearestNeighbors(n_neighbors=3, algorithm={algorithm}, metric="manhattan")', 'none', algorithm=('brute', 'kd_tree')),
    ('NearestCentroid()', 'words3/dense,float32,sparse'),

    ('KMeans(n_clusters=3, n_init=2)', 'none/dense,float32,int64,sparse,fortran,frame,dense>float32'),
    ('KMeans(n_clusters=8, n_init=1, init="random")', 'none'),
    ('KMeans(n_clusters=4, n_init=1, algorithm="elkan")', 'none'),
    ('KMeans(n_clusters=2, n_init=1)', 'none+weights'),
    ('MiniBatchKMeans(n_clusters=4, n_init=2, batch_size=30)', 'none/dense,float32,sparse'),
    ('BisectingKMeans(n_clusters=5)', 'none'),
]
