#include "io/pickle_shape.h"

#include <algorithm>
#include <array>
#include <vector>

#include "io/little_endian.h"

namespace cppickle {
namespace {

constexpr std::size_t kMostBytes = std::size_t{256} << 10;
constexpr std::size_t kMostInstructions = 10'000;

enum class Argument : std::uint8_t {
  kUnknown,  // no opcode
  kNone,
  k1,
  k2,
  k4,
  k8,
  kCounted1,
  kCounted4,
  kCounted8,
  kNumber,  // a line of a number
  kQuoted,  // a line in quotes
  kText,    // any line
  kNames,   // two lines of names
};

// `takes` and `leaves` count values; with `to_mark` those below the mark.
struct Shape {
  Argument argument = Argument::kUnknown;
  std::uint8_t takes = 0, leaves = 0;
  bool to_mark = false;
};

// The 68 opcodes, by what their argument looks like and what they do to the stack. pickle/opcodes.def says
// more about them; a test compares the two.
constexpr std::array<Shape, 256> make_shapes() {
  std::array<Shape, 256> shapes = {};
  const auto set = [&shapes](std::string_view opcodes, Argument argument, int takes, int leaves,
                             bool mark = false) {
    for (const char c : opcodes) {
      shapes[static_cast<unsigned char>(c)] = {argument, static_cast<std::uint8_t>(takes),
                                               static_cast<std::uint8_t>(leaves), mark};
    }
  };
  set("()N]}\x88\x89\x8F\x97", Argument::kNone, 0, 1);
  set("K\x82h", Argument::k1, 0, 1);
  set("M\x83", Argument::k2, 0, 1);
  set("J\x84j", Argument::k4, 0, 1);
  set("G", Argument::k8, 0, 1);
  set("CU\x8A\x8C", Argument::kCounted1, 0, 1);
  set("BTX\x8B", Argument::kCounted4, 0, 1);
  set("\x8D\x8E\x96", Argument::kCounted8, 0, 1);
  set("FILg", Argument::kNumber, 0, 1);
  set("S", Argument::kQuoted, 0, 1);
  set("PV", Argument::kText, 0, 1);
  set("c", Argument::kNames, 0, 1);
  set("i", Argument::kNames, 0, 1, true);
  set("dlt", Argument::kNone, 0, 1, true);
  set("o", Argument::kNone, 0, 1, true);
  set("eu\x90", Argument::kNone, 1, 1, true);
  set("1", Argument::kNone, 0, 0, true);
  set("abR\x81\x86\x93", Argument::kNone, 2, 1);
  set("s\x87\x92", Argument::kNone, 3, 1);
  set("\x85Q\x94\x98", Argument::kNone, 1, 1);
  set("\x91", Argument::kNone, 0, 1, true);
  set("0.", Argument::kNone, 1, 0);
  set("2", Argument::kNone, 1, 2);
  set("p", Argument::kNumber, 1, 1);
  set("q", Argument::k1, 1, 1);
  set("r", Argument::k4, 1, 1);
  set("\x80", Argument::k1, 0, 0);
  set("\x95", Argument::k8, 0, 0);
  return shapes;
}

constexpr std::array<Shape, 256> kShapes = make_shapes();

class ShapeWalker {
 public:
  explicit ShapeWalker(ByteSpan bytes) : bytes_(bytes.first(std::min(bytes.size(), kMostBytes))) {}

  PickleShape walk() {
    while (shape_.instructions < kMostInstructions && at_ < bytes_.size()) {
      const std::uint8_t opcode = bytes_[at_++];
      const Shape& shape = kShapes[opcode];
      if (shape.argument == Argument::kUnknown || !skip_argument(shape.argument) || !apply(opcode, shape)) {
        return finish(ran_out_ ? PickleShape::End::kRanOut : PickleShape::End::kContradiction);
      }
      ++shape_.instructions;
      if (opcode == '.') return finish(PickleShape::End::kStop);
    }
    return finish(PickleShape::End::kRanOut);
  }

 private:
  PickleShape finish(PickleShape::End end) {
    shape_.end = end;
    return shape_;
  }

  bool skip(std::uint64_t size) {
    if (fits(at_, size, bytes_.size())) {
      at_ += size;
      return true;
    }
    ran_out_ = true;
    return false;
  }

  bool skip_counted(std::size_t width) {
    if (!fits(at_, width, bytes_.size())) return skip(width);
    const std::uint64_t size = width == 1 ? bytes_[at_] : width == 4 ? le32(bytes_, at_) : le64(bytes_, at_);
    at_ += width;
    return skip(size);
  }

  // A line without its end. What cannot itself end in "\r" counts for or against translated line ends.
  bool take_line(std::string_view& line, bool counts) {
    const std::string_view rest = as_view(bytes_.subspan(at_));
    const std::size_t size = rest.find('\n');
    if (size == std::string_view::npos) {
      ran_out_ = true;
      return false;
    }
    line = rest.substr(0, size);
    at_ += size + 1;
    if (!counts) return true;
    ++shape_.lines;
    if (line.ends_with('\r')) {
      ++shape_.crlf_lines;
      line.remove_suffix(1);
    }
    return true;
  }

  bool take_number() {
    std::string_view line;
    return take_line(line, true) && !line.empty() &&
           line.find_first_not_of("0123456789+-.eEL_xabcdfnity") == std::string_view::npos;
  }

  bool take_quoted() {
    std::string_view line;
    if (!take_line(line, true)) return false;
    return line.size() >= 2 && (line.front() == '\'' || line.front() == '"') && line.back() == line.front();
  }

  bool take_names() {
    ++shape_.names;
    for (int i = 0; i < 2; ++i) {
      std::string_view line;
      if (!take_line(line, true)) return false;
      for (const char c : line) {
        if (static_cast<unsigned char>(c) <= 0x20 || std::string_view(",;:\"'()[]{}").find(c) != line.npos)
          return false;
      }
    }
    return true;
  }

  bool skip_argument(Argument argument) {
    switch (argument) {
      case Argument::kUnknown: return false;
      case Argument::kNone: return true;
      case Argument::k1: return skip(1);
      case Argument::k2: return skip(2);
      case Argument::k4: return skip(4);
      case Argument::k8: return skip(8);
      case Argument::kCounted1: return skip_counted(1);
      case Argument::kCounted4: return skip_counted(4);
      case Argument::kCounted8: return skip_counted(8);
      case Argument::kNumber: return take_number();
      case Argument::kQuoted: return take_quoted();
      case Argument::kNames: return take_names();
      case Argument::kText: break;
    }
    std::string_view line;
    return take_line(line, false);
  }

  bool apply(std::uint8_t opcode, const Shape& shape) {
    if (shape.to_mark) {
      if (marks_.empty()) return false;
      depth_ = marks_.back();
      marks_.pop_back();
    }
    // POP also takes a mark away; nothing else may reach below one.
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (opcode == '0' && depth_ == floor && !marks_.empty()) {
      marks_.pop_back();
      return true;
    }
    if (opcode == '(') {
      marks_.push_back(depth_);
      return true;
    }
    if (depth_ - floor < shape.takes) return false;
    depth_ = depth_ - shape.takes + shape.leaves;
    return true;
  }

  ByteSpan bytes_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::vector<std::size_t> marks_;
  bool ran_out_ = false;
  PickleShape shape_;
};

}  // namespace

PickleShape walk_pickle_shape(ByteSpan bytes) { return ShapeWalker(bytes).walk(); }

}  // namespace cppickle
