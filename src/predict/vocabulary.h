// Names and their columns: a hash table that is made once and then only read.
#ifndef CPPICKLE_PREDICT_VOCABULARY_H_
#define CPPICKLE_PREDICT_VOCABULARY_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cppickle::predict {

class Vocabulary {
 public:
  Vocabulary();

  std::size_t size() const { return entries_.size(); }
  // False for a name that is there already, and where names come together that were made to collide.
  bool add(std::string_view name, std::int32_t column);
  std::int32_t find(std::string_view name) const;  // -1 if it is not there
  bool contains(std::string_view name) const { return find(name) >= 0; }

  // Where the columns are 0 to size() - 1, each once: the names in that order; else empty.
  std::vector<std::string> names() const;

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t entry = 0;  // one more than its place; 0 where the slot is free
  };
  struct Entry {
    std::uint64_t begin;  // in texts_
    std::uint32_t size;
    std::int32_t column;
  };

  std::uint64_t hash(std::string_view name) const;
  std::string_view name_of(const Entry& entry) const { return {texts_.data() + entry.begin, entry.size}; }
  bool place(std::uint32_t entry);
  bool enlarge();

  std::uint64_t seed_;
  std::string texts_;
  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  // a power of two, at most half of them taken
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_VOCABULARY_H_
