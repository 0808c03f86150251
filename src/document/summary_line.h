// The text that summary() writes, as it grows. In two parts: summary.cc has what every value needs, summary_library.cc
// what the classes of Python's library and numpy's mean.
#ifndef CPPICKLE_DOCUMENT_SUMMARY_LINE_H_
#define CPPICKLE_DOCUMENT_SUMMARY_LINE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "cppickle/document.h"
#include "cppickle/python_value.h"

namespace cppickle {

// A name of the file's: what would upset a terminal is escaped.
std::string printable_name(std::string_view name);

// At most `most` bytes of UTF-8, cut at a character.
std::string shortened(std::string text, std::size_t most);

// At most `most` bytes and what the last value adds; containers only so deep in one another, so nothing recurses far.
class SummaryLine {
 public:
  explicit SummaryLine(std::size_t most) : most_(most) {}

  void add(const Value& value, unsigned depth);
  std::string take() { return std::move(out_); }

 private:
  bool is_full() const { return out_.size() >= most_; }
  std::size_t left() const { return most_ > out_.size() ? most_ - out_.size() : 0; }

  void add_int(const Value& value);
  void add_text(const Value& value);
  void add_name(const Global& name);
  // False where not all were added; "..." then says so.
  template <class Range>
  bool add_members(const Range& range, unsigned depth, bool first = true);
  bool add_pairs(const Pairs& pairs, unsigned depth);
  bool add_attributes(const Value& dict, unsigned depth, bool first);
  void add_list(std::string_view open, const Value& value, std::string_view close, unsigned depth);

  void add_object(const Value& value, unsigned depth);
  bool add_known(const Value& value, const ObjectView& object, unsigned depth);
  bool add_plain(const ObjectView& object, unsigned depth);
  bool add_library(const Value& value, const ObjectView& object, unsigned depth);
  void add_call(const ObjectView& object, unsigned depth);
  bool add_date(const ObjectView& object, unsigned depth);
  bool add_time_delta(const ObjectView& object);
  bool add_zone(const ObjectView& object, bool short_form);
  bool add_uuid(const ObjectView& object);
  bool add_path(const ObjectView& object);
  bool add_partial(const ObjectView& object, unsigned depth);
  void add_mapping(std::string_view name, const ObjectView& object, unsigned depth);
  void add_array(const Value& value);
  void add_scalar(const Value& value, unsigned depth);

  std::string out_;
  std::size_t most_;
};

template <class Range>
bool SummaryLine::add_members(const Range& range, unsigned depth, bool first) {
  for (const Value member : range) {
    if (!first) out_ += ", ";
    first = false;
    if (is_full()) {
      out_ += "...";
      return false;
    }
    add(member, depth + 1);
  }
  return true;
}

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_SUMMARY_LINE_H_
