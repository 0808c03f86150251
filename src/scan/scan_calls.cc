// The scanner's names, calls and states: each is an event, and is compared with what the packs list.
#include <algorithm>
#include <utility>

#include "pickle/machine.h"
#include "scan/models.h"
#include "scan/scan_builder.h"

namespace cppickle::scanning {
namespace {

constexpr Kinds kNotCallable = kLeafKinds | kContainerKinds;

}  // namespace

Symbol ScanBuilder::import(const Instruction& in, std::string_view module, std::string_view qualname) {
  const std::uint32_t number = stream_.names.number_of(module, qualname, protocol_ < 3);
  if (number == Names::kMost) {
    refuse("limit", Use::kImport, {}, {}, "more different names than are looked at", in);
    return Symbol(Kind::kForeign, std::uint64_t{0});
  }
  const Symbol name(Kind::kGlobal, std::uint64_t{number});
  ++stream_.names[number].count;
  note(Use::kImport, name, in);
  use_name(name, Use::kImport, {}, in);
  const Entry* entry = stream_.names[number].entry;
  if (entry != nullptr && entry->key.ends_with("numpy_pickle:NumpyArrayWrapper")) saw_wrapper_ = true;
  return name;
}

bool ScanBuilder::stack_global(const Instruction& in, Symbol module, Symbol qualname, Symbol& out) {
  std::string first_scratch;
  std::string second_scratch;
  const auto first = text_of(module, stream_.judge.end(), first_scratch);
  const auto second = text_of(qualname, stream_.judge.end(), second_scratch);
  if (first && second) {
    out = import(in, *first, *second);
    return true;
  }
  for (const Symbol part : {module, qualname}) {
    const bool may_be_text = part.is(bit(Kind::kText) | bit(Kind::kByteString) | bit(Kind::kObject) |
                                     bit(Kind::kForeign) | bit(Kind::kGlobal)) ||
                             (part.kind() == Kind::kBytes && part.instruction() == nullptr);
    if (!may_be_text) return bad_operand(in, "a module and a name of text are needed, and one is", part);
  }
  const Symbol parts[] = {module, qualname};
  refuse("computed-name", Use::kImport, {}, parts, "the name to import is computed while loading: no pickler writes that", in);
  out = Symbol(Kind::kForeign, std::uint64_t{0});
  note(Use::kImport, out, in);
  return true;
}

bool ScanBuilder::reduce(const Instruction& in, Symbol callee, Symbol arguments, Use use, Symbol& out) {
  if (callee.is(kNotCallable)) return bad_operand(in, "nothing can be made of", callee);
  if (arguments.kind() == Kind::kTuple) return call(in, callee, items_of(arguments), use, out);
  // pickle.py takes any iterable here, _pickle.c a tuple.
  if (!arguments.is(bit(Kind::kForeign) | bit(Kind::kObject))) {
    return bad_operand(in, "arguments must be a tuple, and these are", arguments);
  }
  return call(in, callee, {&arguments, 1}, use, out);
}

bool ScanBuilder::new_object_ex(const Instruction& in, Symbol type, Symbol arguments, Symbol keywords, Symbol& out) {
  const bool plain = keywords.kind() == Kind::kDict && keywords.contents() == nullptr;
  if (plain) return reduce(in, type, arguments, Use::kNew, out);
  if (keywords.is(kLeafKinds | bit(Kind::kList) | bit(Kind::kTuple) | bit(Kind::kSet) | bit(Kind::kFrozenSet))) {
    return bad_operand(in, "keyword arguments must be a dict, and these are", keywords);
  }
  if (type.is(kNotCallable)) return bad_operand(in, "nothing can be made of", type);
  note(Use::kNew, type, in);
  const Symbol all[] = {arguments, keywords};
  if (type.kind() == Kind::kGlobal) use_name(type, Use::kNew, all, in);
  if (stream_.judge.entry_of(type) != nullptr) {
    refuse("arguments", Use::kNew, type, all, "is made with keyword arguments, which its pack does not list", in);
  }
  out = Symbol(Kind::kForeign, std::uint64_t{0});
  return true;
}

// INST and OBJ make an instance without calling anything where there are no arguments and the class is a type
// (_pickle.c: instantiate); other readers, and Python 2's old classes, may call it.
bool ScanBuilder::instance(const Instruction& in, Symbol type, std::span<const Symbol> arguments, Symbol& out) {
  if (type.is(kNotCallable)) return bad_operand(in, "nothing can be made of", type);
  const Entry* entry = stream_.judge.entry_of(type);
  if (arguments.empty() && entry != nullptr && accepts(*entry, Use::kNew, type, {})) {
    return call(in, type, {}, Use::kNew, out);
  }
  return call(in, type, arguments, Use::kCall, out);
}

bool ScanBuilder::call(const Instruction& in, Symbol callee, std::span<const Symbol> arguments, Use use, Symbol& out) {
  note(use, callee, in);
  out = Symbol(Kind::kForeign, std::uint64_t{0});
  if (callee.kind() == Kind::kObject) {
    if (!call_partial(in, *callee.object(), arguments, out)) {
      refuse("role", use, callee, arguments, "an instance is called, which no pack lists", in);
    }
    return true;
  }
  if (callee.kind() != Kind::kGlobal) return true;  // what an unknown call gave: that was reported
  use_name(callee, use, arguments, in);
  const Entry* entry = stream_.judge.entry_of(callee);
  if (entry == nullptr) return true;
  if (accepts(*entry, use, callee, arguments)) {
    out = made(in, *entry, arguments);
  } else if (!entry->has(use)) {
    accuse_name(callee, use, arguments, in);
  } else {
    refuse("arguments", use, callee, arguments, "is called with arguments that its pack does not list", in);
  }
  return true;
}

bool ScanBuilder::accepts(const Entry& entry, Use use, const Symbol& subject, std::span<const Symbol> arguments) {
  return std::ranges::any_of(entry.rules, [&](const Rule& rule) {
    if (rule.use != use) return false;
    if (!rule.model.empty()) return model_accepts(rule.model, stream_.judge, {subject, arguments});
    return stream_.judge.fit(rule.patterns, arguments);
  });
}

Symbol ScanBuilder::made(const Instruction& in, const Entry& entry, std::span<const Symbol> arguments) {
  if (entry.key == "builtins:getattr") return attribute(in, entry, arguments);
  if (entry.makes.empty()) return new_object(in, &entry, arguments);
  if (entry.makes == "plain") {
    // _codecs.encode(text, 'latin1'): the text stands for its bytes.
    const bool is_encoded = !arguments.empty() && arguments[0].kind() == Kind::kText;
    return Symbol(Kind::kBytes, is_encoded ? arguments[0].payload() : 0);
  }
  if (entry.makes == "arg0") return new_object(in, stream_.judge.entry_of(arguments[0]), arguments.subspan(1));
  return new_object(in, stream_.names.entry(entry.makes), arguments);
}

// An attribute of a class is a name of its own ("str", "lower"): the model found its line. A method bound to an instance can
// be stored, and no more.
Symbol ScanBuilder::attribute(const Instruction& in, const Entry& entry, std::span<const Symbol> arguments) {
  const Entry* type = stream_.judge.entry_of(arguments[0]);
  if (type == nullptr) return new_object(in, &entry, arguments);
  const std::size_t colon = type->key.find(':');
  const std::string qualname = std::string(type->key.substr(colon + 1)) + "." + std::string(*stream_.judge.text(arguments[1]));
  return Symbol(Kind::kGlobal, std::uint64_t{stream_.names.number_of(type->key.substr(0, colon), qualname, false)});
}

// functools.partial(function, ...)(...): as if the function were called, with keywords that its line lists.
bool ScanBuilder::call_partial(const Instruction& in, const Object& partial, std::span<const Symbol> arguments, Symbol& out) {
  const auto state = items_of(partial.state);
  if (partial.entry->key != "functools:partial" || state.size() != 4) return false;
  const Entry* function = stream_.judge.entry_of(state[0]);
  if (function == nullptr) return false;
  const bool listed = for_each_kept_pair(state[2], [&](Symbol key, Symbol) {
    const auto keyword = stream_.judge.text(key);
    return keyword && std::ranges::find(function->keywords, *keyword) != function->keywords.end();
  });
  std::vector<Symbol> all(items_of(state[1]).begin(), items_of(state[1]).end());
  all.insert(all.end(), arguments.begin(), arguments.end());
  return listed && call(in, state[0], all, Use::kCall, out);
}

Symbol ScanBuilder::new_object(const Instruction& in, const Entry* entry, std::span<const Symbol> arguments) {
  if (entry == nullptr) {
    refuse("unlisted-name", Use::kCall, {}, arguments, "gives an instance of a class that no pack lists", in);
    return Symbol(Kind::kForeign, std::uint64_t{0});
  }
  auto* object = static_cast<Object*>(stream_.arena.allocate(sizeof(Object)));
  *object = {.entry = entry, .args = Symbol(Kind::kTuple, std::uint64_t{0}), .state = {}, .marks = 0};
  if (!arguments.empty()) {
    auto* tuple = static_cast<Tuple*>(stream_.arena.allocate(sizeof(Tuple) + arguments.size_bytes()));
    *tuple = {.count = static_cast<std::uint32_t>(arguments.size()), .weight = 0, .marks = 0};
    std::ranges::copy(arguments, tuple->items());
    object->args = Symbol(Kind::kTuple, tuple);
  }
  return Symbol(Kind::kObject, object);
}

bool ScanBuilder::build(const Instruction& in, Symbol& target, Symbol state) {
  if (target.is(kLeafKinds | kContainerKinds)) {
    if (state.kind() == Kind::kNone) return true;  // nothing to do (_pickle.c: load_build)
    if (target.kind() == Kind::kBytes && target.instruction() == nullptr) {
      refuse("role", Use::kBuild, target, {&state, 1}, "a plain value is given a state", in);
      return true;
    }
    return bad_operand(in, "no state can be given to", target);
  }
  note(Use::kBuild, target, in);
  if (target.kind() == Kind::kForeign) {
    place(in, state);
    return true;
  }
  if (target.kind() == Kind::kGlobal) {
    use_name(target, Use::kBuild, {&state, 1}, in);
    refuse("name-state", Use::kBuild, target, {&state, 1}, "sets attributes of a class, module or other global object", in);
    return true;
  }
  Object& object = *target.object();
  // An earlier state may have put a __setstate__ into the instance, which this BUILD would call.
  const auto is_odd = [](Symbol dict) {
    return dict.kind() == Kind::kDict && dict.contents() != nullptr && dict.contents()->has(kOddKeys);
  };
  const bool odd = is_odd(state) || std::ranges::any_of(items_of(state), is_odd);
  // What is filled by code of its library is filled once, before anything uses it.
  const bool is_used = (object.marks & kReliedOn) != 0 || object.state.kind() != Kind::kNothing;
  const bool late = is_used && !object.entry->is_inert;
  if (odd || !has_plain_version(object, state) || !accepts(*object.entry, Use::kBuild, target, {&state, 1})) {
    refuse("arguments", Use::kBuild, target, {&state, 1}, "is given a state that its pack does not list", in);
  } else if (late) {
    refuse("late-change", Use::kBuild, target, {&state, 1}, "is given a state after something relied on it", in);
  }
  object.state = state;
  return true;
}

// BaseEstimator.__setstate__ compares and prints the version that it finds (sklearn/base.py).
bool ScanBuilder::has_plain_version(const Object& object, Symbol state) {
  if (!object.entry->key.starts_with("sklearn.")) return true;
  const auto version = stream_.judge.under(state, "_sklearn_version");
  return !version || version->is(bit(Kind::kText) | bit(Kind::kByteString));
}

Symbol ScanBuilder::persistent(const Instruction& in, Symbol id) {
  const Symbol result(Kind::kForeign, std::uint64_t{0});
  note(Use::kPersistent, result, in);
  if (stream_.storages != nullptr) {
    if (const auto storage = torch_storage(in, id)) return *storage;
  }
  refuse("persistent-id", Use::kPersistent, {}, {&id, 1},
         "a persistent id: what it gives is up to the program that loads the file", in);
  return result;
}

// ('storage', torch.FloatStorage, '0', 'cpu', 400): bytes of the same archive (torch/serialization.py: persistent_load).
std::optional<Symbol> ScanBuilder::torch_storage(const Instruction& in, Symbol id) {
  const auto parts = items_of(id);
  if (parts.size() < 5 || parts.size() > 6 || stream_.judge.text(parts[0]) != "storage") return {};
  const Entry* type = stream_.judge.entry_of(parts[1]);
  const auto count = stream_.judge.integer(parts[4]);
  const bool is_storage = type != nullptr && type->key.starts_with("torch") && type->key.ends_with("Storage");
  if (!is_storage || !stream_.judge.text(parts[3]) || !count || *count < 0) return {};
  const auto key = stream_.judge.text(parts[2]);
  const auto found = key ? stream_.storages->find(*key) : stream_.storages->end();
  if (found == stream_.storages->end()) return {};
  const std::string_view name = type->key.substr(type->key.find(':') + 1);
  if (!storage_fits(name, static_cast<std::uint64_t>(*count), found->second)) return {};
  return new_object(in, type, parts);
}

bool ScanBuilder::extension(const Instruction& in, Symbol& out) {
  out = Symbol(Kind::kForeign, std::uint64_t{0});
  const std::uint32_t code = extension_code(in);
  if (code == 0 || code > 0x7FFFFFFF) {
    return reader_.fail(ErrorCode::kBadArgument, in, "extension codes are 1 to 2147483647");
  }
  note(Use::kExtension, out, in);
  refuse("extension-code", Use::kExtension, {}, {}, "an extension code: what it names is up to the program that loads the file", in);
  return true;
}

Symbol ScanBuilder::outside_buffer(const Instruction& in) {
  refuse("out-of-band", Use::kNone, {}, {}, "a buffer that is not in this file: whoever loads it brings the bytes", in);
  return Symbol(Kind::kByteArray, in.begin);
}

std::uint32_t ScanBuilder::extension_code(const Instruction& in) {
  if (in.opcode == Opcode::EXT1) return in.argument[0];
  return in.opcode == Opcode::EXT2 ? OpcodeReader::load_u2(in.argument) : OpcodeReader::load_u4(in.argument);
}

// joblib's arrays: bytes that are no instructions, or a whole pickle, follow the BUILD of a wrapper.
bool ScanBuilder::inline_array(const Instruction& in, Symbol& target) {
  const Entry* type = stream_.judge.class_of(target);
  if (type == nullptr || !type->key.ends_with("numpy_pickle:NumpyArrayWrapper")) return true;
  const auto array = wrapped_array(stream_.judge, target.object()->state);
  if (!array) return reader_.fail(ErrorCode::kCorrupt, in, "the array wrapper's shape or dtype makes no size");
  if (!(array->has_objects ? nested_pickle(in) : raw_array(in, array->bytes, array->is_padded))) return false;
  // joblib puts the array in the wrapper's place (NumpyUnpickler.load_build).
  const auto shape = stream_.judge.under(target.object()->state, "shape");
  target = new_object(in, stream_.names.entry("numpy:ndarray"), {&*shape, 1});
  return true;
}

bool ScanBuilder::raw_array(const Instruction& in, std::uint64_t bytes, bool is_padded) {
  if (!reader_.skip_raw(0, in)) return false;
  const std::uint8_t* begin = reader_.position();
  if (is_padded) {
    if (!reader_.skip_raw(1, in) || !reader_.skip_raw(*begin, in)) return false;
  }
  if (!reader_.skip_raw(bytes, in)) return false;
  stream_.array_bytes += static_cast<std::uint64_t>(reader_.position() - begin);
  return true;
}

bool ScanBuilder::nested_pickle(const Instruction& in) {
  if (nesting_ >= limits_.nesting) {
    return reader_.fail(ErrorCode::kLimit, in, "more pickles in pickles than the limit nesting=" + std::to_string(limits_.nesting));
  }
  if (!reader_.skip_raw(0, in)) return false;
  OpcodeReader inner(reader_.origin(), reader_.position(), reader_.end());
  // It has a memo of its own (numpy_pickle.py: pickle.load).
  MemoIndex outer;
  std::swap(outer, stream_.memo_keys);
  const bool good = scan_pickle(stream_, inner, limits_, nesting_ + 1);
  std::swap(outer, stream_.memo_keys);
  if (!good) return reader_.fail(inner.error());
  reader_.jump(inner.position());
  return true;
}

bool ScanBuilder::protocol(const Instruction& in) {
  if (reader_.count() != 1) {
    return reader_.fail(ErrorCode::kReadersDisagree, in, "a PROTO that is not the first instruction: no pickler writes that");
  }
  protocol_ = in.argument[0];
  return true;
}

bool ScanBuilder::finish(const Instruction& in, Symbol root, std::span<Symbol>) {
  place(in, root);
  return true;
}

bool scan_pickle(StreamState& stream, OpcodeReader& reader, const Limits& limits, std::uint64_t nesting) {
  ScanBuilder builder(stream, reader, limits, nesting);
  return Machine<ScanBuilder>(reader, builder, limits).run();
}

}  // namespace cppickle::scanning
