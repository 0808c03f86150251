"""Pipelines, unions, column transformers, searches and estimators of estimators."""
from casetable import every

NUMBERS = '["age", "income", "visits"]'
WORDS = '["city", "level"]'
MIXED = ('ColumnTransformer([("numbers", StandardScaler(), %s), ("words", OneHotEncoder(handle_unknown="ignore"), %s)]{more})'
         % (NUMBERS, WORDS))
PREPARED = ('ColumnTransformer([("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), %s), '
            '("words", make_pipeline(SimpleImputer(strategy="constant", fill_value="?"), OneHotEncoder(handle_unknown="ignore")), %s)])'
            % (NUMBERS, WORDS))
# Ways to name columns of six numbers, alone or of a data frame.
POSITIONS = ('[0, 3]', 'slice(1, 4)', '[True, False, True, False, False, True]', 'np.array([2, 0])', '[-1, -6]', 'slice(None, -2)',
             '[0, 1, 2, 3, 4, 5]', '[]')
NAMES = ('["width", "is_new"]', 'slice("width", "half")', '["tilt"]', 'make_column_selector(pattern="^[a-z]+$")',
         'make_column_selector(dtype_include=np.number)')

CASES = [
    ('Pipeline([("scale", StandardScaler()), ("model", LogisticRegression())])',
     'binary,words3/dense,float32,frame,dense>float32,dense>nan'),
    ('make_pipeline(MinMaxScaler(), SVC(gamma=0.5, probability=True))', 'words3/dense,float32'),
    ('make_pipeline(StandardScaler(), PCA(3), KNeighborsClassifier(3))', 'three/dense,float32,int64'),
    ('make_pipeline(PolynomialFeatures(2), StandardScaler(), Ridge())', 'regression/dense,float32'),
    ('make_pipeline(SimpleImputer(), StandardScaler(), RandomForestClassifier(n_estimators=3))', 'three/nan,nan32,frame'),
    ('make_pipeline(Imputer(), GradientBoostingRegressor(n_estimators=3))', 'regression/nan'),
    ('make_pipeline(SelectKBest(k=3), GaussianNB())', 'three'),
    ('make_pipeline(StandardScaler(), PCA(2, whiten=True))', 'none/dense,float32,frame'),
    ('make_pipeline(StandardScaler(), MLPClassifier((4,), max_iter=10))', 'words3/dense,float32'),
    ('Pipeline([("skip", None), ("model", Ridge())])', 'regression'),
    ('Pipeline([("skip", "passthrough"), ("scale", RobustScaler()), ("model", "passthrough")])', 'regression'),
    ('make_pipeline(make_pipeline(StandardScaler(), MaxAbsScaler()), Lasso(0.1))', 'regression'),
    ('make_pipeline(StandardScaler(), IsolationForest(n_estimators=4))', 'none'),
    ('make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression())', 'binary/words>words_unknown,small'),
    ('make_pipeline(StandardScaler(with_mean=False), LogisticRegression())', 'words3/sparse,csc'),

    ('FeatureUnion([("scale", StandardScaler()), ("pca", PCA(2))])', 'none/dense,float32,frame'),
    ('FeatureUnion([("scale", StandardScaler()), ("pca", PCA(2))], transformer_weights={"pca": 10.0})', 'none'),
    ('FeatureUnion([("scale", MinMaxScaler()), ("gone", "drop"), ("best", SelectKBest(k=1))])', 'three'),
    ('FeatureUnion([("scale", MinMaxScaler()), ("kept", "passthrough")])', 'three/dense,float32'),
    ('FeatureUnion([("a", MaxAbsScaler()), ("b", OneHotEncoder(handle_unknown="ignore"))])', 'none/counts_int'),
    ('make_pipeline(FeatureUnion([("scale", StandardScaler()), ("svd", TruncatedSVD(2))]), LinearRegression())', 'regression'),

    # Column transformers: every way to name columns, what becomes of the rest, sparse or dense.
    *[('ColumnTransformer([("a", StandardScaler(), %s), ("b", MinMaxScaler(), %s)])' % (columns, POSITIONS[i - 1]), 'none/dense,frame')
      for i, columns in enumerate(POSITIONS)],
    *[('ColumnTransformer([("a", StandardScaler(), %s)], remainder="passthrough")' % columns, 'none/frame') for columns in NAMES],
    *[('ColumnTransformer([("a", StandardScaler(), %s)], remainder=MaxAbsScaler())' % columns, 'none/float32,frame')
      for columns in POSITIONS[:5]],
    ('ColumnTransformer([("a", "passthrough", [1, 2]), ("b", "drop", [0]), ("c", MinMaxScaler(), [1])], remainder="passthrough")',
     'none/dense,float32,int64,frame'),
    ('ColumnTransformer([("a", StandardScaler(), [0, 1]), ("b", Normalizer(), [2, 3])], transformer_weights={"a": 0.5})', 'none'),
    ('ColumnTransformer([("a", StandardScaler(with_mean=False), [0, 1]), ("b", MaxAbsScaler(), [5])], remainder="passthrough")', 'none/sparse,csc'),
    ('make_column_transformer((StandardScaler(), [0, 1]), (OneHotEncoder(handle_unknown="ignore"), [5]))', 'none/dense'),

    # Data frames as answers (scikit-learn 1.2 and later) and as what sklearn-pandas takes apart.
    ('StandardScaler().set_output(transform="pandas")', 'none/dense,frame'),
    ('SelectKBest(k=3).set_output(transform="pandas")', 'three/frame'),
    ('make_pipeline(StandardScaler(), SelectKBest(k=2)).set_output(transform="pandas")', 'three/frame'),
    ('ColumnTransformer([("n", StandardScaler(), ["income", "ratio"]), ("w", OneHotEncoder(sparse_output=False), ["city"])], '
     'remainder="passthrough").set_output(transform="pandas")', 'none/mixed'),
    ('FeatureUnion([("scale", StandardScaler()), ("kept", "passthrough")]).set_output(transform="pandas")', 'none/frame'),
    *[('DataFrameMapper(%s)' % features, 'none/mixed') for features in (
        '[("city", LabelBinarizer()), (["income", "ratio"], StandardScaler()), ("note", CountVectorizer()), ("age", None)]',
        '[(["age", "income"], [SimpleImputer(), StandardScaler()]), (["city", "level"], [OrdinalEncoder(), StandardScaler()])]',
        '[("note", CountVectorizer()), (["income"], None)], sparse=True',
        '[(["age"], None), ("city", LabelBinarizer()), (["ratio", "income"], None, {"alias": "size"}), (["member"], None)], df_out=True',
        '[(["income", "ratio"], StandardScaler())], input_df=True',
        '[(["income"], StandardScaler())], default=None',
        '[("city", LabelBinarizer()), ("note", None), ("grade", None), ("level", None)], default=StandardScaler()',
        '[("city", None), (["age"], None), (["member", "ratio"], None), ("grade", LabelBinarizer())]')],
    ('make_pipeline(DataFrameMapper([("city", LabelBinarizer()), (["income", "visits"], [StandardScaler()])]), LogisticRegression())',
     'binary/mixed'),

    (MIXED.format(more=''), 'none/mixed,mixed>mixed_unknown'),
    *[(MIXED.format(more=more), 'none/mixed') for more in (
        ', sparse_threshold=0', ', sparse_threshold=1.0', ', verbose_feature_names_out=False', ', n_jobs=2')],
    ('ColumnTransformer([("note", TfidfVectorizer(), "note"), ("words", OneHotEncoder(), ["city"])])', 'none/mixed'),
    ('ColumnTransformer([("note", CountVectorizer(), 8), ("scaled", StandardScaler(), [0, -3])])', 'none/mixed'),
    ('ColumnTransformer([("words", OneHotEncoder(), ["city", "grade", "level"]), ("rest", "passthrough", ["ratio", "member"])])', 'none/mixed'),
    ('ColumnTransformer([("words", OrdinalEncoder(), ["city", "grade", "member"])], remainder="drop")', 'none/mixed'),
    ('ColumnTransformer([("words", OneHotEncoder(), make_column_selector(dtype_include="category")), '
     '("numbers", StandardScaler(), make_column_selector(dtype_include=np.number))])', 'none/mixed'),
    ('ColumnTransformer([("words", OneHotEncoder(handle_unknown="ignore"), ["city", "grade"])], remainder=SimpleImputer(strategy="most_frequent"))',
     'none/mixed_nan'),
    ('ColumnTransformer([("kept", "passthrough", ["age", "ratio", "visits"]), ("flag", "passthrough", ["member"])])', 'none/mixed'),
    ('ColumnTransformer([("kept", "passthrough", ["city", "age"])])', 'none/mixed'),
    ('make_pipeline(' + MIXED.format(more='') + ', LogisticRegression())', 'words3,binary/mixed,mixed>mixed_unknown'),
    ('make_pipeline(' + PREPARED + ', LogisticRegression())', 'words3,binary/mixed_nan,mixed_nan>mixed_unknown'),
    ('make_pipeline(' + PREPARED + ', RandomForestRegressor(n_estimators=3))', 'regression/mixed_nan'),
    ('make_pipeline(' + PREPARED + ', GradientBoostingClassifier(n_estimators=3))', 'words2/mixed_nan'),
    ('make_pipeline(ColumnTransformer([("words", OrdinalEncoder(), ["city", "grade"]), ("numbers", "passthrough", ["age", "income"])]), '
     'HistGradientBoostingClassifier(max_iter=4, categorical_features=[0, 1]))', 'words3/mixed'),
    ('make_pipeline(ColumnTransformer([("note", CountVectorizer(), "note"), ("numbers", MinMaxScaler(), ["age"])]), MultinomialNB())', 'words3/mixed'),

    # Searches.
    ('GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=3)', 'binary,words3/dense,frame'),
    ('GridSearchCV(make_pipeline(StandardScaler(), SVC()), {"svc__gamma": [0.05, 0.5]}, cv=2)', 'words3'),
    ('GridSearchCV(RandomForestRegressor(n_estimators=2), {"max_depth": [2, 3]}, cv=2)', 'regression'),
    ('GridSearchCV(PCA(), {"n_components": [2, 3]}, cv=2)', 'none'),
    ('GridSearchCV(KMeans(n_init=1), {"n_clusters": [2, 3]}, cv=2)', 'none'),
    ('RandomizedSearchCV(DecisionTreeClassifier(), {"max_depth": [2, 3, 4]}, n_iter=2, cv=2)', 'words3'),
    ('make_pipeline(StandardScaler(), GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=2))', 'regression'),

    # Several estimators as one.
    *every('VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB()), ("c", DecisionTreeClassifier(max_depth=3))], voting={voting})',
           'binary,words3/dense,float32', voting=('hard', 'soft')),
    ('VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], voting="soft", weights=[1, 3], flatten_transform=True)', 'three'),
    ('VotingClassifier([("a", LogisticRegression()), ("b", "drop"), ("c", GaussianNB()), ("d", SVC())], weights=[1, 9, 2, 2])', 'words3'),
    ('VotingRegressor([("a", LinearRegression()), ("b", DecisionTreeRegressor(max_depth=3))])', 'regression/dense,float32'),
    ('VotingRegressor([("a", LinearRegression()), ("b", Ridge())], weights=[0.3, 0.7])', 'regression'),
    ('StackingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], cv=3)', 'binary,words3/dense,float32'),
    ('StackingClassifier([("a", LinearSVC()), ("b", DecisionTreeClassifier(max_depth=3))], final_estimator=GaussianNB(), passthrough=True, cv=3)',
     'binary,words3'),
    ('StackingClassifier([("a", LogisticRegression()), ("b", DecisionTreeClassifier(max_depth=3))], stack_method="predict", cv=3)', 'three'),
    ('StackingClassifier([("a", fitted(LogisticRegression())), ("b", fitted(GaussianNB()))], cv="prefit")', 'words3'),
    ('StackingRegressor([("a", Ridge()), ("b", DecisionTreeRegressor(max_depth=3))], cv=3)', 'regression/dense,float32,frame'),
    ('StackingRegressor([("a", Ridge()), ("b", KNeighborsRegressor())], final_estimator=RandomForestRegressor(n_estimators=2), passthrough=True, cv=2)',
     'regression'),
    ('BaggingClassifier(n_estimators=3)', 'binary,words3/dense,float32,sparse'),
    ('BaggingClassifier(LogisticRegression(), n_estimators=3, max_features=0.5, bootstrap_features=True)', 'words3'),
    ('BaggingClassifier(LinearSVC(), n_estimators=3, max_samples=0.4)', 'words3'),
    ('BaggingRegressor(n_estimators=3)', 'regression/dense,float32 regression2'),
    ('BaggingRegressor(Ridge(), n_estimators=3, max_features=3)', 'regression'),
    ('OneVsRestClassifier(LogisticRegression())', 'binary,words3/dense,sparse,float32 flags'),
    ('OneVsRestClassifier(LinearSVC())', 'binary,words3,flags'),
    ('OneVsRestClassifier(DecisionTreeClassifier(max_depth=3))', 'words3'),
    ('OneVsOneClassifier(LinearSVC())', 'binary,words3/dense,sparse'),
    ('OneVsOneClassifier(GaussianNB())', 'words3'),
    ('OutputCodeClassifier(LogisticRegression(), code_size=2)', 'words3'),
    ('MultiOutputClassifier(LogisticRegression())', 'pairs,words_pairs,flags/dense,float32'),
    ('MultiOutputClassifier(RandomForestClassifier(n_estimators=2))', 'pairs'),
    ('MultiOutputRegressor(GradientBoostingRegressor(n_estimators=3))', 'regression2'),
    ('MultiOutputRegressor(Ridge())', 'regression2/dense,float32,sparse'),
    ('ClassifierChain(LogisticRegression())', 'flags'),
    ('RegressorChain(Ridge())', 'regression2'),
    ('TransformedTargetRegressor(LinearRegression(), func=np.log1p, inverse_func=np.expm1)', 'positive/dense,float32'),
    ('TransformedTargetRegressor(Ridge(), transformer=StandardScaler())', 'regression regression2'),
    ('TransformedTargetRegressor(RandomForestRegressor(n_estimators=2), transformer=QuantileTransformer(n_quantiles=20, output_distribution="normal"))',
     'regression'),
    ('TransformedTargetRegressor()', 'regression'),
]
