#include "scan/models_stdlib.h"

#include <algorithm>
#include <string>

namespace cppickle::scanning {
namespace {

// Types that object.__new__'s kin take a value for (copyreg.py: _reconstructor, for protocols 0 and 1), and what they
// take: anything else would be asked for its items, in its own way.
struct Base {
  std::string_view key;
  Kinds kinds;
};
constexpr Base kBases[] = {{"builtins:list", bit(Kind::kList)},
                           {"builtins:dict", bit(Kind::kDict)},
                           {"builtins:set", bit(Kind::kList)},
                           {"builtins:frozenset", bit(Kind::kList)},
                           {"builtins:tuple", bit(Kind::kTuple)},
                           {"builtins:int", bit(Kind::kInt)},
                           {"builtins:float", bit(Kind::kFloat)},
                           {"builtins:str", bit(Kind::kText) | bit(Kind::kByteString)},
                           {"builtins:bytes", bit(Kind::kBytes) | bit(Kind::kByteString)}};

constexpr std::string_view kFactories[] = {
    "builtins:bool", "builtins:bytes",  "builtins:dict", "builtins:float", "builtins:frozenset",  "builtins:int",
    "builtins:list", "builtins:object", "builtins:set",  "builtins:str",   "builtins:tuple",      "collections:Counter",
    "collections:OrderedDict", "collections:deque"};

template <std::size_t kSize>
bool is_one_of(std::string_view key, const std::string_view (&keys)[kSize]) {
  return std::ranges::find(keys, key) != std::end(keys);
}

// "Europe/Paris": no dots, no leading slash, nothing that leads out of the folder.
bool is_zone_key(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  if (text.empty() || text.size() > kLongest || text.front() == '/' || text.back() == '/') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_letter || (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-') continue;
    if (c != '/' || text[i - 1] == '/') return false;
  }
  return true;
}

bool is_hashable(Judge& judge, Symbol symbol) {
  if (symbol.kind() == Kind::kByteArray) return false;
  if (symbol.is_leaf() || symbol.kind() == Kind::kFrozenSet) return true;
  if (symbol.kind() == Kind::kGlobal) return judge.entry_of(symbol) != nullptr;
  if (symbol.kind() == Kind::kTuple) return symbol.tuple() == nullptr || (symbol.tuple()->marks & kHashable) != 0 || judge.is_plain(symbol);
  const Entry* type = judge.class_of(symbol);
  return type != nullptr && type->is_key;
}

bool is_safe(Judge& judge, Symbol symbol) { return judge.fits(Pattern(), symbol); }

}  // namespace

bool reconstructor(Judge& judge, const Request& request) {
  if (request.arguments.size() != 3) return false;
  const Entry* type = judge.entry_of(request.arguments[0]);
  const Entry* base = judge.entry_of(request.arguments[1]);
  if (type == nullptr || base == nullptr || !judge.may_be_made(*type, {})) return false;
  if (base->key == "builtins:object") return request.arguments[2].kind() == Kind::kNone;
  const auto* known = std::ranges::find(kBases, base->key, &Base::key);
  if (known == std::end(kBases) || !request.arguments[2].is(known->kinds)) return false;
  const bool hashes_items = base->key.ends_with("set");
  return is_safe(judge, request.arguments[2]) && (!hashes_items || hashed_list(judge, {{}, request.arguments.subspan(2)}));
}

bool newobj(Judge& judge, const Request& request) {
  if (request.arguments.empty()) return false;
  const Entry* type = judge.entry_of(request.arguments[0]);
  return type != nullptr && judge.may_be_made(*type, request.arguments.subspan(1));
}

bool newobj_ex(Judge& judge, const Request& request) {
  const auto& args = request.arguments;
  if (args.size() != 3 || args[1].kind() != Kind::kTuple) return false;
  const bool has_keywords = args[2].kind() != Kind::kDict || args[2].contents() != nullptr;
  const Entry* type = judge.entry_of(args[0]);
  return type != nullptr && !has_keywords && judge.may_be_made(*type, items_of(args[1]));
}

bool bound_method(Judge& judge, const Request& request) {
  if (request.arguments.size() != 2) return false;
  const auto name = judge.text(request.arguments[1]);
  if (!name) return false;
  if (const Entry* type = judge.class_of(request.arguments[0])) {
    return std::ranges::find(type->methods, *name) != type->methods.end();
  }
  const Entry* type = judge.entry_of(request.arguments[0]);
  return type != nullptr && judge.names().entry(std::string(type->key) + "." + std::string(*name)) != nullptr;
}

bool hashed_list(Judge& judge, const Request& request) {
  if (request.arguments.size() != 1) return false;
  const Symbol items = request.arguments[0];
  const auto can_be_hashed = [&](Symbol item) { return is_hashable(judge, item); };
  if (items.kind() == Kind::kTuple) return std::ranges::all_of(items_of(items), can_be_hashed);
  if (items.kind() != Kind::kList) return false;
  if (items.contents() == nullptr) return true;
  items.contents()->set(kReliedOn);
  return (items.contents()->kinds() & bit(Kind::kByteArray)) == 0 && for_each_kept(items, can_be_hashed);
}

bool default_factory(Judge& judge, const Request& request) {
  if (request.arguments.empty()) return true;
  if (request.arguments.size() != 1) return false;
  if (request.arguments[0].kind() == Kind::kNone) return true;
  const Entry* factory = judge.entry_of(request.arguments[0]);
  return factory != nullptr && is_one_of(factory->key, kFactories);
}

bool zone_key(Judge& judge, const Request& request) {
  constexpr std::size_t kMostArguments = 4;
  const auto& args = request.arguments;
  if (args.empty() || args.size() > kMostArguments) return false;
  const auto key = judge.text(args[0]);
  return key && is_zone_key(*key) && std::ranges::all_of(args.subspan(1), [](Symbol symbol) {
           return symbol.is(bit(Kind::kInt) | bit(Kind::kBool) | bit(Kind::kNone) | bit(Kind::kText) | bit(Kind::kByteString));
         });
}

bool fraction(Judge& judge, const Request& request) {
  const auto& args = request.arguments;
  if (args.size() == 2) return args[0].kind() == Kind::kInt && args[1].kind() == Kind::kInt;
  if (args.size() != 1) return false;
  auto text = judge.text(args[0]);
  if (!text || text->empty()) return false;
  if (text->front() == '-') text->remove_prefix(1);
  const std::size_t slash = text->find('/');
  const auto is_number = [](std::string_view digits) {
    return !digits.empty() && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  };
  return is_number(text->substr(0, slash)) && (slash == text->npos || is_number(text->substr(slash + 1)));
}

bool named_value(Judge& judge, const Request& request) {
  if (request.arguments.size() != 2) return false;
  const auto module = judge.text(request.arguments[0]);
  if (!module) return false;
  std::string key = std::string(*module) + ":";
  const auto name = judge.text(request.arguments[1]);
  if (!name || key.find(':') + 1 != key.size()) return false;
  const Entry* entry = judge.names().entry(key += *name);
  return entry != nullptr && entry->is_value;
}

bool partial(Judge& judge, const Request& request) {
  const auto& args = request.arguments;
  if (args.empty() || !args[0].is(bit(Kind::kGlobal) | bit(Kind::kObject))) return false;
  return std::ranges::all_of(args, [&](Symbol symbol) { return is_safe(judge, symbol); });
}

bool partial_state(Judge& judge, const Request& request) {
  const auto parts = items_of(request.arguments[0]);
  if (parts.size() != 4) return false;
  const auto made_of = items_of(request.subject.object()->args);
  const bool same = !made_of.empty() && made_of[0] == parts[0];
  const auto is_dict = [](Symbol symbol) { return symbol.is(bit(Kind::kDict) | bit(Kind::kNone)); };
  return same && parts[1].kind() == Kind::kTuple && is_safe(judge, parts[1]) && is_dict(parts[2]) && is_dict(parts[3]);
}

}  // namespace cppickle::scanning
