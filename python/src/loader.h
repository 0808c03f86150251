// Builds Python objects from the machine's steps, with the meaning of CPython's Modules/_pickle.c.
#ifndef CPPICKLE_PYTHON_LOADER_H_
#define CPPICKLE_PYTHON_LOADER_H_

#include "ref.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "fetched.h"
#include "input.h"
#include "internals.h"
#include "load_memo.h"
#include "object_arenas.h"
#include "small_table.h"
#include "state.h"

#include "pickle/machine.h"

namespace cppickle {

// The machine asks this for PROTO; CPython's rules are the builder's.
inline bool check_argument(const Instruction&, python::Input&) { return true; }

namespace python {

// What an unpickler's user asked for. Borrowed; nullptr where there is none.
struct LoaderOptions {
  bool fix_imports = true;
  const char* encoding = "ASCII";           // of Python 2's str
  const char* errors = "strict";
  PyObject* buffers = nullptr;              // an iterator
  PyObject* persistent_load = nullptr;
  PyObject* persistent_self = nullptr;
  PyObject* unpickler = nullptr;            // whose find_class is called; nullptr for the built-in one
  int* protocol_seen = nullptr;             // gets what PROTO says
  bool memo_is_private = false;             // nobody sees the memo, and it ends with the load
};

// What is known about a class for as long as it does not change: whether BUILD only fills the __dict__.
struct LoadFacts {
  const void* key() const { return type; }

  PyTypeObject* type = nullptr;
  unsigned version = 0;
  std::uint64_t epoch = 0;
  bool plain_build = false;  // no __setstate__, and a plain __dict__
  static constexpr Py_ssize_t kUnknown = -2;
  Py_ssize_t fields = kUnknown;  // of a namedtuple, else -1
  // The first names in the state, known to be no data descriptors of the class.
  struct Attribute {
    Ref came;        // the key in the state
    Ref name;        // the same interned
    int place = -1;  // among the values of `keys`
  };
  std::vector<Attribute> attributes;
  const void* keys = nullptr;  // see InstanceValues
};

// What a callable is known to do (loader_known.cc).
enum class KnownCall { kNone, kTimeDelta, kReconstruct, kFromBuffer };

// A Builder (pickle/machine.h). Values are owned references; nullptr is a MARK left on the stack.
class Loader : private Watcher {
 public:
  using Value = PyObject*;

  Loader(const State& state, const LoaderOptions& options, LoadMemo& memo, Input& input)
      : state_(state), options_(options), memo_(memo), input_(input), pause_(state) {
    input.set_watcher(this);
  }
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // The object, or nullptr with an exception.
  PyObject* load();

  template <Opcode op>
  bool leaf(const Instruction& in, Value& out);
  template <Opcode op>
  bool make(const Instruction& in, std::span<Value> taken, Value& out);
  template <Opcode op>
  bool apply(const Instruction& in, Value& target, std::span<Value> taken);
  template <Opcode op>
  bool put(const Instruction& in, Value target);
  template <Opcode op>
  bool get(const Instruction& in, Value& out);
  bool duplicate(const Instruction&, Value top, Value& out) {
    out = new_ref(top);
    return true;
  }
  bool discard(const Instruction&, std::span<Value> what, bool, Value*, Value&) {
    const Outside outside(*this);
    for (Value value : what) Py_DECREF(value);
    return true;
  }
  bool prefix(Value, Value) { return true; }
  bool after_build(const Instruction&, Value) { return true; }
  bool protocol(const Instruction& in);
  bool finish(const Instruction&, Value root, std::span<Value>) {
    root_ = root;
    return true;
  }
  Value open_mark() const { return nullptr; }
  void release(Value value) { Py_XDECREF(value); }

  // SETITEM(S) and BUILD in one: the items go where BUILD would have put them, and `state` is not needed any more. False,
  // without an exception, if that cannot be told beforehand; then nothing has happened.
  bool items_then_build(Value instance, Value state, std::span<Value> items);

 private:
  void before_call() override { pause_.resume(); }
  void after_call() override {
    pause_.pause_again();
    ++epoch_;
    empty_array_ = nullptr;
    if (instances_ != nullptr) instances_->fresh.clear();
  }
  // Code that may be Python's runs while one of these lives.
  class Outside : Watched {
   public:
    explicit Outside(Loader& loader) : Watched(&loader) {}
  };

