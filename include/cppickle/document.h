// A pickle as data: what was read, as a graph of values, without running or importing anything.
//
//   auto document = cppickle::Document::read(bytes);
//   if (!document) return fail(document.error().to_string());
//   for (cppickle::Value record : document->root().items()) ...
//
// Lifetime: a Document owns its graph; strings, bytes and arrays stay spans of the source, which the caller keeps alive
// unless an owner is given. A Value is a cursor of two words that must not outlive its Document.
// Threads: a const Document may be read by many threads; editing needs exclusive use.
#ifndef CPPICKLE_DOCUMENT_H_
#define CPPICKLE_DOCUMENT_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/error.h"
#include "cppickle/limits.h"

namespace cppickle {

struct Graph;
struct Node;
struct Change;
class Cell;

enum class Kind : std::uint8_t {
  kNone,
  kBool,
  kInt,           // of any size
  kFloat,
  kString,        // Unicode; UTF-8 with lone surrogates as three bytes
  kBytes,
  kByteString,    // Python 2's str: bytes that may be text
  kByteArray,
  kTuple,
  kList,
  kDict,
  kSet,
  kFrozenSet,
  kGlobal,        // a class or function by name; nothing is imported
  kObject,        // the result of a call: class or function, arguments, state, items
  kPersistentId,  // an object that lies outside the pickle
  kExtension,     // a code of copyreg's extension registry
  kBuffer,        // an out-of-band buffer (PEP 574), by its position
};
std::string_view name_of(Kind kind);

struct Global {
  std::string_view module;
  std::string_view qualname;  // may hold dots
  std::string to_string() const { return std::string(module) + "." + std::string(qualname); }
};

class Values;
class Pairs;

// A value of a document. Copies are cheap. Accessors of another kind than kind() says return an empty answer.
class Value {
 public:
  Value(const Graph& graph, std::uint64_t cell) : graph_(&graph), cell_(cell) {}

  Kind kind() const;

  bool as_bool() const;
  std::optional<std::int64_t> as_int() const;  // empty if it does not fit
  std::string as_decimal() const;              // of any int; above 4300 digits in hexadecimal (0x...)
  std::string_view int_bytes() const;          // of an int outside 64 bits: little-endian two's complement, or digits
  double as_double() const;
  std::string_view text() const;               // string, byte string, bytes and bytearray: their bytes

  // tuple, list, set and frozenset: members; object: what was appended to it, or added to it.
  Values items() const;
  // dict: keys and values in the order they were set; object: likewise.
  Pairs pairs() const;
  // Members of items(), or twice the pairs of a dict. Walks the changes, not the members.
  std::uint64_t size() const;

  std::optional<Global> global() const;        // of a kGlobal whose names are text
  std::optional<Value> callable() const;       // object: class or function
  std::optional<Value> args() const;           // object made by REDUCE, NEWOBJ, NEWOBJ_EX: the tuple of arguments
  Values direct_args() const;                  // object made by OBJ, INST: the arguments
  std::optional<Value> kwargs() const;         // object made by NEWOBJ_EX
  std::optional<Value> state() const;          // object: what BUILD gave it, the last if there are several
  std::optional<Value> persistent_id() const;
  std::uint32_t extension_code() const;
  bool is_read_only_buffer() const;
  std::string_view opcode() const;             // of what made it: "NEWOBJ"

  // Bytes that follow the value's BUILD in the source and are no instructions (joblib's arrays): empty if there are none.
  std::string_view raw_bytes() const;
  // A whole pickle that follows it instead (joblib's object arrays): its root.
  std::optional<Value> nested() const;

  // The same object, not only an equal one. Leaves that were never put in the memo are nobody's twin.
  bool same_object(const Value& other) const;
  // A number for what may be shared or be part of a cycle, 0 for what cannot: leaves outside the memo.
  std::uint64_t identity() const;
  // True at a place that refers back to a value that stands elsewhere.
  bool is_reference() const;

