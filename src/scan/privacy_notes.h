// Collects notes: equal ones are counted, and so are more than a few in one container.
#ifndef CPPICKLE_SCAN_PRIVACY_NOTES_H_
#define CPPICKLE_SCAN_PRIVACY_NOTES_H_

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "cppickle/privacy.h"

namespace cppickle::scanning {

class PrivacyNotes {
 public:
  explicit PrivacyNotes(std::size_t most) : most_(most) {}

  // `container` says where it stands; `place` -> std::string gives the path of a new one. Without a container it is a
  // note of its own.
  template <class Place>
  void add(PrivacyNote note, const void* container, Place&& place) {
    if (container != nullptr) {
      const auto known = known_.find({note.category, note.what, note.where, note.detail});
      if (known != known_.end()) return count(known->second);
      const auto room = rooms_.find({note.category, container});
      if (room != rooms_.end() && room->second.notes >= kMostInOne) return count(room->second.last);
    }
    if (notes_.size() >= most_) {
      is_full_ = true;
      return;
    }
    if (container != nullptr) {
      known_.emplace(Key{note.category, note.what, note.where, note.detail}, notes_.size());
      Room& room = rooms_[{note.category, container}];
      ++room.notes;
      room.last = notes_.size();
    }
    note.path = place();
    notes_.push_back(std::move(note));
  }

  // By category, then as they were found.
  std::vector<PrivacyNote> take() {
    if (is_full_) {
      notes_.push_back({.category = PrivacyCategory::kIncomplete,
                        .what = "more was found than is told of",
                        .detail = "the most is " + std::to_string(most_)});
    }
    std::ranges::stable_sort(notes_, {}, &PrivacyNote::category);
    return std::move(notes_);
  }

  PrivacyNote& operator[](std::size_t index) { return notes_[index]; }
  std::size_t size() const { return notes_.size(); }
  bool is_full() const { return notes_.size() >= most_; }

 private:
  static constexpr std::size_t kMostInOne = 5;
  using Key = std::tuple<PrivacyCategory, std::string_view, std::string, std::string>;
  struct Room {
    std::size_t notes = 0;
    std::size_t last = 0;
  };

  void count(std::size_t index) { ++notes_[index].count; }

  std::size_t most_;
  bool is_full_ = false;
  std::vector<PrivacyNote> notes_;
  std::map<Key, std::size_t> known_;
  std::map<std::pair<PrivacyCategory, const void*>, Room> rooms_;
};

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_PRIVACY_NOTES_H_
