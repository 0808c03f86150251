"""What people write: load a model, predict one row. cold_start.py MODEL"""
import sys

import joblib

print(joblib.load(sys.argv[1]).predict_proba([[0.5] * 28]))
