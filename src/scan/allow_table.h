// The allow packs: which names genuine pickles use, and how. What is not here is unknown.
#ifndef CPPICKLE_SCAN_ALLOW_TABLE_H_
#define CPPICKLE_SCAN_ALLOW_TABLE_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cppickle/error.h"
#include "cppickle/scan.h"
#include "scan/pattern.h"

namespace cppickle::scanning {

// One way in which a name may be used.
struct Rule {
  Use use;
  std::vector<Pattern> patterns;  // arguments; one for a state or an item; two for pairs of items
  std::string_view model;         // of models.h, instead of patterns
};

struct Entry {
  std::string_view key;   // "module:qualname"
  std::string_view pack;  // "numpy 1.13..2.4"
  bool is_policy = false;
  bool is_value = false;
  bool is_key = false;
  bool is_inert = false;
  std::string_view makes;  // of a function: a key, "plain" or "arg0"; empty for a class
  std::vector<std::string_view> methods;
  std::vector<std::string_view> keywords;
  std::vector<Rule> rules;

  bool has(Use use) const;
};

// A set of packs. Lines are found by their names at first and parsed when they are asked for; may be asked by many threads.
class AllowTable {
 public:
  // The packs that are part of the library.
  static const AllowTable& built_in();

  AllowTable() = default;
  AllowTable(const AllowTable&) = delete;
  AllowTable& operator=(const AllowTable&) = delete;

  // Adds a pack's lines; `text` lives as long as the table. Checks every line where `check` is set.
  Result<void> add(std::string_view text, bool is_policy, bool check);

  // Null where no pack lists it.
  const Entry* find(std::string_view key) const;
  // All of them, parsed.
  std::vector<const Entry*> all() const;

 private:
  struct Line {
    std::string_view roles;
    std::string_view pack;
    bool is_policy;
    mutable const Entry* entry = nullptr;
  };
  const Entry* parsed(std::string_view key, const Line& line) const;

  std::unordered_map<std::string_view, Line> lines_;
  mutable std::mutex mutex_;
  mutable std::deque<Entry> entries_;
};

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_ALLOW_TABLE_H_
