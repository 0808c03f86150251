// The pickler's memo: from objects, by identity, to memo indices.
#ifndef CPPICKLE_PYTHON_POINTER_MEMO_H_
#define CPPICKLE_PYTHON_POINTER_MEMO_H_

#include "ref.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "large_memory.h"

namespace cppickle::python {

// Objects with ascending indices, most of which follow each other: eight bytes for one, never copied.
class IndexedList {
 public:
  void push_back(PyObject* object, Py_ssize_t index) {
    if (end_ == full_) [[unlikely]] add_block();
    if (index != next_) [[unlikely]] runs_.push_back({size(), index});
    next_ = index + 1;
    *end_++ = object;
  }
  std::size_t size() const {
    return blocks_.empty() ? 0 : blocks_.size() * kBlock - static_cast<std::size_t>(full_ - end_);
  }
  // Calls visit(object, index).
  template <class Visit>
  void for_each(Visit&& visit) const {
    const std::size_t size = this->size();
    std::size_t at = 0;
    for (std::size_t run = 0; run < runs_.size(); ++run) {
      const std::size_t end = run + 1 < runs_.size() ? runs_[run + 1].begin : size;
      for (Py_ssize_t index = runs_[run].index; at < end; ++at) visit(blocks_[at / kBlock][at % kBlock], index++);
    }
  }
  void clear() {
    blocks_.clear();
    runs_.clear();
    end_ = full_ = nullptr;
    next_ = -1;
  }

 private:
  static constexpr std::size_t kBlock = 4096;
  struct Run {
    std::size_t begin;  // the number of its first object
    Py_ssize_t index;
  };

  void add_block() {
    blocks_.push_back(std::make_unique_for_overwrite<PyObject*[]>(kBlock));
    end_ = blocks_.back().get();
    full_ = end_ + kBlock;
  }

  std::vector<std::unique_ptr<PyObject*[]>> blocks_;
  std::vector<Run> runs_;
  PyObject** end_ = nullptr;
  PyObject** full_ = nullptr;
  Py_ssize_t next_ = -1;
};

// As long as no foreign code runs, the objects are kept alive by whatever is being pickled, so the memo need not hold
// references. hold() must be called before code runs that may let objects go, and is for good.
class PointerMemo {
 public:
  struct Entry {
    PyObject* key;  // nullptr: free
    Py_ssize_t index;
  };

  PointerMemo() = default;
  PointerMemo(const PointerMemo&) = delete;
  PointerMemo& operator=(const PointerMemo&) = delete;
  ~PointerMemo() { clear(); }

  // The object's entry, or the free one where it belongs. Valid until the next insertion.
  //
  // Objects of one kind lie one after the other: neighbours in memory stay neighbours here, regions of memory are spread.
  // Where regions fall on each other, a search leaves the crowd after a few steps, by a walk that visits each place
  // (Hull and Dobell 1962: i * 5 + an odd number, modulo a power of two).
  Entry* find(PyObject* object) const {
    constexpr std::size_t kSteps = 4;
    const auto address = reinterpret_cast<std::uintptr_t>(object);
    const std::size_t region = (address >> 14) * 0x9E3779B97F4A7C15;
    for (std::size_t i = (address >> 4 & 0x3FF) + region;; i = i * 5 + (region | 1)) {
      for (std::size_t step = 0; step < kSteps; ++step) {
        Entry* entry = table_ + ((i + step) & mask_);
        if (entry->key == object || entry->key == nullptr) return entry;
      }
    }
  }
  bool contains(PyObject* object) const { return find(object)->key != nullptr; }

  // Fills `entry`, which find() gave for `object` and which is free. Throws std::bad_alloc.
  void insert(Entry* entry, PyObject* object, Py_ssize_t index) {
    if (held_) Py_INCREF(object);
    ++size_;
    entry->key = object;
    entry->index = index;
    if (is_full(++used_, mask_)) [[unlikely]] grow((mask_ + 1) * (used_ > 50000 ? 2 : 4));
  }
  void set(PyObject* object, Py_ssize_t index) {
    Entry* entry = find(object);
    if (entry->key != nullptr) entry->index = index;
    else insert(entry, object, index);
  }

  // An entry that nobody can refer to: for an object that lived only while it was written.
  void insert_virtual() { ++size_; }

  // An entry for an object that is met again only if foreign code runs: find() sees it after hold(). Throws
  // std::bad_alloc.
  void insert_alone(PyObject* object) {
    if (held_) return set(object, size_);
    alone_.push_back(object, size_);
    ++size_;
  }

  std::size_t bytes() const { return sizeof *this + (heap_ != nullptr ? (mask_ + 1) * sizeof(Entry) : 0); }

  // How many entries there are: the next index.
  Py_ssize_t size() const { return size_; }

  bool is_held() const { return held_; }
  // Throws std::bad_alloc, and is then not done.
  void hold() {
    if (held_) return;
    make_room(used_ + alone_.size());
    alone_.for_each([this](PyObject* object, Py_ssize_t index) { *find(object) = {object, index}; });
    used_ += alone_.size();
    alone_.clear();
    held_ = true;
    for_each([](const Entry& entry) { Py_INCREF(entry.key); });
  }

  void clear() {
    const std::size_t count = mask_ + 1;
    Entry* table = table_;
    const Table heap = std::move(heap_);
    Entry last[kInline];
    if (heap == nullptr && used_ != 0) {
      std::copy(inline_, inline_ + kInline, last);
      table = last;
    }
    const bool release = held_ && used_ != 0;
    if (used_ != 0 || heap != nullptr) std::fill(inline_, inline_ + kInline, Entry{});
    table_ = inline_;
    mask_ = kInline - 1;
    used_ = 0;
    size_ = 0;
    alone_.clear();
    if (!release) return;
    for (std::size_t i = 0; i < count; ++i) Py_XDECREF(table[i].key);  // last: it may run code
  }

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t i = 0; i <= mask_; ++i) {
      if (table_[i].key != nullptr) visit(table_[i]);
    }
  }

  // Takes another memo's entries in place of its own. Throws std::bad_alloc.
  void copy_from(const PointerMemo& other) {
    clear();
    hold();
    other.for_each([this](const Entry& entry) { set(entry.key, entry.index); });
    size_ = other.size_;
  }

 private:
  static constexpr std::size_t kInline = 32;
  struct Free {
    std::size_t size;
    void operator()(Entry* table) const { free_zeroed(table, size); }
  };
  using Table = std::unique_ptr<Entry[], Free>;

  static bool is_full(std::size_t used, std::size_t mask) { return used * 8 > mask * 5; }

  void make_room(std::size_t used) {
    std::size_t count = mask_ + 1;
    while (is_full(used, count - 1)) count *= 2;
    if (count > mask_ + 1) grow(count);
  }

  void grow(std::size_t count) {
    const std::size_t size = count * sizeof(Entry);
    Table grown(static_cast<Entry*>(zeroed_memory(size)), Free{size});
    if (grown == nullptr) throw std::bad_alloc();
    Entry* old = table_;
    const std::size_t old_count = mask_ + 1;
    table_ = grown.get();
    mask_ = count - 1;
    for (std::size_t i = 0; i < old_count; ++i) {
      if (old[i].key != nullptr) *find(old[i].key) = old[i];
    }
    heap_ = std::move(grown);
  }

  Entry* table_ = inline_;
  std::size_t mask_ = kInline - 1;
  std::size_t used_ = 0;
  Py_ssize_t size_ = 0;
  bool held_ = false;
  Table heap_;
  IndexedList alone_;
  Entry inline_[kInline] = {};
};

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_POINTER_MEMO_H_
