#include "scan/models_pandas.h"

#include <algorithm>
#include <cstring>

namespace cppickle::scanning {
namespace {

constexpr std::string_view kIndexKeywords[] = {
    "data",  "name",   "names",   "dtype",     "copy", "levels", "codes",  "labels", "sortorder",        "start",     "stop",
    "step",  "freq",   "tz",      "left",      "right", "closed", "ordinal", "verify_integrity", "ambiguous", "tupleize_cols",
    "fastpath"};

// pyarrow's name of a type: type_for_alias('string').
std::optional<std::string_view> type_name(Judge& judge, Symbol type) {
  if (judge.class_of(type) == nullptr || judge.class_of(type)->key != "pyarrow.lib:DataType") return {};
  const auto args = items_of(type.object()->args);
  return args.size() == 1 ? judge.text(args[0]) : std::nullopt;
}

// The bytes of a buffer: py_buffer(b'...').
std::optional<std::string> buffer_bytes(Judge& judge, Symbol buffer) {
  if (judge.class_of(buffer) == nullptr || judge.class_of(buffer)->key != "pyarrow.lib:Buffer") return {};
  const auto args = items_of(buffer.object()->args);
  if (args.size() != 1) return {};
  if (const Entry* made_by = judge.class_of(args[0])) {
    const auto inner = items_of(args[0].object()->args);
    if (made_by->key != "builtins:bytearray" && made_by->key != "builtins:bytes") return {};
    if (inner.empty()) return std::string();
    const auto bytes = judge.contents(inner[0]);
    return bytes ? std::optional<std::string>(*bytes) : std::nullopt;
  }
  const auto bytes = judge.contents(args[0]);
  return bytes ? std::optional<std::string>(*bytes) : std::nullopt;
}

// Offsets of `count` texts from `first` on: they rise, and end within the data.
template <class Offset>
bool offsets_fit(std::string_view offsets, std::uint64_t first, std::uint64_t count, std::uint64_t data) {
  if (offsets.empty() && count == 0) return true;
  if (offsets.size() / sizeof(Offset) < first + count + 1) return false;
  Offset before = 0;
  for (std::uint64_t i = first; i <= first + count; ++i) {
    Offset offset;
    std::memcpy(&offset, offsets.data() + i * sizeof offset, sizeof offset);
    if (offset < before || static_cast<std::uint64_t>(offset) > data) return false;
    before = offset;
  }
  return true;
}

// Bits of one value of a type with values of a fixed size; 0 of others.
std::uint64_t bits_of(std::string_view type) {
  struct Row {
    std::string_view name;
    std::uint64_t bits;
  };
  static constexpr Row kRows[] = {{"bool", 1},   {"int8", 8},    {"uint8", 8},   {"int16", 16}, {"uint16", 16},
                                  {"int32", 32}, {"uint32", 32}, {"int64", 64},  {"uint64", 64}, {"halffloat", 16},
                                  {"float", 32}, {"double", 64}, {"date32[day]", 32}, {"date64[ms]", 64}};
  const auto* row = std::ranges::find(kRows, type, &Row::name);
  return row == std::end(kRows) ? 0 : row->bits;
}

}  // namespace

bool pandas_index(Judge& judge, const Request& request) {
  const auto& args = request.arguments;
  if (args.size() != 2 || args[1].kind() != Kind::kDict || !all_pairs_are_kept(args[1])) return false;
  const Entry* type = judge.entry_of(args[0]);
  const bool is_index = type != nullptr && std::ranges::any_of(type->rules, [](const Rule& rule) {
    return rule.use == Use::kNew && rule.model == "pandas_index";
  });
  if (!is_index) return false;
  if (args[1].contents() != nullptr) args[1].contents()->set(kReliedOn);
  return for_each_kept_pair(args[1], [&](Symbol key, Symbol value) {
    const auto keyword = judge.text(key);
    if (!keyword || std::ranges::find(kIndexKeywords, *keyword) == std::end(kIndexKeywords)) return false;
    // As text these are looked up: 'dateutil/...' reads a file.
    const bool is_looked_up = *keyword == "tz" || *keyword == "dtype";
    return judge.fits(Pattern(), value) && !(is_looked_up && judge.text(value));
  });
}

bool arrow_array(Judge& judge, const Request& request) {
  constexpr std::int64_t kMost = std::int64_t{1} << 40;
  if (request.arguments.size() != 1) return false;
  const auto parts = items_of(request.arguments[0]);
  if (parts.size() != 7 || parts[4].kind() != Kind::kList) return false;
  const auto type = type_name(judge, parts[0]);
  const auto length = judge.integer(parts[1]);
  const auto nulls = judge.integer(parts[2]);
  const auto offset = judge.integer(parts[3]);
  const bool has_children = parts[5].kind() != Kind::kList || parts[5].contents() != nullptr || parts[6].kind() != Kind::kNone;
  if (!type || !length || !nulls || !offset || has_children) return false;
  if (*length < 0 || *offset < 0 || *length > kMost || *offset > kMost || *nulls > *length) return false;
  const std::string name(*type);
  const std::vector<Symbol> buffers = first_items(parts[4], 4);
  const bool is_text = name == "string" || name == "large_string" || name == "binary" || name == "large_binary";
  if (buffers.size() != (is_text ? 3U : 2U)) return false;
  parts[4].contents()->set(kReliedOn);
  const auto first = static_cast<std::uint64_t>(*offset);
  const auto count = static_cast<std::uint64_t>(*length);
  const auto validity = buffer_bytes(judge, buffers[0]);
  if (buffers[0].kind() != Kind::kNone && (!validity || validity->size() < (first + count + 7) / 8)) return false;
  const auto second = buffer_bytes(judge, buffers[1]);
  if (!second) return count == 0 && buffers[1].kind() == Kind::kNone;
  if (!is_text) return bits_of(name) != 0 && second->size() >= (bits_of(name) * (first + count) + 7) / 8;
  const auto data = buffer_bytes(judge, buffers[2]);
  if (!data && buffers[2].kind() != Kind::kNone) return false;
  const std::uint64_t size = data ? data->size() : 0;
  return name.starts_with("large") ? offsets_fit<std::int64_t>(*second, first, count, size)
                                   : offsets_fit<std::int32_t>(*second, first, count, size);
}

}  // namespace cppickle::scanning
