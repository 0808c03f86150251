// What `cppickle check` runs in the interpreter: loads the model, asks it, writes down what it answers. Its argument is
// the folder of python_answers.cc. For Python 3.6 and later with numpy.
#ifndef CPPICKLE_CLI_CHECK_SCRIPT_H_
#define CPPICKLE_CLI_CHECK_SCRIPT_H_

namespace cppickle::cli {

inline constexpr const char* kCheckScript = R"py(
import sys
sys.path[:] = [place for place in sys.path if place]  # nothing from the working directory
import json, os, warnings
warnings.simplefilter("ignore")
import numpy

folder = sys.argv[1]
def file(name): return os.path.join(folder, name)
def read(name):
    with open(file(name), encoding="utf-8", errors="surrogatepass") as source: return json.load(source)

job = read("job.json")
report = open(file("report.txt"), "w", encoding="utf-8")
def tell(*words):
    report.write(" ".join(str(word) for word in words).replace("\n", " ") + "\n")
    report.flush()

try:
    from joblib import load
except ImportError:
    import pickle
    def load(name):
        with open(name, "rb") as source: return pickle.load(source)

model = load(job["model"])
for kind, step in job["at"]:
    if kind == "number": model = model[int(step)]
    elif kind == "key" or (hasattr(model, "keys") and step in model): model = model[step]
    else: model = getattr(model, step)

tell("version python", ".".join(map(str, sys.version_info[:3])))
for name in ("numpy", "sklearn", type(model).__module__.split(".")[0]):
    module = sys.modules.get(name)
    if hasattr(module, "__version__"): tell("version", name, module.__version__)

def table():
    columns = []
    for number, form in enumerate(job["columns"]):
        if form == "npy": columns.append(numpy.load(file("column%d.npy" % number)))
        else:
            column = numpy.empty(job["rows"], dtype=object)
            column[:] = read("column%d.json" % number)
            columns.append(column)
    if job["names"]:
        try:
            import pandas
        except ImportError:
            pandas = None
        if pandas is not None:
            if len(set(job["names"])) == len(columns):
                return pandas.DataFrame(dict(zip(job["names"], columns)), columns=job["names"])
    if all(column.dtype.kind != "O" for column in columns): return numpy.column_stack(columns)
    return numpy.column_stack([column.astype(object) for column in columns])

form = job["form"]
rows = numpy.load(file("rows.npy")) if form == "dense" else table() if form == "table" else read("rows.json")

def array_of(answer):
    if isinstance(answer, (list, tuple)):
        parts = [array_of(part) for part in answer]
        return numpy.hstack([part[:, None] if part.ndim == 1 else part for part in parts])
    if hasattr(answer, "toarray"): answer = answer.toarray()
    if hasattr(answer, "to_numpy"): answer = answer.to_numpy()
    answer = numpy.asarray(answer)
    if answer.dtype.kind not in "OS": return answer
    values = answer.ravel().tolist()
    if any(isinstance(value, (str, bytes)) for value in values):
        values = [str(value) for value in values]
        return numpy.array(values, dtype=str).reshape(answer.shape)
    values = [float("nan") if value is None else value for value in values]
    return numpy.array(values).reshape(answer.shape)

for method in job["methods"]:
    try:
        if method == "predict_std": answer = model.predict(rows, return_std=True)
        else: answer = getattr(model, method)(rows)
        numpy.save(file(method + ".npy"), array_of(answer), allow_pickle=False)
        tell("answer", method)
    except Exception as error:
        tell("refusal", method, type(error).__name__ + ":", str(error).strip())
tell("done")
)py";

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_CHECK_SCRIPT_H_
