// A value in one line.
#include <algorithm>
#include <bit>
#include <cstdint>

#include "base/quote.h"
#include "base/utf8.h"
#include "cppickle/array_view.h"
#include "cppickle/random_state.h"
#include "document/class_names.h"
#include "document/repr.h"
#include "document/summary_line.h"

namespace cppickle {
namespace {

constexpr unsigned kMostNesting = 3;  // containers shown inside one another
constexpr std::size_t kMostDigits = 40;

}  // namespace

std::string printable_name(std::string_view name) {
  const std::string quoted = quote(name, 100);
  const bool cut = quoted.ends_with("...") && !quoted.ends_with('\'');
  std::string text = quoted.substr(1, quoted.size() - (cut ? 5 : 2));
  return cut ? text += "..." : text;
}

std::string shortened(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  text.resize(most);
  return text += "...";
}

void SummaryLine::add_int(const Value& value) {
  const std::string_view bytes = value.int_bytes();
  const bool is_text = value.opcode() == "INT" || value.opcode() == "LONG";
  if (bytes.size() <= 64) {
    out_ += value.as_decimal();
  } else if (is_text) {
    out_.append(bytes.substr(0, kMostDigits)).append("...");
  } else {
    out_ += "an int of " + std::to_string(bytes.size()) + " bytes";
  }
}

void SummaryLine::add_text(const Value& value) {
  const std::string_view text = value.text();
  const std::size_t most = std::max<std::size_t>(left(), 8);
  if (value.kind() == Kind::kString || (value.kind() == Kind::kByteString && is_ascii(text.substr(0, most)))) {
    out_ += quote(text, most);
  } else if (value.kind() == Kind::kByteArray) {
    out_.append("bytearray(").append(bytes_repr(text, most)) += ')';
  } else {
    out_ += bytes_repr(text, most);
  }
}

void SummaryLine::add_name(const Global& name) {
  const Global now = canonical(name);
  if (now.module == "builtins") {
    out_ += printable_name(now.qualname);
  } else {
    out_.append(printable_name(name.module)).append(".").append(printable_name(name.qualname));
  }
}

bool SummaryLine::add_pairs(const Pairs& pairs, unsigned depth) {
  bool first = true;
  for (const auto [key, value] : pairs) {
    if (!first) out_ += ", ";
    first = false;
    if (is_full()) {
      out_ += "...";
      return false;
    }
    add(key, depth + 1);
    out_ += ": ";
    add(value, depth + 1);
  }
  return true;
}

// name=value
bool SummaryLine::add_attributes(const Value& dict, unsigned depth, bool first) {
  const Pairs pairs = dict.pairs();
  for (const auto [key, value] : pairs) {
    if (!first) out_ += ", ";
    first = false;
    if (is_full()) {
      out_ += "...";
      return false;
    }
    if (key.kind() == Kind::kString || key.kind() == Kind::kByteString) {
      out_ += printable_name(key.text());
    } else {
      add(key, depth + 1);
    }
    out_ += '=';
    add(value, depth + 1);
  }
  return true;
}

void SummaryLine::add_list(std::string_view open, const Value& value, std::string_view close, unsigned depth) {
  out_ += open;
  const Values items = value.items();
  add_members(items, depth);
  if (value.kind() == Kind::kTuple && out_.size() < most_) {
    auto at = items.begin();
    if (at != items.end() && ++at == items.end()) out_ += ',';
  }
  out_ += close;
}

void SummaryLine::add(const Value& value, unsigned depth) {
  const Kind kind = value.kind();
  const bool has_members = kind == Kind::kTuple || kind == Kind::kList || kind == Kind::kDict || kind == Kind::kSet ||
                           kind == Kind::kFrozenSet || kind == Kind::kObject || kind == Kind::kPersistentId;
  if (has_members && depth >= kMostNesting) {
    out_ += "...";
    return;
  }
  switch (kind) {
    case Kind::kNone: out_ += "None"; return;
    case Kind::kBool: out_ += value.as_bool() ? "True" : "False"; return;
    case Kind::kInt: return add_int(value);
    case Kind::kFloat: out_ += float_repr(value.as_double()); return;
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kByteString:
    case Kind::kByteArray: return add_text(value);
    case Kind::kTuple: return add_list("(", value, ")", depth);
    case Kind::kList: return add_list("[", value, "]", depth);
    case Kind::kDict:
      out_ += '{';
      add_pairs(value.pairs(), depth);
      out_ += '}';
      return;
    case Kind::kSet:
      if (value.items().empty()) out_ += "set()";
      else add_list("{", value, "}", depth);
      return;
    case Kind::kFrozenSet:
      if (value.items().empty()) out_ += "frozenset()";
      else add_list("frozenset({", value, "})", depth);
      return;
    case Kind::kGlobal:
      if (const auto name = value.global()) add_name(*name);
      return;
    case Kind::kPersistentId: {
      out_ += "persistent id ";
      const auto id = value.persistent_id();
      if (id) add(*id, depth + 1);
      return;
    }
    case Kind::kExtension: out_ += "extension " + std::to_string(value.extension_code()); return;
    case Kind::kBuffer: out_ += value.is_read_only_buffer() ? "read-only out-of-band buffer" : "out-of-band buffer"; return;
    case Kind::kObject: return add_object(value, depth);
  }
}

void SummaryLine::add_object(const Value& value, unsigned depth) {
  const auto object = object_view(value);
  const std::size_t before = out_.size();
  if (object && add_known(value, *object, depth)) return;
  out_.resize(before);
  if (object) add_call(*object, depth);
}

// False, perhaps after something was added, where the object is not as its class would have it.
bool SummaryLine::add_known(const Value& value, const ObjectView& object, unsigned depth) {
  switch (object.kind) {
    case ObjectKind::kArray:
    case ObjectKind::kMaskedArray: add_array(value); return true;
    case ObjectKind::kArrayScalar: add_scalar(value, depth); return true;
    case ObjectKind::kDType: {
      const auto type = read_dtype(value, ArrayOptions::glance().dtype);
      if (!type) return false;
      const std::string text = shortened(type->to_string(), std::max<std::size_t>(left(), 16));
      out_.append("dtype(").append(type->is_struct || type->base ? text : quote(text)) += ')';
      return true;
    }
    case ObjectKind::kRandomState:
    case ObjectKind::kGenerator:
    case ObjectKind::kBitGenerator: {
      const auto state = random_state(value);
      if (!state) return false;
      const std::string algorithm = printable_name(state->algorithm);
      if (state->form == RandomStateView::Form::kBitGenerator) {
        out_ += "numpy.random." + algorithm;
      } else {
        const bool legacy = state->form == RandomStateView::Form::kRandomState;
        out_ += (legacy ? "numpy.random.RandomState(" : "numpy.random.Generator(") + algorithm + ")";
      }
      return true;
    }
    case ObjectKind::kSeedSequence: {
      const auto entropy = object.state ? Arguments(*object.state, false, 0)[0] : std::nullopt;
      if (!entropy) return false;
      out_ += "numpy.random.SeedSequence(";
      add(*entropy, depth + 1);
      out_ += ')';
      return true;
    }
    default: return add_plain(object, depth) || add_library(value, object, depth);
  }
}

// Python's built-in types and collections.
bool SummaryLine::add_plain(const ObjectView& object, unsigned depth) {
  const auto first = object.args[0];
  const bool has_items = !object.items().empty();
  switch (object.kind) {
    case ObjectKind::kComplex: {
      const auto second = object.args[1];
      if (!first || !second || first->kind() != Kind::kFloat || second->kind() != Kind::kFloat) return false;
      const double real = first->as_double();
      out_ += complex_repr(float_repr(real), std::bit_cast<std::uint64_t>(real) == 0, float_repr(second->as_double()));
      return true;
    }
    case ObjectKind::kSet:
      if (first && !has_items && first->kind() != Kind::kList) return false;
      if (!has_items) out_ += "set()";
      else add_list("{", object.items_in, "}", depth);
      return true;
    case ObjectKind::kFrozenSet:
      if (first && !has_items && first->kind() != Kind::kList) return false;
      if (!has_items) out_ += "frozenset()";
      else add_list("frozenset({", object.items_in, "})", depth);
      return true;
    case ObjectKind::kDeque: {
      out_ += "deque([";
      add_members(object.items(), depth);
      out_ += ']';
      const auto most = object.args[1];
      if (most && most->kind() == Kind::kInt) {
        out_ += ", maxlen=";
        add_int(*most);
      }
      out_ += ')';
      return true;
    }
    case ObjectKind::kDict:
    case ObjectKind::kOrderedDict: add_mapping("OrderedDict", object, depth); return true;
    case ObjectKind::kCounter: add_mapping("Counter", object, depth); return true;
    case ObjectKind::kDefaultDict: add_mapping("defaultdict", object, depth); return true;
    case ObjectKind::kChainMap: {
      const auto maps = object.attribute("maps");
      if (!maps) return false;
      out_ += "ChainMap(";
      add_members(maps->items(), depth);
      out_ += ')';
      return true;
    }
    default: return false;
  }
}

// module.Class(1, 'x', attribute=2) [members] {key: value}
void SummaryLine::add_call(const ObjectView& object, unsigned depth) {
  if (object.type.qualname.empty()) {
    out_ += "a call of what is no name";
  } else {
    add_name(object.type);
  }
  if (!object.method.empty()) out_.append(".").append(printable_name(object.method));
  out_ += '(';
  bool all = add_members(object.args, depth);
  bool first = object.args.empty();
  for (const auto& dict : {object.kwargs, object.attributes, object.slots}) {
    if (!all || !dict || dict->kind() != Kind::kDict) continue;
    all = add_attributes(*dict, depth, first);
    first = first && dict->pairs().empty();
  }
  if (all && object.state) {
    if (!first) out_ += ", ";
    out_ += "state=";
    add(*object.state, depth + 1);
  }
  out_ += ')';
  const Values items = object.items();
  if (!items.empty() && !is_full() && object.kind != ObjectKind::kNamedTuple) {
    out_ += " [";
    add_members(items, depth);
    out_ += ']';
  }
  const Pairs pairs = object.pairs();
  if (!pairs.empty() && !is_full()) {
    out_ += " {";
    add_pairs(pairs, depth);
    out_ += '}';
  }
}

void SummaryLine::add_mapping(std::string_view name, const ObjectView& object, unsigned depth) {
  const bool is_dict = object.kind == ObjectKind::kDict;
  if (!is_dict) out_.append(name) += '(';
  if (object.kind == ObjectKind::kDefaultDict) {
    const auto factory = object.args[0];
    if (factory) add(*factory, depth + 1);
    else out_ += "None";
    out_ += ", ";
  }
  out_ += '{';
  bool first = true;
  if (object.items_are_pairs) {
    const Values items = object.items();
    for (const Value item : items) {
      if (!first) out_ += ", ";
      first = false;
      if (is_full()) {
        out_ += "...";
        break;
      }
      const Arguments pair(item, false, 0);
      const auto key = pair[0];
      const auto value = pair[1];
      if (key) add(*key, depth + 1);
      out_ += ": ";
      if (value) add(*value, depth + 1);
    }
  } else {
    add_pairs(object.pairs(), depth);
  }
  out_ += '}';
  if (!is_dict) out_ += ')';
}

std::string summary(const Value& value, std::size_t most) {
  SummaryLine line(most);
  line.add(value, 0);
  return line.take();
}

}  // namespace cppickle