  const Graph& graph() const { return *graph_; }
  std::uint64_t cell() const { return cell_; }

 private:
  const Graph* graph_;
  std::uint64_t cell_;
};

// A range of values: the cells of a node, then those that changes of some kinds brought. Forward, one pass or many.
class Values {
 public:
  class Iterator {
   public:
    using value_type = Value;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    const Cell* place() const { return cell_; }  // for the library's own use
    Value operator*() const;
    Iterator& operator++();
    Iterator operator++(int) {
      Iterator old = *this;
      ++*this;
      return old;
    }
    bool operator==(std::default_sentinel_t) const { return cell_ == nullptr; }
    bool operator==(const Iterator& other) const { return cell_ == other.cell_; }

   private:
    friend class Values;
    void settle();  // moves on to the next change that has cells

    const Graph* graph_ = nullptr;
    const Node* node_ = nullptr;
    unsigned kinds_ = 0;
    const Cell* cell_ = nullptr;
    const Cell* end_ = nullptr;
    const Change* change_ = nullptr;      // the last one entered; null before the first
    const Node* through_ = nullptr;       // a node whose changes are being read in place of a kVia change
    const Change* return_ = nullptr;      // that kVia change
  };

  Iterator begin() const;
  std::default_sentinel_t end() const { return {}; }
  bool empty() const { return begin() == end(); }

 private:
  friend class Value;
  friend class Pairs;
  friend class Iterator;
  Values(const Graph& graph, const Node* node, std::uint64_t first, bool own, unsigned kinds)
      : graph_(&graph), node_(node), first_(first), own_(own), kinds_(kinds) {}

  const Graph* graph_;
  const Node* node_;     // null for an empty range
  std::uint64_t first_;  // of the node's own cells
  bool own_;             // whether the node's own cells belong to the range
  unsigned kinds_;       // which changes do: bits 0 append, 1 set items, 2 add items
};

struct Pair {
  Value key;
  Value value;
};

class Pairs {
 public:
  class Iterator {
   public:
    using value_type = Pair;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    explicit Iterator(Values::Iterator at) : at_(at) {}
    const Cell* value_place() const { return (++Values::Iterator(at_)).place(); }  // for the library's own use
    Pair operator*() const {
      Values::Iterator next = at_;
      ++next;
      return {*at_, *next};
    }
    Iterator& operator++() {
      ++++at_;
      return *this;
    }
    Iterator operator++(int) {
      Iterator old = *this;
      ++*this;
      return old;
    }
    bool operator==(std::default_sentinel_t end) const { return at_ == end; }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    Values::Iterator at_;
  };

  Iterator begin() const { return Iterator(flat_.begin()); }
  std::default_sentinel_t end() const { return {}; }
  bool empty() const { return flat_.empty(); }

 private:
  friend class Value;
  explicit Pairs(Values flat) : flat_(flat) {}
  Values flat_;
};

// Whether pickles that follow one another in a file share a memo, as those of one Pickler do.
enum class MemoScope : std::uint8_t {
  kAutomatic,  // each its own; if that leaves a GET without its entry, shared
  kPerPickle,
  kPerStream,
};

struct ReadOptions {
  Limits limits = {};
  MemoScope memo = MemoScope::kAutomatic;
  // How many pickles to read at most; what follows is then not looked at.
  std::uint64_t most_pickles = ~std::uint64_t{0};
  // Keeps the source alive as long as the document.
  std::shared_ptr<const void> owner = {};
  // Called now and then with the bytes read so far; false stops with ErrorCode::kCancelled.
  std::function<bool(std::uint64_t bytes)> progress = {};
};

// Something worth knowing that is no error.
struct Note {
  enum class Kind : std::uint8_t {
    kPadding,        // zero bytes after the last pickle
    kTrailingBytes,  // bytes after the last pickle that are none: the message says why not
    kSharedMemo,     // pickles were read with one memo
    kMemoAmbiguous,  // both ways of reading the memo give a result, and they may differ
    kLeftover,       // values left on the stack at STOP
  };
  Kind kind;
  std::uint64_t offset;
  std::uint64_t size;
  std::string message;
};

// What is known of one pickle of a document.
struct PickleInfo {
  std::uint8_t protocol;
  std::uint64_t begin;  // offsets in the source
  std::uint64_t end;
  std::uint64_t instructions;
  std::uint64_t memo_entries;
  std::uint64_t frames;
};

class Document {
 public:
  // Reads every pickle of `source`, which must outlive the document unless options.owner keeps it. Bytes after the first
  // pickle that are no pickle are a note, not an error. An error in the first pickle is an error.
  [[nodiscard]] static Result<Document> read(std::string_view source, const ReadOptions& options = {});
  template <std::same_as<std::string> Temporary>
  static Result<Document> read(Temporary&& source, const ReadOptions& options = {}) = delete;

