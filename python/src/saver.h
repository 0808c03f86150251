// Pickles Python objects: save() and what it calls. The choices, their order and the bytes are those of CPython's
// Modules/_pickle.c; where a type's facts allow, the way there is shorter (saver_instance.cc, saver_known.cc).
#ifndef CPPICKLE_PYTHON_SAVER_H_
#define CPPICKLE_PYTHON_SAVER_H_

#include "ref.h"

#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "internals.h"
#include "output.h"
#include "pointer_memo.h"
#include "state.h"
#include "type_facts.h"

namespace cppickle::python {

// What a pickler's user asked for. Borrowed; nullptr where there is none.
struct SaverOptions {
  int protocol = 4;
  bool fix_imports = true;
  bool fast = false;                      // no memo entries
  PyObject* persistent_id = nullptr;
  PyObject* persistent_self = nullptr;    // the first argument of persistent_id, if it is a plain function
  PyObject* dispatch_table = nullptr;     // instead of copyreg's
  PyObject* reducer_override = nullptr;
  PyObject* buffer_callback = nullptr;
  bool memo_is_seen = false;              // somebody can look at the memo, so each entry has its object
};

// Checks a protocol argument: None is the default, negative the highest. False with an exception.
bool parse_protocol(PyObject* argument, int& protocol);

// Writes one pickle. All functions return false with an exception set. Throws std::bad_alloc.
class Saver : private Watcher {
 public:
  Saver(State& state, const SaverOptions& options, PointerMemo& memo, Output& out)
      : state_(state), options_(options), memo_(memo), out_(out), protocol_(options.protocol),
        plain_(options.persistent_id == nullptr && options.dispatch_table == nullptr &&
               options.reducer_override == nullptr && !options.fast && options.protocol >= 2),
        pause_(state) {
    if (kCollectorInterrupts && !state.pause_collector) memo.hold();  // it may run finalizers at any time
    out.set_watcher(this);
  }
  ~Saver() { out_.set_watcher(nullptr); }
  Saver(const Saver&) = delete;
  Saver& operator=(const Saver&) = delete;

  // PROTO, the object, STOP.
  bool dump(PyObject* object);

 private:
  void before_call() override {
    memo_.hold();
    pause_.resume();
  }
  void after_call() override {
    pause_.pause_again();
    ++epoch_;
  }
  // Code that may be Python's runs while one of these lives.
  class Outside : Watched {
   public:
    explicit Outside(Saver& saver) : Watched(&saver) {}
  };
  // One level of CPython's recursion limit.
  class Level {
   public:
    Level() : entered_(Py_EnterRecursiveCall(" while pickling an object") == 0) {}
    ~Level() {
      if (entered_) Py_LeaveRecursiveCall();
    }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    explicit operator bool() const { return entered_; }

   private:
    bool entered_;
  };
  // Guards `fast` mode, which has no memo, against cycles.
  class FastGuard;

  // Whether the one reference to an object is that of a container that is written once. Then the object has not been met
  // before, and is met again only if foreign code finds it: the memo need not be asked for it.
  enum class Alone : bool { kNo, kYes };
  // For an item of a container, of which the caller may have a reference besides. `once`: a container that is in the memo
  // before its items are, or is alone itself.
  static Alone alone_if(bool once, PyObject* item, Py_ssize_t references) {
    return once && has_references(item, references) ? Alone::kYes : Alone::kNo;
  }
  // Whether that still holds after parts of the object were saved.
  bool is_still(Alone alone) const { return alone == Alone::kYes && !memo_.is_held(); }

  bool save(PyObject* object, Alone alone = Alone::kNo);
  bool save_unless_persistent(PyObject* object, Alone alone);  // save() after persistent_id was asked
  bool save_complex(PyObject* object, PyTypeObject* type, Alone alone);
  bool save_object(PyObject* object, PyTypeObject* type, Alone alone);

  bool memoize(PyObject* object, Alone alone = Alone::kNo);
  bool put(Py_ssize_t index);
  bool get(Py_ssize_t index);
  bool memoize_virtual();

