// The unpickler's memo: from indices to objects, which it owns.
#ifndef CPPICKLE_PYTHON_LOAD_MEMO_H_
#define CPPICKLE_PYTHON_LOAD_MEMO_H_

#include "ref.h"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace cppickle::python {

// Indices come from the file: those that follow each other lie in an array, others in a hash table, so that an index is
// never an allocation size. Throws std::bad_alloc.
class LoadMemo {
 public:
  LoadMemo() = default;
  LoadMemo(const LoadMemo&) = delete;
  LoadMemo& operator=(const LoadMemo&) = delete;
  ~LoadMemo() { clear(); }

  // Borrowed, or nullptr.
  PyObject* find(std::uint64_t index) const {
    if (index < size_) return dense_[index];
    if (sparse_.empty()) [[likely]] return nullptr;
    const auto found = sparse_.find(index);
    return found != sparse_.end() ? found->second : nullptr;
  }

  void put(std::uint64_t index, PyObject* object) {
    Py_INCREF(object);
    if (index == size_ && sparse_.empty()) [[likely]] {
      if (size_ == capacity_) [[unlikely]] grow();
      dense_[size_++] = object;
      ++count_;
      return;
    }
    put_elsewhere(index, object);
  }

  // The next entry, which nobody will ask for: it only counts. False if `index` is not the next.
  bool put_nothing(std::uint64_t index) {
    if (index != size_ || !sparse_.empty()) [[unlikely]] return false;
    if (size_ == capacity_) [[unlikely]] grow();
    dense_[size_++] = nothing();
    ++count_;
    return true;
  }

  // How many entries there are: the index that MEMOIZE means.
  std::uint64_t count() const { return count_; }

  void clear() {
    PyObject** dense = dense_;
    const std::size_t size = size_;
    PyObject* small[kInline];
    if (dense == small_) {
      std::copy(small_, small_ + size, small);
      dense = small;
    }
    auto sparse = std::move(sparse_);
    sparse_.clear();
    dense_ = small_;
    size_ = 0;
    capacity_ = kInline;
    count_ = 0;
    for (std::size_t i = 0; i < size; ++i) {  // last: it may run code
      if (dense[i] != nothing()) Py_XDECREF(dense[i]);
    }
    for (const auto& [index, object] : sparse) Py_DECREF(object);
    if (dense != small) PyMem_Free(dense);
  }

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t i = 0; i < size_; ++i) {
      if (dense_[i] != nullptr && dense_[i] != nothing()) visit(static_cast<std::uint64_t>(i), dense_[i]);
    }
    for (const auto& [index, object] : sparse_) visit(index, object);
  }

  void copy_from(const LoadMemo& other) {
    std::vector<std::pair<std::uint64_t, PyObject*>> entries;
    other.for_each([&](std::uint64_t index, PyObject* object) { entries.emplace_back(index, new_ref(object)); });
    clear();
    for (const auto& [index, object] : entries) {
      put(index, object);
      Py_DECREF(object);
    }
  }

  std::size_t bytes() const { return sizeof *this + (dense_ != small_ ? capacity_ * sizeof(PyObject*) : 0); }

 private:
  static constexpr std::size_t kInline = 16;

  static PyObject* nothing() {
    static char place;
    return reinterpret_cast<PyObject*>(&place);
  }

  void put_elsewhere(std::uint64_t index, PyObject* object) {
    PyObject* old = nullptr;
    if (index < size_) {
      old = std::exchange(dense_[index], object);
    } else if (index < size_ + 64 && sparse_.empty()) {  // a small gap, as cPickle's first index 1 makes
      while (size_ <= index) {
        if (size_ == capacity_) grow();
        dense_[size_++] = nullptr;
      }
      dense_[index] = object;
    } else {
      old = std::exchange(sparse_[index], object);
    }
    if (old == nullptr) ++count_;
    else if (old != nothing()) Py_DECREF(old);
  }

  void grow() {
    const std::size_t capacity = capacity_ * 2;
    void* grown = PyMem_Realloc(dense_ == small_ ? nullptr : dense_, capacity * sizeof(PyObject*));
    if (grown == nullptr) throw std::bad_alloc();
    if (dense_ == small_) std::copy(small_, small_ + size_, static_cast<PyObject**>(grown));
    dense_ = static_cast<PyObject**>(grown);
    capacity_ = capacity;
  }

  PyObject** dense_ = small_;
  std::size_t size_ = 0;
  std::size_t capacity_ = kInline;
  std::uint64_t count_ = 0;
  std::unordered_map<std::uint64_t, PyObject*> sparse_;
  PyObject* small_[kInline];
};

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_LOAD_MEMO_H_
