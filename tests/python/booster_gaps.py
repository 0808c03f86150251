"""What is known not to be as in XGBoost and LightGBM: as GAPS in model_gaps.py, the case with the form of its rows where
only that one differs. Rows that XGBoost is not asked about: none at all, which it answers with shapes of its own.
"""


def _each(cases, methods, versions, reason):
    return tuple((case, method, versions, reason) for case in cases.split('; ') for method in methods.split())


_PLAIN = 'XGBClassifier @ %s; XGBClassifier of three @ %s; XGBRegressor @ %s'

GAPS = {
    'XGBoost':
        _each(_PLAIN.replace('%s', 'narrow'), 'apply', '1.4.2 1.5.2 1.6.2 1.7.6 2.1.4 3.0.5 3.1.2 3.2.0',
              'rows with too few features are refused; a DMatrix takes the others for missing') +
        _each('Booster, logistic @ narrow', 'predict',
              '1.4.2 1.5.2 1.6.2 1.7.6 2.1.4 3.0.5 3.1.2 3.2.0', 'likewise') +
        _each('XGBClassifier @ narrow; XGBClassifier of three @ narrow', 'predict_proba', '1.2.1 1.3.3', 'likewise') +
        _each(_PLAIN.replace('%s', 'frame') + '; Booster, logistic @ frame', 'predict', '0.90 1.0.2 1.2.1 1.3.3',
              'columns of other names than f0, f1 ... are taken by a model that was fitted on an array') +
        _each(_PLAIN.replace('%s', 'frame'), 'apply', '0.90 1.0.2 1.2.1 1.3.3', 'likewise') +
        _each('XGBClassifier @ frame; XGBClassifier of three @ frame', 'predict_proba', '0.90 1.0.2', 'likewise') +
        _each('XGBClassifier @ bool; XGBClassifier of three @ bool', 'predict predict_proba', '1.4.2',
              'predict() of 1.4 stumbles over truth values') +
        _each('XGBRegressor @ bool', 'predict', '1.4.2', 'likewise') +
        _each('XGBClassifier of bool', 'facts', '1.6.2 1.7.6', 'classes_ are truth values there, but predict() answers 0 and 1') +
        _each('XGBClassifier, sets of categories; XGBRegressor, one-hot categories; XGBRegressor, sets of categories', 'apply',
              '1.6.2 1.7.6 2.1.4', 'apply() forgot enable_categorical until 2.1'),
    'LightGBM':
        _each('Booster, binary @ narrow', 'predict', '2.2.3',
              'rows with too few features are refused; 2.2 takes the others for missing'),
}
