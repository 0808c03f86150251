// A walk over a document's graph that emits its instructions in the order of the stream, without recursion.
#ifndef CPPICKLE_DOCUMENT_DOCUMENT_WRITER_H_
#define CPPICKLE_DOCUMENT_DOCUMENT_WRITER_H_

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "cppickle/error.h"
#include "document/cell.h"
#include "document/graph.h"
#include "pickle/encoder.h"

namespace cppickle {

// The memos of a document's pickles while they are written. What an edit put in several pickles is in none of their memos
// but the current one. A new memo costs nothing, however many entries and pickles there are.
class WrittenEntries {
 public:
  static constexpr std::uint64_t kNotYet = ~std::uint64_t{0};
  static constexpr std::uint64_t kOpen = kNotYet - 1;  // its value has begun and is not in the memo yet
  explicit WrittenEntries(const Graph& graph) : graph_(graph), slots_(graph.memo.size()) {}

  // The key of an entry in the current memo.
  std::uint64_t& key(std::uint32_t entry) { return current(slots_[entry]); }

  // The key of a value of DUP that has no memo entry; null for any other node.
  std::uint64_t* key_of_duplicated(const Node& node);

  void begin_memo() { memo_ = ++last_memo_; }

  // A nested pickle and its memo. False if that pickle is being written already: an edit put it in itself.
  bool begin_nested(std::uint64_t stream);
  void end_nested();

  std::uint64_t next_key = 0;

 private:
  struct Slot {
    std::uint64_t key = kNotYet;
    std::uint32_t memo = 0;
  };
  struct Outer {
    std::uint64_t stream;
    std::uint32_t memo;
  };
  std::uint64_t& current(Slot& slot) const {
    if (slot.memo != memo_) slot = {kNotYet, memo_};
    return slot.key;
  }
  void find_duplicated();

  const Graph& graph_;
  std::vector<Slot> slots_;
  std::unordered_map<const Node*, Slot> duplicated_;
  bool has_duplicated_ = false;  // they are found when first asked for
  std::uint32_t memo_ = 0;
  std::uint32_t last_memo_ = 0;
  std::vector<Outer> nested_;    // the nested pickles being written, and the memos around them
};

// What is common to both ways of writing; a subclass knows the forms. One object writes one pickle.
class DocumentWriter {
 public:
  DocumentWriter(const Graph& graph, const Stream& stream, WrittenEntries& entries)
      : graph_(graph), stream_(stream), entries_(entries) {}
  virtual ~DocumentWriter() = default;

  // The root and STOP. False if `error` tells why not.
  bool write(Encoder& encoder, Error& error);

 protected:
  enum class Stage : std::uint8_t { kStart, kCells, kMade, kChange, kChangeCells, kRun, kLast };

  // A node that is being written.
  struct Task {
    Cell cell;
    Stage stage = Stage::kStart;
    std::uint32_t index = 0;         // of the next cell
    const Change* change = nullptr;  // the change being written
    std::uint64_t left = 0;          // cells left of a run of changes
    std::uint32_t batch = 0;         // cells left of the run's batch
    bool in_batch = false;
    bool single = false;             // the batch is one item, written without a MARK
    bool listing = false;            // the run is the list that a set is made of
    Node& node() const { return *cell.node(); }
    const Change* first() const { return node().last != nullptr ? node().last->next : nullptr; }
    const Change* after() const { return change == node().last ? nullptr : change->next; }
  };

  // One step of a node. Stages call those below; `task` may be gone after a call of value().
  bool step(Task& task);
  virtual bool start(Task& task) = 0;    // kStart: what comes before the node's cells
  virtual bool made(Task& task) = 0;     // kMade: the node's own instruction
  virtual bool change(Task& task) = 0;   // kChange: begins a change, or ends the node
  virtual bool changed(Task& task) = 0;  // kChangeCells, after the last: the change's instruction
  virtual bool run(Task& task) = 0;      // kRun: changes that are written together
  virtual bool leaf(Cell cell) = 0;
  virtual void put(std::uint32_t entry) = 0;
  virtual void get(Cell cell, std::uint64_t key) = 0;
  virtual bool write_nested(const Stream& stream, Error& error) = 0;
  bool nested(std::uint64_t stream);
  bool raw(const Change& change);

  // Writes a leaf or a reference, or begins a node.
  bool value(Cell cell);
  void done() { tasks_.pop_back(); }
  bool fail(ErrorCode code, std::string message);

  const Graph& graph_;
  const Stream& stream_;
  WrittenEntries& entries_;
  Encoder* encoder_ = nullptr;
  std::vector<Task> tasks_;

 private:
  bool reference(Cell cell);
  bool last(Task& task);
  bool memoized_leaf(std::uint32_t entry);

  Error error_{ErrorCode::kUnsupported, {}};
};

// Every opcode, memo key and frame as it was read. Document-wide: `out` may hold pickles before this one.
bool write_kept(const Graph& graph, const Stream& stream, WrittenEntries& entries, std::string& out, Error& error);

// Forms as CPython 3.11's pickler chooses them for `protocol`.
bool write_canonical(const Graph& graph, const Stream& stream, WrittenEntries& entries, int protocol, std::string& out,
                     Error& error);

// joblib's padding, so that the array begins at a multiple of 16 bytes of the file; empty for arrays without padding.
std::string array_padding(const Change& raw, std::uint64_t position);

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_DOCUMENT_WRITER_H_
