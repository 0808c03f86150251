#include "pickle/name_scan.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "pickle/argument.h"
#include "pickle/instruction_scan.h"

namespace cppickle {
namespace {

// Follows the two texts on top of the stack through the memo, and nothing else.
class NameTracker {
 public:
  NameTracker(NameScan& found, const std::uint8_t* end) : found_(found), end_(end) {}

  void see(const Instruction& in) {
    ++found_.instructions;
    const int needs = in.opcode == Opcode::PROTO ? in.argument[0] : info(in.opcode).protocol;
    found_.protocol = std::max(found_.protocol, needs);
    switch (in.opcode) {
      case Opcode::GLOBAL:
      case Opcode::INST: {
        const auto [module, name] = line_pair(in.argument, end_);
        return add(module, name);
      }
      case Opcode::STACK_GLOBAL: return under_ && top_ ? add(*under_, *top_) : add("?", "?");
      case Opcode::UNICODE:
      case Opcode::SHORT_BINUNICODE:
      case Opcode::BINUNICODE:
      case Opcode::BINUNICODE8:
      case Opcode::BINSTRING:
      case Opcode::SHORT_BINSTRING: return push(payload(in.opcode, in.argument, in.end));
      case Opcode::MEMOIZE: return put(puts_);
      case Opcode::PUT:
      case Opcode::BINPUT:
      case Opcode::LONG_BINPUT: return put(key(in));
      case Opcode::GET:
      case Opcode::BINGET:
      case Opcode::LONG_BINGET: return get(key(in));
      case Opcode::PROTO:
      case Opcode::FRAME: return;
      default: return push({});
    }
  }

 private:
  using Text = std::optional<std::string_view>;

  void add(std::string_view module, std::string_view name) {
    ++found_.globals[std::string(module) + "." + std::string(name)];
    push({});
  }

  void push(Text text) {
    under_ = top_;
    top_ = text;
  }

  void put(std::uint64_t key) {
    ++puts_;
    if (top_) memo_[key] = *top_;
    else memo_.erase(key);
  }

  void get(std::uint64_t key) {
    const auto entry = memo_.find(key);
    push(entry == memo_.end() ? Text() : Text(entry->second));
  }

  static std::uint64_t key(const Instruction& in) {
    if (in.opcode == Opcode::BINPUT || in.opcode == Opcode::BINGET) return in.argument[0];
    if (in.opcode == Opcode::LONG_BINPUT || in.opcode == Opcode::LONG_BINGET) return OpcodeReader::load_u4(in.argument);
    std::uint64_t key = 0;
    parse_index(payload(in.opcode, in.argument, in.end), key);
    return key;
  }

  NameScan& found_;
  const std::uint8_t* const end_;
  Text under_;
  Text top_;
  std::uint64_t puts_ = 0;
  std::unordered_map<std::uint64_t, std::string_view> memo_;
};

}  // namespace

NameScan scan_names(std::string_view stream) {
  NameScan found;
  const auto* begin = reinterpret_cast<const std::uint8_t*>(stream.data());
  OpcodeReader reader(begin, begin, begin + stream.size());
  NameTracker tracker(found, begin + stream.size());
  scan_instructions<Frames::kIgnored>(reader, [&tracker](const Instruction& in, ScanClass) {
    tracker.see(in);
    return true;
  });
  return found;
}

}  // namespace cppickle
