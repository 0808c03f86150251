// Paths to values, '$.runs[3].loss', and values at paths.
#include <vector>

#include "base/quote.h"
#include "document/path.h"
#include "document_error.h"
#include "no_throw.h"
#include "value_object.h"

namespace cppickle::python {
namespace {

constexpr std::size_t kMostSteps = 1000;  // of a path as text; the middle of a longer one is left out

// Parts of an object that are no attributes, as plain JSON calls them.
std::string_view word_of(Step step) {
  switch (step) {
    case Step::kArgument: return "__args__";
    case Step::kKeywords: return "__kwargs__";
    case Step::kState: return "__state__";
    case Step::kCallable: return "__callable__";
    case Step::kPersistentId: return "__persistent_id__";
    case Step::kObjects: return "__objects__";
    default: return {};
  }
}

void append_step(std::string& path, const ValueObject& value) {
  const std::string_view word = word_of(value.step);
  if (!word.empty()) path.append(".").append(word);
  switch (value.step) {
    case Step::kIndex:
    case Step::kArgument: return append_index(path, value.step_number);
    case Step::kKey: return append_key(path, Value(*value.graph, value.step_number));
    case Step::kKeyItself: path += ".__key__"; return;
    default: return;
  }
}

// One step of a path from `from`. False with an exception; empty if there is nothing.
bool take_step(const State& state, ValueObject* from, const PathStep& step, Ref& found) {
  const Contents contents = contents_of(from->get());
  const bool is_mapping = contents.form == Contents::Form::kMapping;
  if (step.kind == PathStep::Kind::kNumber) {
    if (!is_mapping) {
      return contents.form == Contents::Form::kNone || find_member(state, from, contents, step.number, found);
    }
    const Ref key(PyLong_FromLongLong(step.number));
    return key && find_key(state, from, contents, key.get(), found);
  }
  const Ref name(text_object(step.text));
  if (!name) return false;
  if (is_mapping && !find_key(state, from, contents, name.get(), found)) return false;
  if (!found && !find_attribute(state, from, name.get(), found)) return false;
  if (found || step.kind == PathStep::Kind::kKey) return true;
  for (const Step word :
       {Step::kKeywords, Step::kState, Step::kCallable, Step::kPersistentId, Step::kObjects}) {
    if (word_of(word) != step.text) continue;
    static constexpr const char* kMembers[] = {"kwargs", "state", "callable", "persistent_id", "objects"};
    const auto number = static_cast<std::size_t>(word) - static_cast<std::size_t>(Step::kKeywords);
    found = Ref(PyObject_GetAttrString(reinterpret_cast<PyObject*>(from), kMembers[number]));
    if (!found) {
      if (!PyErr_ExceptionMatches(PyExc_AttributeError)) return false;
      PyErr_Clear();
    } else if (found.get() == Py_None) {
      found = Ref();
    }
    return true;
  }
  return true;
}

// The arguments are no value of their own: `__args__` takes the number after it along.
bool take_argument(ValueObject* from, std::int64_t number, Ref& found) {
  const Ref arguments(PyObject_GetAttrString(reinterpret_cast<PyObject*>(from), "args"));
  if (!arguments) return false;
  const Py_ssize_t count = PyTuple_GET_SIZE(arguments.get());
  if (number >= 0 && number < count) found = Ref::of(PyTuple_GET_ITEM(arguments.get(), number));
  return true;
}

PyObject* at(const State& state, PyObject* self, std::string_view path) {
  const auto steps = parse_path(path);
  if (!steps) return raise(state, steps.error());
  Ref here = Ref::of(self);
  std::size_t i = 0;
  for (; i < steps->size() && Py_IS_TYPE(here.get(), state.Value); ++i) {
    Ref found;
    const PathStep& step = (*steps)[i];
    const bool is_argument = step.kind == PathStep::Kind::kName && step.text == word_of(Step::kArgument) &&
                             i + 1 < steps->size() && (*steps)[i + 1].kind == PathStep::Kind::kNumber;
    const bool good = is_argument ? take_argument(as_value(here.get()), (*steps)[++i].number, found)
                                  : take_step(state, as_value(here.get()), step, found);
    if (!good) return nullptr;
    if (!found) break;
    here = std::move(found);
  }
  if (i == steps->size()) return here.release();
  const PathStep& step = (*steps)[i];
  const std::string wanted =
      step.kind == PathStep::Kind::kNumber ? "[" + std::to_string(step.number) + "]" : quote(step.text);
  std::string place = "a scalar";
  if (Py_IS_TYPE(here.get(), state.Value)) {
    const Ref text(value_path(as_value(here.get())));
    const char* shown = text ? PyUnicode_AsUTF8(text.get()) : nullptr;
    PyErr_Clear();
    place = std::string(shown != nullptr ? shown : "it") + " is a " + type_text(as_value(here.get())->get());
  }
  return raise(state, ErrorCode::kNoSuchPath, place + " without " + wanted, "path " + quote(path));
}

}  // namespace

PyObject* value_path(ValueObject* self) {
  std::vector<const ValueObject*> way;
  for (const ValueObject* at = self; at != nullptr; at = at->parent) way.push_back(at);
  std::string path = "$";
  for (std::size_t i = way.size(); i-- > 0;) {
    if (way.size() > 2 * kMostSteps && way.size() - i == kMostSteps) {
      path += "...";
      i = kMostSteps;
    }
    append_step(path, *way[i]);
  }
  return text_object(path);
}

PyObject* value_at(PyObject* self, PyObject* path) {
  if (!PyUnicode_Check(path))
    return PyErr_Format(PyExc_TypeError, "a path must be str, not %.200s", Py_TYPE(path)->tp_name);
  Py_ssize_t size;
  const char* text = PyUnicode_AsUTF8AndSize(path, &size);
  if (text == nullptr) return nullptr;
  return no_throw<PyObject*>(nullptr, [&] {
    return at(state_of_type(Py_TYPE(self)), self, std::string_view(text, static_cast<std::size_t>(size)));
  });
}

}  // namespace cppickle::python
