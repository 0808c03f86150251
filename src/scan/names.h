// The importable names of one file, each once, with what the packs know of it.
#ifndef CPPICKLE_SCAN_NAMES_H_
#define CPPICKLE_SCAN_NAMES_H_

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "scan/allow_table.h"
#include "scan/danger_table.h"

namespace cppickle::scanning {

struct Name {
  std::string_view module;    // as the stream has it
  std::string_view qualname;
  const Entry* entry = nullptr;    // what packs say of it; null: nothing
  const Danger* danger = nullptr;
  std::uint32_t uses = 0;          // 1 << Use
  std::uint32_t accused = 0;       // uses that gave a finding, likewise
  std::uint64_t count = 0;
};

// Names are compared exactly: as the stream has them, and as Python 3 maps those of protocols below 3.
class Names {
 public:
  static constexpr std::size_t kMost = 200'000;

  Names(const AllowTable& packs, const AllowTable* policy, const DangerTable& dangers)
      : packs_(packs), policy_(policy), dangers_(dangers) {}

  // The number of a name. The texts are copied if they are new. kMost if there are too many.
  std::uint32_t number_of(std::string_view module, std::string_view qualname, bool maps_old_names);

  // What packs say of "module:qualname"; null: nothing.
  const Entry* entry(std::string_view key) const;

  Name& operator[](std::uint32_t number) { return names_[number]; }
  const Name& operator[](std::uint32_t number) const { return names_[number]; }
  std::size_t size() const { return names_.size(); }

 private:
  const Entry* find(std::string_view module, std::string_view qualname) const {
    // A key could be read in two ways.
    return module.find(':') == module.npos ? entry(std::string(module).append(1, ':').append(qualname)) : nullptr;
  }

  const AllowTable& packs_;
  const AllowTable* policy_;
  const DangerTable& dangers_;
  std::unordered_map<std::string_view, std::uint32_t> numbers_;  // keys: mapping, module, NUL, qualname
  std::deque<std::string> texts_;
  std::deque<Name> names_;
};

// "os.system", escaped where it is odd.
std::string printed(const Name& name);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_NAMES_H_
