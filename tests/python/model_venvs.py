"""Interpreters with old scikit-learns or boosters, made on demand: an interpreter of pyenv (or PATH) and pinned wheels."""
import os
import pathlib
import shutil
import subprocess

# scikit-learn, Python, what goes with it. Only versions that have wheels for that Python.
PINS = (
    ('0.18.2', '3.6', 'numpy==1.13.3 scipy==1.0.1 pandas==0.20.3'),
    ('0.20.4', '3.6', 'numpy==1.16.6 scipy==1.2.3 pandas==0.25.3 sklearn-pandas==1.8.0 six==1.16.0'),
    ('0.22.2.post1', '3.7', 'numpy==1.18.5 scipy==1.4.1 pandas==1.0.5 joblib==0.14.1'),
    ('0.24.2', '3.8', 'numpy==1.19.5 scipy==1.6.3 pandas==1.2.5 joblib==1.0.1'),
    ('1.0.2', '3.9', 'numpy==1.21.6 scipy==1.7.3 pandas==1.3.5 joblib==1.1.1 sklearn-pandas==2.2.0 six==1.16.0'),
    ('1.2.2', '3.10', 'numpy==1.23.5 scipy==1.9.3 pandas==1.5.3 joblib==1.2.0'),
    ('1.3.2', '3.11', 'numpy==1.26.4 scipy==1.11.4 pandas==2.1.4 joblib==1.3.2'),
    ('1.5.2', '3.11', 'numpy==1.26.4 scipy==1.13.1 pandas==2.2.3 joblib==1.4.2'),
    ('1.6.1', '3.12', 'numpy==2.0.2 scipy==1.14.1 pandas==2.2.3 joblib==1.4.2'),
    ('1.8.0', '3.13', 'numpy==2.3.5 scipy==1.16.3 pandas==2.3.3 joblib==1.5.2'),
)
VERSIONS = tuple(pin[0] for pin in PINS)

# XGBoost and LightGBM of about the same time, Python, what goes with them.
BOOSTER_PINS = (
    ('xgboost==0.90 lightgbm==2.2.3', '3.6', 'scikit-learn==0.20.4 numpy==1.16.6 scipy==1.2.3 pandas==0.25.3'),
    ('xgboost==1.0.2 lightgbm==3.0.0', '3.7', 'scikit-learn==0.22.2.post1 numpy==1.18.5 scipy==1.4.1 pandas==1.0.5'),
    ('xgboost==1.2.1 lightgbm==2.3.1', '3.7', 'scikit-learn==0.22.2.post1 numpy==1.18.5 scipy==1.4.1 pandas==1.0.5'),
    ('xgboost==1.3.3 lightgbm==3.1.0', '3.8', 'scikit-learn==0.24.2 numpy==1.19.5 scipy==1.6.3 pandas==1.2.5'),
    ('xgboost==1.4.2 lightgbm==3.1.1', '3.8', 'scikit-learn==0.24.2 numpy==1.19.5 scipy==1.6.3 pandas==1.2.5'),
    ('xgboost==1.5.2 lightgbm==3.2.1', '3.8', 'scikit-learn==0.24.2 numpy==1.19.5 scipy==1.6.3 pandas==1.2.5'),
    ('xgboost==1.6.2 lightgbm==3.3.2', '3.9', 'scikit-learn==1.0.2 numpy==1.21.6 scipy==1.7.3 pandas==1.3.5'),
    ('xgboost==1.7.6 lightgbm==3.3.5', '3.9', 'scikit-learn==1.0.2 numpy==1.21.6 scipy==1.7.3 pandas==1.3.5'),
    ('xgboost-cpu==2.1.4 lightgbm==4.0.0', '3.11', 'scikit-learn==1.3.2 numpy==1.26.4 scipy==1.11.4 pandas==2.1.4'),
    ('xgboost-cpu==3.0.5 lightgbm==4.3.0', '3.11', 'scikit-learn==1.5.2 numpy==1.26.4 scipy==1.13.1 pandas==2.2.3'),
    ('xgboost-cpu==3.1.2 lightgbm==4.6.0', '3.12', 'scikit-learn==1.6.1 numpy==2.0.2 scipy==1.14.1 pandas==2.2.3'),
)


class Missing(Exception):
    """The interpreter or its wheels cannot be had here; the text says why."""


class NoPython(Missing):
    """There is no such interpreter."""


def _base_python(version):
    pyenv = pathlib.Path(os.environ.get('PYENV_ROOT', pathlib.Path.home() / '.pyenv')) / 'versions'
    found = sorted(pyenv.glob(version + '.*/bin/python'), key=lambda path: [int(part) for part in path.parts[-3].split('.')])
    if found:
        return str(found[-1])
    on_path = shutil.which('python' + version)
    if on_path is None:
        raise NoPython('no Python %s' % version)
    return on_path


def _run(*arguments):
    done = subprocess.run(list(map(str, arguments)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise Missing('%s: %s' % (' '.join(map(str, arguments[1:4])), done.stdout.decode(errors='replace').strip()[-500:]))


def _made(venv, base, wheels):
    """The Python of that folder, made if it is not there yet. A file `ready` in it says what it holds."""
    python = venv / 'bin' / 'python'
    ready = venv / 'ready'
    if ready.exists() and ready.read_text() == ' '.join(wheels):
        return python
    shutil.rmtree(venv, ignore_errors=True)
    _run(_base_python(base), '-m', 'venv', venv)
    _run(python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:', *wheels)
    ready.write_text(' '.join(wheels))
    return python


def interpreter(version, folder):
    """The Python of folder/venv-<version>, with that scikit-learn."""
    base, wheels = next((pin[1], pin[2]) for pin in PINS if pin[0] == version)
    return _made(pathlib.Path(folder) / ('venv-' + version), base, ['scikit-learn==' + version, *wheels.split()])


def booster_interpreter(boosters, folder):
    """The Python of folder/venv-<boosters>, one of BOOSTER_PINS."""
    base, wheels = next((pin[1], pin[2]) for pin in BOOSTER_PINS if pin[0] == boosters)
    return _made(pathlib.Path(folder) / ('venv-' + folder_name(boosters)), base, boosters.split() + wheels.split())


def folder_name(boosters):
    return boosters.replace('==', '-').replace(' ', '-')
