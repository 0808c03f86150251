#include "scan/describe.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "base/quote.h"
#include "pickle/argument.h"
#include "scan/judge.h"

namespace cppickle::scanning {
namespace {

constexpr std::size_t kMostBytes = 200;
constexpr int kDeepest = 4;
constexpr std::size_t kMostItems = 6;

class Describer {
 public:
  Describer(const Names& names, const std::uint8_t* end) : names_(names), end_(end) {}

  void add(Symbol symbol, int depth) {
    if (out_.size() > kMostBytes || depth > kDeepest) {
      out_ += "...";
      return;
    }
    switch (symbol.kind()) {
      case Kind::kNone: out_ += "None"; break;
      case Kind::kBool: out_ += integer_of(symbol, end_) == 1 ? "True" : "False"; break;
      case Kind::kInt: add_integer(symbol); break;
      case Kind::kFloat: add_float(symbol); break;
      case Kind::kText:
      case Kind::kByteString:
      case Kind::kBytes:
      case Kind::kByteArray: add_text(symbol); break;
      case Kind::kTuple: add_items(items_of(symbol), '(', ')', depth); break;
      case Kind::kList: add_kept(symbol, '[', ']', depth); break;
      case Kind::kSet:
      case Kind::kFrozenSet: add_kept(symbol, '{', '}', depth); break;
      case Kind::kDict: add_dict(symbol, depth); break;
      case Kind::kGlobal: out_ += printed(names_[symbol.name()]); break;
      case Kind::kObject: {
        std::string key(symbol.object()->entry->key);
        std::ranges::replace(key, ':', '.');
        out_ += "<" + key + ">";
        break;
      }
      default: out_ += "<...>"; break;
    }
  }

  void add_items(std::span<const Symbol> items, char open, char close, int depth) {
    out_ += open;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i != 0) out_ += ", ";
      if (i == kMostItems || out_.size() > kMostBytes) {
        out_ += "...";
        break;
      }
      add(items[i], depth + 1);
    }
    if (open == '(' && items.size() == 1) out_ += ',';
    out_ += close;
  }

  std::string take() { return std::move(out_); }

 private:
  void add_kept(Symbol container, char open, char close, int depth) {
    std::vector<Symbol> first = first_items(container, kMostItems);
    const std::uint64_t count = container.contents() == nullptr ? 0 : container.contents()->count();
    add_items(first, open, close, depth);
    if (count > first.size()) out_.insert(out_.size() - 1, ", ...");
  }

  void add_dict(Symbol dict, int depth) {
    const std::vector<Symbol> first = first_items(dict, 2 * kMostItems);
    const std::uint64_t count = dict.contents() == nullptr ? 0 : dict.contents()->count();
    out_ += '{';
    for (std::size_t i = 0; i + 1 < first.size() && out_.size() <= kMostBytes; i += 2) {
      if (i != 0) out_ += ", ";
      add(first[i], depth + 1);
      out_ += ": ";
      add(first[i + 1], depth + 1);
    }
    if (count > first.size() / 2) out_ += ", ...";
    out_ += '}';
  }

  void add_integer(Symbol symbol) {
    const auto value = integer_of(symbol, end_);
    out_ += value ? std::to_string(*value) : "<a long integer>";
  }

  void add_float(Symbol symbol) {
    double value = 0;
    const std::uint8_t* at = symbol.instruction();
    if (static_cast<Opcode>(*at) == Opcode::BINFLOAT) {
      std::uint64_t bits;
      std::memcpy(&bits, at + 1, sizeof bits);
      value = std::bit_cast<double>(std::byteswap(bits));
    } else {
      parse_double(payload_again(Opcode::FLOAT, at + 1, end_), value);
    }
    char text[32];
    const auto [end, error] = std::to_chars(text, text + sizeof text, value);
    out_.append(text, end);
  }

  void add_text(Symbol symbol) {
    std::string scratch;
    auto text = text_of(symbol, end_, scratch);
    if (!text) text = bytes_of(symbol, end_);
    if (!text) {
      out_ += "<bytes>";
      return;
    }
    if (symbol.kind() == Kind::kBytes) out_ += 'b';
    out_ += quote(*text, 80);
  }

  const Names& names_;
  const std::uint8_t* end_;
  std::string out_;
};

}  // namespace

std::string describe(Symbol symbol, const Names& names, const std::uint8_t* end) {
  Describer describer(names, end);
  describer.add(symbol, 0);
  return describer.take();
}

std::string describe_call(std::span<const Symbol> arguments, const Names& names, const std::uint8_t* end) {
  Describer describer(names, end);
  describer.add_items(arguments, '(', ')', 0);
  std::string text = describer.take();
  if (arguments.size() == 1) text.erase(text.size() - 2, 1);  // f(x), not f(x,)
  return text;
}

}  // namespace cppickle::scanning