  // An empty document to build values in: its root is None until set_root().
  explicit Document(int protocol = 4);
  ~Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;

  // The value of the first pickle, or of the n-th.
  Value root(std::size_t pickle = 0) const&;
  Value root(std::size_t pickle = 0) const&& = delete;
  std::size_t pickles() const;
  PickleInfo info(std::size_t pickle = 0) const;
  const std::vector<Note>& notes() const&;
  // Where in the source the last pickle ended.
  std::uint64_t end_offset() const;
  // True for a pickle that continues the memo of the one before it.
  bool shares_memo(std::size_t pickle) const;
  // True if arrays or pickles lie between the instructions (joblib).
  bool has_inline_arrays() const;
  // Bytes that the graph takes, without the source.
  std::uint64_t memory() const;

  // Building: new values of this document, from values of this document. They are part of it once they are reached from a
  // root. Strings are copied.
  Value none();
  Value boolean(bool value);
  Value integer(std::int64_t value);
  Value real(double value);
  Value string(std::string_view utf8);  // what is not valid UTF-8 (surrogates allowed) is read as Latin-1
  Value bytes(std::string_view value);
  Value tuple(std::span<const Value> items);
  Value list(std::span<const Value> items);
  Value dict(std::span<const Pair> pairs);
  Value set(std::span<const Value> items);
  Value frozen_set(std::span<const Value> items);
  Value global(std::string_view module, std::string_view qualname);
  Value call(Value callable, Value args);              // REDUCE
  Value new_object(Value type, Value args, std::optional<Value> state = {});  // NEWOBJ, then BUILD

  // Editing. A value may be put in several places and then is one shared object, as in Python.
  void set_root(Value value, std::size_t pickle = 0);
  [[nodiscard]] Result<void> append(Value list, Value item);
  [[nodiscard]] Result<void> set_item(Value dict, Value key, Value value);
  // Puts `value` where the path leads: "runs[3].loss". Only the instructions of that place change.
  [[nodiscard]] Result<void> replace(std::string_view path, Value value, std::size_t pickle = 0);

  const Graph& graph() const& { return *graph_; }
  Graph& graph() & { return *graph_; }

 private:
  friend Document make_document(std::unique_ptr<Graph> graph);
  explicit Document(std::unique_ptr<Graph> graph);
  Value leaf(std::string_view instruction);
  Value node(std::uint8_t opcode, std::span<const Value> cells);
  void change(Value target, std::uint8_t opcode, std::span<const Value> cells);
  std::unique_ptr<Graph> graph_;
};

// The value at `path` below `from`: dict keys and attributes by name (`a.b`), other keys in brackets as Python writes
// them (`['x y']`, `[3]`), items by number (`[0]`, `[-1]`). An attribute is looked for in the state, then in the pairs.
[[nodiscard]] Result<Value> find(Value from, std::string_view path);

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_H_