  bool save_int(PyObject* integer);
  bool write_int(long value);
  bool save_big_int(PyObject* integer);
  bool save_float(PyObject* number);
  bool save_float_line(double value);
  bool save_bool(PyObject* boolean);
  bool save_str(PyObject* text, Alone alone);
  bool write_text(PyObject* text);
  bool write_utf8(std::string_view utf8, PyObject* bytes);
  bool save_bytes(PyObject* bytes, Alone alone);
  bool write_bytes(std::string_view data, PyObject* object);
  bool save_bytearray(PyObject* array);
  bool save_buffer(PyObject* buffer);
  bool save_call(PyObject* callable, PyObject* args, PyObject* object);
  bool save_as_list_call(PyTypeObject* type, PyObject* set);

  // From protocol 2 on the smallest tuples need no MARK.
  bool needs_mark(Py_ssize_t size) const { return size > 3 || protocol_ < 2; }
  bool end_tuple(Py_ssize_t size);
  bool save_tuple_items(PyObject* tuple, Alone alone);
  bool save_tuple(PyObject* tuple, Alone alone);
  bool save_list(PyObject* list, Alone alone);
  bool save_list_items(PyObject* list);
  bool save_numbers(PyObject* list, std::uint64_t most, Py_ssize_t& done);
  bool save_dict(PyObject* dict, Alone alone);
  bool save_dict_items(PyObject* dict);
  bool save_set(PyObject* set, Alone alone);
  bool save_frozenset(PyObject* set);
  bool append_all(PyObject* iterator);
  bool set_all(PyObject* iterator);

  bool save_type(PyObject* type);
  bool save_global(PyObject* object, PyObject* name);
  bool find_in_module(PyObject* object, Ref& name, Ref& module_name, Ref& module);
  bool save_extension(PyObject* object, PyObject* module_name, PyObject* global_name, bool& saved);
  bool save_nested_name(PyObject* module_name, PyObject* names, PyObject* parent);
  bool write_global_lines(PyObject* module_name, PyObject* global_name);
  bool save_persistent(PyObject* object, bool& saved);

  bool reduce_value(PyObject* object, PyTypeObject* type, Ref& value);
  bool save_reduced(PyObject* value, PyObject* object);
  bool save_reduce(PyObject* reduced, PyObject* object);
  bool save_newobj(PyObject* args, PyObject* object);
  bool save_newobj_ex(PyObject* args);
  bool error(const char* format, ...);

  const TypeFacts& facts_of(PyTypeObject* type);
  enum class Tried { kSaved, kFailed, kNotMine };
  Tried save_instance(PyObject* object, const TypeFacts& facts, Alone alone);
  Tried save_with_getstate(PyObject* object, const TypeFacts& facts);
  Tried save_known(PyObject* object, const TypeFacts& facts, Alone alone);
  struct SlotValue {
    PyObject* name;  // borrowed from the list of slots
    Ref value;
  };
  bool slot_values(PyObject* object, PyObject* slots, std::vector<SlotValue>& values);
  bool save_state(PyObject* dict, const std::vector<SlotValue>& slots);
  bool save_slots(const std::vector<SlotValue>& slots);
  bool save_items_as_args(PyObject* tuple, Alone alone);
  bool finish_made(Opcode opcode, PyObject* object, Alone alone, bool& recursive);
  Tried save_array(PyObject* array);
  bool array_function();
  template <class WriteArgs>
  Tried save_as_call(PyObject* object, Alone alone, Py_ssize_t count, WriteArgs&& write_args);

  State& state_;
  const SaverOptions options_;
  PointerMemo& memo_;
  Output& out_;
  const int protocol_;
  const bool plain_;  // nothing asks to see each object, so that types' facts may be used
  CollectorPause pause_;
  std::uint64_t epoch_ = 1;
  std::unique_ptr<FactsTable> facts_;
  Py_ssize_t registered_ = 0;  // how many types copyreg.dispatch_table had when facts were last found
  Ref array_function_;     // numpy's function that makes arrays, once one was met
  int fast_nesting_ = 0;
  Ref fast_seen_;
};

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_SAVER_H_
