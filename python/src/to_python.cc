#include "to_python.h"

#include "document/path.h"
#include "document_error.h"
#include "no_throw.h"
#include "value_scalar.h"

namespace cppickle::python {
namespace {

// Hashing a tuple recurses in C and looks at shared tuples again and again.
constexpr std::size_t kMostKeyDepth = 200;
constexpr std::uint64_t kMostKeyNodes = 10'000;

constexpr std::uint32_t kNowhere = ~std::uint32_t{0};

bool is_own_exception(const State& state) { return PyErr_ExceptionMatches(state.Error) != 0; }

// What the constructors of Python's library raise for arguments that they don't like.
bool is_refusal() {
  return PyErr_ExceptionMatches(PyExc_ValueError) || PyErr_ExceptionMatches(PyExc_TypeError) ||
         PyErr_ExceptionMatches(PyExc_ArithmeticError) || PyErr_ExceptionMatches(PyExc_LookupError) ||
         PyErr_ExceptionMatches(PyExc_NotImplementedError) || PyErr_ExceptionMatches(PyExc_ImportError) ||
         PyErr_ExceptionMatches(PyExc_OSError);
}

}  // namespace

PyObject* PythonBuilder::run(const Value& root, std::string where) {
  where_ = std::move(where);
  graph_ = &root.graph();
  places_.push_back({kNowhere, false, 0});
  Ref object;
  const Seen seen = visit(root, object);
  if (seen == Seen::kFailed) return nullptr;
  if (seen == Seen::kDone) result_ = std::move(object);
  for (;;) {
    while (!frames_.empty()) {
      if (!step()) return nullptr;
    }
    if (unfilled_.empty()) return result_.release();
    const Unfilled next = unfilled_.back();
    unfilled_.pop_back();
    const Contents contents =
        next.sort == Sort::kArray ? Contents{Contents::Form::kSequence, next.value} : contents_of(next.value);
    frames_.push_back(
        {next.value, Cursor(contents), Ref::of(next.object), next.value, next.place, next.sort});
  }
}

// The object of a value, or a frame that will make it.
PythonBuilder::Seen PythonBuilder::visit(const Value& value, Ref& object) {
  if (left_-- == 0) {
    left_ = 0;
    fail(ErrorCode::kLimit, "more values than the limit output-nodes");
    return Seen::kFailed;
  }
  const std::uint64_t identity = value.identity();
  if (identity != 0) {
    const auto known = made_.find(identity);
    if (known != made_.end() && known->second) {
      object = Ref::of(known->second.get());
      return Seen::kDone;
    }
    if (known != made_.end()) {
      fail(ErrorCode::kUnsupported, "an immutable value that contains itself");
      return Seen::kFailed;
    }
  }
  if (!scalar_of(state_, value, object)) {
    fail_with_exception();
    return Seen::kFailed;
  }
  if (object) {
    if (identity != 0) made_.emplace(identity, Ref::of(object.get()));
    return Seen::kDone;
  }
  switch (value.kind()) {
    case Kind::kTuple: return open(value, identity, Sort::kTuple, Ref(PyList_New(0)), object);
    case Kind::kFrozenSet: return open(value, identity, Sort::kFrozenSet, Ref(PyList_New(0)), object);
    case Kind::kList: return open(value, identity, Sort::kList, Ref(PyList_New(0)), object);
    case Kind::kSet: return open(value, identity, Sort::kSet, Ref(PySet_New(nullptr)), object);
    case Kind::kDict: return open(value, identity, Sort::kDict, Ref(PyDict_New()), object);
    case Kind::kObject: return visit_object(value, identity, object);
    default: fail(ErrorCode::kUnsupported, "no pure data: " + type_text(value)); return Seen::kFailed;
  }
}

PythonBuilder::Seen PythonBuilder::visit_object(const Value& value, std::uint64_t identity, Ref& object) {
  const ObjectView view = *object_view(value);
  const bool is_bare = !view.attributes && !view.slots && !view.state;
  switch (is_bare ? view.kind : ObjectKind::kCall) {
    case ObjectKind::kTuple: return open(value, identity, Sort::kTuple, Ref(PyList_New(0)), object);
    case ObjectKind::kFrozenSet: return open(value, identity, Sort::kFrozenSet, Ref(PyList_New(0)), object);
    case ObjectKind::kList: return open(value, identity, Sort::kList, Ref(PyList_New(0)), object);
    case ObjectKind::kSet: return open(value, identity, Sort::kSet, Ref(PySet_New(nullptr)), object);
    case ObjectKind::kDict: return open(value, identity, Sort::kDict, Ref(PyDict_New()), object);
    default: break;
  }
  Ref made;
  if (view.kind == ObjectKind::kArray) return open_array(value, identity, object);
  if (view.kind == ObjectKind::kMaskedArray || view.kind == ObjectKind::kArrayScalar) {
    made = Ref(numpy_array(state_, value, nullptr));
  } else if (view.kind == ObjectKind::kDType) {
    made = Ref(numpy_dtype(state_, value));
  } else if (is_bare && library_container(state_, view, made) && made) {
    const Sort sort = view.kind == ObjectKind::kDeque ? Sort::kDeque : Sort::kMapping;
    return open(value, identity, sort, std::move(made), object);
  } else if (PyErr_Occurred() == nullptr && library_value(state_, value, view, made) && !made) {
    fail(ErrorCode::kUnsupported, "no pure data: " + type_text(value));
    return Seen::kFailed;
  }
  if (!made) {
    fail_with_exception();
    return Seen::kFailed;
  }
  if (identity != 0) made_.emplace(identity, Ref::of(made.get()));
  object = std::move(made);
  return Seen::kDone;
}

PythonBuilder::Seen PythonBuilder::open_array(const Value& value, std::uint64_t identity, Ref& object) {
  const auto array = array_view(value);
  Ref whole;
  Ref flat;
  if (!array) {
    raise(state_, array.error());
  } else if (!array->objects) {
    whole = Ref(numpy_array(state_, value, nullptr));
    flat = Ref::of(whole.get());
  } else if (array->dtype.kind != 'O') {
    raise(state_, ErrorCode::kUnsupported, "an array of structures that hold objects");
  } else if (object_array(*array, whole, flat)) {
    // The elements are put into the flat view; everybody else gets the whole.
    if (open(*array->objects, 0, Sort::kArray, std::move(flat), object) == Seen::kFailed)
      return Seen::kFailed;
    made_.emplace(value.identity(), Ref::of(whole.get()));
    object = std::move(whole);
    return Seen::kDone;
  }
  if (!whole) {
    fail_with_exception();
    return Seen::kFailed;
  }
  if (identity != 0) made_.emplace(identity, Ref::of(whole.get()));
  object = std::move(whole);
  return Seen::kDone;
}

// An immutable one is built from a list of its members first; a mutable one is known at once and filled
// later.
PythonBuilder::Seen PythonBuilder::open(const Value& value, std::uint64_t identity, Sort sort, Ref made,
                                        Ref& object) {
  if (!made) return Seen::kFailed;
  std::uint32_t place = 0;
  if (!frames_.empty()) {
    const Frame& frame = frames_.back();
    place = static_cast<std::uint32_t>(places_.size());
    places_.push_back(
        {frame.place, is_mapping(frame.sort), is_mapping(frame.sort) ? frame.key_cell : frame.number});
  }
  if (sort == Sort::kTuple || sort == Sort::kFrozenSet) {
    if (identity != 0) made_.emplace(identity, Ref());
    frames_.push_back({value, Cursor(contents_of(value)), std::move(made), value, place, sort, identity});
    return Seen::kOpened;
  }
  // What is not shared needs a holder too until it is filled.
  Ref& held = made_[identity != 0 ? identity : ~std::uint64_t{places_.size()}];
  held = Ref::of(made.get());
  unfilled_.push_back({value, made.get(), place, sort});
  object = std::move(made);
  return Seen::kDone;
}

// One more member of the innermost open container.
bool PythonBuilder::step() {
  Frame& frame = frames_.back();
  Value key = frame.value;
  Value value = frame.waiting;
  if (!is_mapping(frame.sort)) {
    if (!frame.cursor.next(key, value)) return finish();
  } else if (!frame.key) {
    if (!frame.cursor.next(key, value)) return finish();
    frame.waiting = value;
    frame.key_cell = key.cell();
    value = key;
  }
  Ref child;
  const Seen seen = visit(value, child);  // may move the frames
  if (seen == Seen::kFailed) return false;
  return seen == Seen::kOpened || accept(frames_.back(), std::move(child));
}

bool PythonBuilder::accept(Frame& frame, Ref child) {
  if (!is_mapping(frame.sort)) {
    if (!accept_member(frame, child.get())) return fail_with_exception();
    ++frame.number;
    return true;
  }
  if (!frame.key) {
    if (!check_key(child.get())) return fail_with_exception();
    frame.key = std::move(child);
    return true;
  }
  const Ref key = std::exchange(frame.key, Ref());
  const int set = frame.sort == Sort::kDict ? PyDict_SetItem(frame.target.get(), key.get(), child.get())
                                            : PyObject_SetItem(frame.target.get(), key.get(), child.get());
  return set == 0 || fail_with_exception();
}

bool PythonBuilder::accept_member(Frame& frame, PyObject* child) {
  PyObject* target = frame.target.get();
  switch (frame.sort) {
    case Sort::kSet: return check_key(child) && PySet_Add(target, child) == 0;
    case Sort::kFrozenSet: return check_key(child) && PyList_Append(target, child) == 0;
    case Sort::kDeque: {
      const Ref done(PyObject_CallMethod(target, "append", "O", child));
      return static_cast<bool>(done);
    }
    case Sort::kArray: return PySequence_SetItem(target, static_cast<Py_ssize_t>(frame.number), child) == 0;
    default: return PyList_Append(target, child) == 0;
  }
}

bool PythonBuilder::finish() {
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  if (frame.sort != Sort::kTuple && frame.sort != Sort::kFrozenSet) return true;
  Ref made(frame.sort == Sort::kTuple ? PyList_AsTuple(frame.target.get())
                                      : PyFrozenSet_New(frame.target.get()));
  if (!made) return fail_with_exception();
  if (frame.identity != 0) made_[frame.identity] = Ref::of(made.get());
  if (!frames_.empty()) return accept(frames_.back(), std::move(made));
  result_ = std::move(made);
  return true;
}

// Sets have hashed their members before; tuples hash theirs each time.
bool PythonBuilder::check_key(PyObject* key) {
  if (!PyTuple_CheckExact(key)) return true;
  std::vector<std::pair<PyObject*, Py_ssize_t>> open{{key, 0}};
  std::uint64_t nodes = 0;
  while (!open.empty()) {
    auto& [tuple, next] = open.back();
    if (next == PyTuple_GET_SIZE(tuple)) {
      open.pop_back();
      continue;
    }
    PyObject* member = PyTuple_GET_ITEM(tuple, next++);
    if (++nodes > kMostKeyNodes || nodes > left_) return fail(ErrorCode::kLimit, "a key of too many values");
    if (!PyTuple_CheckExact(member)) continue;
    if (open.size() == kMostKeyDepth) return fail(ErrorCode::kLimit, "a key of tuples nested too deep");
    open.emplace_back(member, 0);
  }
  left_ -= nodes;
  return true;
}

bool PythonBuilder::fail(ErrorCode code, std::string what) {
  raise(state_, code, std::move(what), path());
  return false;
}

// An exception of Python's becomes ours if it speaks of the file's data.
bool PythonBuilder::fail_with_exception() {
  const bool is_own = is_own_exception(state_);
  if (!is_own && !is_refusal()) return false;
  PyObject* raised[3];
  PyErr_Fetch(&raised[0], &raised[1], &raised[2]);
  PyErr_NormalizeException(&raised[0], &raised[1], &raised[2]);
  Ref type(raised[0]), value(raised[1]), traceback(raised[2]);
  if (is_own) {
    const Ref where(value ? PyObject_GetAttrString(value.get(), "where") : nullptr);
    const Ref here(text_object(path()));
    if (where && where.get() == Py_None && here) PyObject_SetAttrString(value.get(), "where", here.get());
    PyErr_Clear();
    PyErr_Restore(type.release(), value.release(), traceback.release());
    return false;
  }
  const Ref text(value ? PyObject_Str(value.get()) : nullptr);
  const char* words = text ? PyUnicode_AsUTF8(text.get()) : nullptr;
  PyErr_Clear();
  return fail(ErrorCode::kCorrupt, words != nullptr ? words : "a value that Python refuses");
}

std::string PythonBuilder::path() const {
  std::vector<Place> way;
  if (!frames_.empty()) {
    const Frame& frame = frames_.back();
    way.push_back(
        {frame.place, is_mapping(frame.sort), is_mapping(frame.sort) ? frame.key_cell : frame.number});
    for (std::uint32_t at = frame.place; places_[at].parent != kNowhere; at = places_[at].parent)
      way.push_back(places_[at]);
  }
  constexpr std::size_t kMostSteps = 100;
  std::string path = where_;
  for (std::size_t i = way.size(); i-- > 0;) {
    if (way.size() > 2 * kMostSteps && way.size() - i == kMostSteps) {
      path += "...";
      i = kMostSteps;
    }
    if (way[i].is_key)
      append_key(path, Value(*graph_, way[i].number));
    else
      append_index(path, way[i].number);
  }
  return path;
}

PyObject* value_to_python(PyObject* self, PyObject*) {
  const State& state = state_of_type(Py_TYPE(self));
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    const Ref path(value_path(as_value(self)));
    const char* where = path ? PyUnicode_AsUTF8(path.get()) : nullptr;
    if (where == nullptr) PyErr_Clear();  // lone surrogates
    PythonBuilder builder(state, as_value(self)->document->data->opened.limits.output_nodes);
    return builder.run(as_value(self)->get(), where != nullptr ? where : "$");
  });
}

bool hashable_of(const State& state, const Value& value, Ref& hashable) {
  switch (value.kind()) {
    case Kind::kList:
    case Kind::kDict:
    case Kind::kSet:
    case Kind::kByteArray: return true;
    case Kind::kTuple:
    case Kind::kFrozenSet:
    case Kind::kObject: break;
    default: return scalar_of(state, value, hashable);
  }
  if (const auto view = object_view(value)) {
    const bool is_numpy = view->kind == ObjectKind::kArray || view->kind == ObjectKind::kMaskedArray ||
                          view->kind == ObjectKind::kDType;
    if (is_numpy) return true;
  }
  PythonBuilder builder(state, kMostKeyNodes);
  Ref object(builder.run(value, {}));
  if (object && builder.check_key(object.get()) && PyObject_Hash(object.get()) != -1) {
    hashable = std::move(object);
    return true;
  }
  // A key that is no pure data, or none that Python has: it stays a Value.
  if (!is_own_exception(state) && !PyErr_ExceptionMatches(PyExc_TypeError)) return false;
  PyErr_Clear();
  return true;
}

}  // namespace cppickle::python
