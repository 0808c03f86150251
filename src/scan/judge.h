// Compares symbols with patterns, and reads what literals say.
#ifndef CPPICKLE_SCAN_JUDGE_H_
#define CPPICKLE_SCAN_JUDGE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scan/names.h"
#include "scan/pattern.h"
#include "scan/symbol.h"

namespace cppickle::scanning {

// A literal of the stream that ends at `end`. Texts that were written with escapes are decoded into `scratch`.
std::optional<std::string_view> text_of(Symbol symbol, const std::uint8_t* end, std::string& scratch);
std::optional<std::int64_t> integer_of(Symbol symbol, const std::uint8_t* end);
// The bytes of a literal of bytes, a byte string, or text, as they are written.
std::optional<std::string_view> bytes_of(Symbol symbol, const std::uint8_t* end);
// The bytes that a value of type bytes has; nothing where only a call would tell. Protocols below 3 write them as text, to
// be encoded as Latin-1.
std::optional<std::string_view> contents_of(Symbol symbol, const std::uint8_t* end, std::string& scratch);

// True of set, complex and the like: their instances are plain if their arguments are.
bool is_builtin_value(const Entry& type);

// Calls visit(item) -> bool for the items of a list or set that are kept, or a dict's keys and values by turns, in
// any order; false if a visit says so.
template <class Visit>
bool for_each_kept(Symbol container, Visit&& visit) {
  Container* contents = container.contents();
  if (contents == nullptr) return true;
  if (Symbol* single = contents->single()) return visit(*single);
  for (Piece* piece = contents->last(); piece != nullptr; piece = piece->before) {
    for (std::uint32_t i = 0; i < piece->count; ++i) {
      if (!visit(piece->items()[i])) return false;
    }
  }
  return true;
}

// The first kept items in their order, at most so many.
std::vector<Symbol> first_items(Symbol container, std::size_t most);

// Likewise visit(key, value) for the pairs of a dict; true of anything else.
template <class Visit>
bool for_each_kept_pair(Symbol dict, Visit&& visit) {
  if (dict.kind() != Kind::kDict || dict.contents() == nullptr) return true;
  for (Piece* piece = dict.contents()->last(); piece != nullptr; piece = piece->before) {
    for (std::uint32_t i = 0; i + 1 < piece->count; i += 2) {
      if (!visit(piece->items()[i], piece->items()[i + 1])) return false;
    }
  }
  return true;
}

// True if all keys of a dict were kept, so that for_each_kept_pair sees them.
inline bool all_pairs_are_kept(Symbol dict) {
  return dict.contents() == nullptr || dict.contents()->count() <= kLiteralsKept;
}

// The value of a dict under a text that is among the kept keys.
std::optional<Symbol> value_under(Symbol dict, std::string_view key, const std::uint8_t* end);

// Judges the symbols of one stream. What a pattern looks into is marked as relied on: it must not change afterwards.
class Judge {
 public:
  // Comparing takes at most `budget` steps in all, so that no stream costs more than linear time.
  Judge(Names& names, const std::uint8_t* end, std::uint64_t budget) : names_(names), end_(end), budget_(budget) {}

  bool fits(const Pattern& pattern, Symbol symbol);
  bool fit(std::span<const Pattern> patterns, std::span<const Symbol> symbols);
  // All keys and values that a SETITEM(S) brings.
  bool fit_pairs(const Pattern& keys, const Pattern& values, std::span<const Symbol> pairs);

  // Literals, and containers of them to any depth.
  bool is_plain(Symbol symbol);

  // The pack's entry of a name, null for anything else or an unlisted one.
  const Entry* entry_of(Symbol symbol) const;
  const Entry* class_of(Symbol symbol) const { return symbol.kind() == Kind::kObject ? symbol.object()->entry : nullptr; }
  // True if a class may be made by __new__ with these arguments.
  bool may_be_made(const Entry& entry, std::span<const Symbol> arguments);

  std::optional<std::string_view> text(Symbol symbol) { return text_of(symbol, end_, scratch_); }
  std::optional<std::string_view> contents(Symbol symbol) { return contents_of(symbol, end_, scratch_); }
  std::optional<std::int64_t> integer(Symbol symbol) const { return integer_of(symbol, end_); }
  std::optional<Symbol> under(Symbol dict, std::string_view key) const { return value_under(dict, key, end_); }
  const std::uint8_t* end() const { return end_; }
  Names& names() { return names_; }
  bool is_out_of_budget() const { return budget_ == 0; }

 private:
  bool may_be_stored(Symbol symbol);
  bool fits_items(const Pattern& pattern, Symbol symbol);
  bool fits_pairs(const Pattern& pattern, Symbol symbol);
  bool fits_each(Symbol container, std::span<const Pattern* const> patterns, std::span<const Kinds> seen);
  bool spend(std::uint64_t steps);
  void use_as(Symbol symbol, Use use);

  Names& names_;
  const std::uint8_t* end_;
  std::uint64_t budget_;
  std::string scratch_;
};

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_JUDGE_H_