  bool error(const char* message);
  const char* line(const Instruction& in, std::size_t& size);
  const char* filled_line(const Instruction& in, std::size_t& size);

  PyObject* text_int(const Instruction& in);
  PyObject* text_long(const Instruction& in);
  PyObject* text_float(const Instruction& in);
  PyObject* text_string(const Instruction& in);
  PyObject* text_unicode(const Instruction& in);
  PyObject* byte_string(const char* data, std::size_t size);
  PyObject* bytes(const Instruction& in, std::size_t header);
  PyObject* bytearray(const Instruction& in);
  std::uint64_t payload_size(const Instruction& in, std::size_t header) const;
  PyObject* filled(PyObject* made, char* to, const Instruction& in, std::size_t header, std::uint64_t size);
  PyObject* next_buffer();
  PyObject* readonly_buffer(PyObject* buffer);
  PyObject* extension(long code);
  PyObject* global_lines(const Instruction& in);
  PyObject* persistent_line(const Instruction& in);
  PyObject* persistent(PyObject* id);
  PyObject* stack_global(PyObject* module, PyObject* name);
  PyObject* find_class(PyObject* module, PyObject* name);
  PyObject* tuple(std::span<Value> taken);
  PyObject* list(std::span<Value> taken);
  PyObject* dict(std::span<Value> taken);
  PyObject* frozenset(std::span<Value> taken);
  PyObject* instantiate(PyObject* cls, std::span<Value> arguments);
  PyObject* reduce(PyObject* callable, PyObject* arguments);
  PyObject* newobj(PyObject* cls, PyObject* arguments, PyObject* keywords);
  PyObject* inst(const Instruction& in, std::span<Value> taken);
  KnownCall known_call(PyObject* callable);
  PyObject* call_known(PyObject* callable, PyObject* arguments);
  bool fill_array(PyObject*& array, PyObject* state);
  PyObject* new_namedtuple(PyTypeObject* type, PyObject* arguments);
  bool append(PyObject* target, std::span<Value> taken);
  bool set_items(PyObject* target, std::span<Value> taken);
  bool set_item(PyObject* dict, PyObject* key, PyObject* value);
  bool add_items(PyObject* target, std::span<Value> taken);
  bool fill_set(PyObject* set, std::span<Value> taken);
  bool build(PyObject*& instance, PyObject* state);
  bool build_default(PyObject* instance, PyObject* state);
  bool fill_dict(PyObject* instance, PyObject* state);
  bool fill_slots(PyObject* instance, PyObject* state);
  bool set_attribute(PyObject* instance, LoadFacts& facts, std::size_t number, PyObject* key, PyObject* value);
  bool set_attributes(PyObject* instance, LoadFacts& facts, std::span<Value> items);

  LoadFacts& facts_of(PyTypeObject* type);
  bool is_fresh(PyObject* instance);
  bool text_index(const Instruction& in, Py_ssize_t& index);
  void count_made();
  bool put_at(std::uint64_t index, PyObject* object);
  bool get_at(std::uint64_t index, PyObject*& out);

  const State& state_;
  const LoaderOptions& options_;
  LoadMemo& memo_;
  Input& input_;
  CollectorPause pause_;
  ManyObjects many_;
  PyObject* root_ = nullptr;
  PyObject* spare_dict_ = nullptr;  // an empty one that nobody else has seen
  int protocol_ = 0;
  std::uint64_t epoch_ = 1;
  static constexpr int kManyMade = 16;
  int made_ = 0;  // calls and instances so far, up to that many
  PyObject* empty_array_ = nullptr;  // borrowed; made by _reconstruct a moment ago
  struct Known {
    const void* key() const { return callable.get(); }

    Ref callable;
    KnownCall call = KnownCall::kNone;
  };
  // What only instances need, so that small messages don't pay for it.
  struct Instances {
    SmallTable<LoadFacts, 16> facts;
    std::vector<PyObject*> fresh;  // instances just made, which no code but this has seen
    Fetched fetched;
    SmallTable<Known, 16> known;
  };
  Instances& instances() {
    if (instances_ == nullptr) instances_ = std::make_unique<Instances>();
    return *instances_;
  }
  std::unique_ptr<Instances> instances_;
  bool knows_fetched_ = false;
  std::string line_;
};

}  // namespace python
}  // namespace cppickle

#endif  // CPPICKLE_PYTHON_LOADER_H_
