#include "cppickle/privacy.h"

#include <algorithm>
#include <map>
#include <utility>

#include "cppickle/array_view.h"
#include "cppickle/python_value.h"
#include "document/place_walk.h"
#include "scan/kept_data.h"
#include "scan/privacy_notes.h"
#include "scan/private_text.h"
#include "scan/reference_texts.h"
#include "scan/secret_shapes.h"
#include "scan/value_outline.h"

namespace cppickle {
namespace scanning {
namespace {

constexpr std::size_t kMostDepth = 100'000;

// Their objects hold arrays of many rows that are parameters, or are the data itself.
bool is_known_library(std::string_view module) {
  static constexpr std::string_view kLibraries[] = {
      "_codecs", "builtins", "__builtin__", "catboost", "collections", "copyreg", "copy_reg", "datetime",
      "joblib",  "lightgbm", "numpy",       "pandas",   "scipy",       "sklearn", "torch",    "xgboost"};
  return std::ranges::find(kLibraries, library_of(module)) != std::end(kLibraries);
}

bool is_data_library(std::string_view module) {
  const std::string_view library = library_of(module);
  return library == "numpy" || library == "pandas" || library == "builtins" || library == "__builtin__" ||
         library == "collections" || library == "datetime";
}

// Looks at the pickles of one stream.
class PrivacySearch {
 public:
  static constexpr bool kWalksAll = true;

  PrivacySearch(const Document& document, const std::string& where, PrivacyNotes& notes)
      : document_(document), graph_(document.graph()), where_(where), notes_(notes), walk_(graph_, *this, kMostDepth) {}

  void run() {
    for (pickle_ = 0; pickle_ < document_.pickles(); ++pickle_) {
      table_depth_ = kNoTable;
      walk_.walk(Cell::from_bits(document_.root(pickle_).cell()));
    }
    if (!walk_.was_too_deep()) return;
    notes_.add({.category = PrivacyCategory::kIncomplete,
                .what = "not looked at: values in too many others",
                .detail = "more than " + std::to_string(kMostDepth),
                .where = where_},
               nullptr, [] { return std::string(); });
  }

  void value(Cell cell) {
    const Value value(graph_, cell.bits());
    if (table_depth_ != kNoTable && walk_.way().size() <= table_depth_) table_depth_ = kNoTable;
    const Kind kind = value.kind();
    const bool is_text_kind =
        kind == Kind::kString || kind == Kind::kByteString || kind == Kind::kBytes || kind == Kind::kByteArray;
    // Keys stand before their values, and those that are texts say what these are.
    if (const auto key = key_text()) {
      if (is_text_kind) {
        under_key(*key, value);
      } else if (kind != Kind::kBool && kind != Kind::kInt && kind != Kind::kFloat) {
        attribute(*key, value);
      }
    }
    if (value.is_reference()) return;
    if (is_text_kind) return text(value.text());
    if (kind == Kind::kObject) object(value);
  }

  void raw(std::uint64_t) {}

 private:
  static constexpr std::size_t kNoTable = ~std::size_t{0};

  void add(PrivacyNote note) {
    note.where = where_;
    note.pickle = pickle_;
    const void* container = walk_.way().empty() ? static_cast<const void*>(&graph_) : walk_.way().back().node;
    notes_.add(std::move(note), container, [this] { return path(); });
  }

  std::string path() const {
    return walk_.path([](std::string& path, const Value& key) {
      const bool is_text_key = key.kind() == Kind::kString || key.kind() == Kind::kByteString;
      is_text_key ? append_name(path, shown(key.text(), 80)) : append_key(path, key);
    });
  }

  // The key under which the value stands that is being visited.
  std::optional<std::string_view> key_text() {
    if (walk_.way().empty() || walk_.way().back().step != Place::Step::kKey) return {};
    const Value key(graph_, walk_.way().back().key.bits());
    if (key.kind() != Kind::kString && key.kind() != Kind::kByteString) return {};
    return texts_.of(key);
  }

  // The object whose attributes the innermost dict holds.
  std::optional<Global> holder() const {
    const std::span<const Place> way = walk_.way();
    constexpr std::size_t kMostBetween = 4;  // a state of slots, and what was discarded
    for (std::size_t up = 2; up <= way.size() && up <= kMostBetween; ++up) {
      const Place& place = way[way.size() - up];
      if (place.gives_state()) return class_of(place.value(graph_));
      if (place.step != Place::Step::kNone && !place.is_pair()) return {};
    }
    return {};
  }

  // Whether the value is part of an object that is more than a container.
  bool is_in_model() const {
    const std::span<const Place> way = walk_.way();
    constexpr std::size_t kMostLooked = 64;
    for (std::size_t up = 1; up <= way.size() && up <= kMostLooked; ++up) {
      const Place& place = way[way.size() - up];
      if (!place.gives_state()) continue;
      const auto type = class_of(place.value(graph_));
      if (type && !is_data_library(type->module)) return true;
    }
    return false;
  }

  void text(std::string_view text) {
    if (text.size() < 5 || !is_text(text)) return;
    for_each_private(text, [this](TextMatch match) {
      add({.category = match.category, .what = match.what, .detail = std::move(match.detail)});
    });
  }

  void under_key(std::string_view key, const Value& value) {
    if (!names_a_secret(key)) return;
    const std::string_view text = texts_.of(value);
    if (!is_secret_under(key, text) || !is_text(text)) return;
    bool has_shape = false;  // and is told of by that
    for_each_private(text, [&](const TextMatch& match) { has_shape |= match.category == PrivacyCategory::kSecrets; });
    if (has_shape) return;
    add({.category = PrivacyCategory::kSecrets, .what = "what its name says is secret", .detail = masked(text)});
  }

  // Of an object, or an entry of a dict.
  void attribute(std::string_view name, const Value& value) {
    if (may_keep_data(name)) {
      const auto type = holder();
      const KeptData* kept = type ? kept_data(name, type->qualname) : nullptr;
      if (kept != nullptr) add_kept(kept->category, kept->what, value);
    } else if (!value.is_reference() && value.kind() == Kind::kObject) {
      rows_of_unknown(value);
    }
  }

  void add_kept(PrivacyCategory category, std::string_view what, const Value& value) {
    if (notes_.is_full()) return add({.category = category, .what = what});
    // A hostile file refers to one large object again and again.
    const std::uint64_t id = value.identity();
    std::string* known = nullptr;
    if (id != 0) {
      const auto [place, is_new] = outlines_.try_emplace({category, id});
      known = &place->second;
      if (is_new) *known = outline_for(category, value);
    }
    std::string detail = known != nullptr ? *known : outline_for(category, value);
    if (!detail.empty()) add({.category = category, .what = what, .detail = std::move(detail)});
  }

  // Empty for what tells nothing.
  static std::string outline_for(PrivacyCategory category, const Value& value) {
    const Kind kind = value.kind();
    if (kind == Kind::kNone || kind == Kind::kGlobal || (kind != Kind::kObject && value.size() == 0)) return {};
    if (const auto array = array_view(value, ArrayOptions::glance())) {
      if (array->form == ArrayView::Form::kScalar || array->count == 0) return {};
      // Labels that are numbers say nothing of whom they are about.
      const bool has_texts = array->dtype.kind == 'U' || array->dtype.kind == 'S' || array->dtype.has_objects;
      if (category == PrivacyCategory::kVocabulary && !has_texts) return {};
    }
    return outline_of(value) + (category == PrivacyCategory::kColumns ? first_texts(value) : "");
  }

  // ": age, height, ..." of a list or array of names.
  static std::string first_texts(const Value& value) {
    constexpr std::size_t kMostTexts = 8;
    constexpr std::size_t kMostOfOne = 40;
    std::vector<std::string> texts;
    const auto add_items = [&texts](const Values& items) {
      for (const Value item : items) {
        if (texts.size() <= kMostTexts)
          texts.push_back(shown(item.text(), kMostOfOne));
        else
          break;
      }
    };
    const auto array = array_view(value, ArrayOptions::glance());
    if (!array) {
      add_items(value.items());
    } else if (array->objects) {
      add_items(array->objects->items());
    } else {
      for (std::uint64_t i = 0; i < array->count && i <= kMostTexts; ++i) {
        const std::string text = array->element_repr(i, kMostOfOne);
        texts.push_back(text.size() > 2 && text[0] == '\'' ? text.substr(1, text.size() - 2) : text);
      }
    }
    std::string line;
    for (std::size_t i = 0; i < texts.size(); ++i) line += (i == 0 ? ": " : ", ") + (i < kMostTexts ? texts[i] : "...");
    return line;
  }

  // Many more rows than columns, kept by a class that nothing is known of.
  void rows_of_unknown(const Value& value) {
    constexpr std::uint64_t kManyRows = 1000;
    constexpr std::uint64_t kRowsForEachColumn = 10;
    const auto type = holder();
    if (!type || is_known_library(type->module)) return;
    const auto shape = shape_of(value);
    if (!shape || shape->size() != 2 || (*shape)[0] < kManyRows || (*shape)[0] / kRowsForEachColumn < (*shape)[1])
      return;
    add_kept(PrivacyCategory::kTrainingRows, "an array of many rows, which may be training data", value);
  }

  void object(const Value& value) {
    const auto type = class_of(value);
    if (!type) return;
    const std::string_view library = library_of(type->module);
    const std::string_view name = type->qualname;
    if (library == "pandas" && (name == "DataFrame" || name == "Series") && is_in_model()) return table(value);
    const bool is_tree = name.starts_with("KDTree") || name.starts_with("BallTree") || name.starts_with("cKDTree") ||
                         name.starts_with("BinaryTree");
    if ((library == "sklearn" || library == "scipy") && is_tree) search_tree(value);
    if (const auto array = array_view(value, ArrayOptions::glance())) this->array(*array);
  }

  // A table of pandas; how many rows it has is seen while its arrays are visited.
  void table(const Value& value) {
    table_ = notes_.size();
    notes_.add({.category = PrivacyCategory::kTrainingRows,
                .what = "a table of pandas inside a model",
                .detail = outline_of(value),
                .where = where_,
                .pickle = pickle_},
               nullptr, [this] { return path(); });
    if (notes_.size() == table_) return;
    table_depth_ = walk_.way().size();
    table_rows_ = 0;
    table_has_block_ = false;
  }

  // KDTree and BallTree: the first array of the state that holds rows of numbers.
  void search_tree(const Value& value) {
    constexpr int kMostLooked = 4;
    const auto state = value.state();
    if (!state || state->kind() != Kind::kTuple) return;
    int looked = 0;
    for (const Value part : state->items()) {
      if (++looked > kMostLooked) return;
      const auto array = array_view(part, ArrayOptions::glance());
      if (!array || array->shape.size() != 2 || array->dtype.kind != 'f' || array->count == 0) continue;
      return add_kept(PrivacyCategory::kTrainingRows, "training rows, in a tree to search them", part);
    }
  }

  void array(const ArrayView& array) {
    if (table_depth_ != kNoTable) count_table_rows(array.shape);
    // Those of objects are values of their own.
    if (array.dtype.kind != 'U' && array.dtype.kind != 'S') return;
    if (array.dtype.kind == 'S') return byte_texts(array);
    std::string text;
    for (std::size_t at = 0; at + 4 <= array.data.size(); at += 4) {
      if (array.dtype.size != 0 && at % array.dtype.size == 0) end_text(text);
      const auto byte = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(array.data[at + i])}; };
      const bool is_big = array.dtype.order == '>';
      const std::uint32_t c = is_big ? byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3)
                                     : byte(3) << 24 | byte(2) << 16 | byte(1) << 8 | byte(0);
      if (c != 0 && c < 0x80) text += static_cast<char>(c);
      if (c >= 0x80) text += '?';  // what is looked for is ASCII
    }
    end_text(text);
  }

  void end_text(std::string& text) {
    this->text(text);
    text.clear();
  }

  void byte_texts(const ArrayView& array) {
    const std::size_t size = array.dtype.size;
    if (size == 0) return;
    for (std::size_t at = 0; at + size <= array.data.size(); at += size) {
      const std::string_view element = array.data.substr(at, size);
      text(element.substr(0, element.find('\0')));
    }
  }

  // Blocks have a line for each column; an index, and a column of its own, one number for each row.
  void count_table_rows(const std::vector<std::uint64_t>& shape) {
    if (shape.empty() || shape.size() > 2) return;
    const bool is_block = shape.size() == 2;
    if (table_has_block_ && !is_block) return;
    table_rows_ = is_block == table_has_block_ ? std::max(table_rows_, shape.back()) : shape.back();
    table_has_block_ = is_block;
    PrivacyNote& note = notes_[table_];
    note.detail = note.detail.substr(0, note.detail.find(',')) + ", " + std::to_string(table_rows_) + " rows";
  }

  const Document& document_;
  const Graph& graph_;
  const std::string& where_;
  PrivacyNotes& notes_;
  PlaceWalk<PrivacySearch> walk_;
  std::size_t pickle_ = 0;
  ReferenceTexts texts_;
  std::map<std::pair<PrivacyCategory, std::uint64_t>, std::string> outlines_;
  // The note of the table that is being visited, where it stands, and the rows seen so far.
  std::size_t table_ = 0;
  std::size_t table_depth_ = kNoTable;
  std::uint64_t table_rows_ = 0;
  bool table_has_block_ = false;
};

// A text beside the pickles.
void look_at_blob(const Blob& blob, PrivacyNotes& notes) {
  if (!is_text(blob.bytes)) return;
  for_each_private(blob.bytes, [&](TextMatch match) {
    notes.add({.category = match.category, .what = match.what, .detail = std::move(match.detail), .where = blob.where},
              &blob, [] { return std::string(); });
  });
}

}  // namespace
}  // namespace scanning

std::string_view name_of(PrivacyCategory category) {
  switch (category) {
    case PrivacyCategory::kSecrets: return "secrets";
    case PrivacyCategory::kTrainingRows: return "training-rows";
    case PrivacyCategory::kEmails: return "emails";
    case PrivacyCategory::kUserNames: return "user-names";
    case PrivacyCategory::kPaths: return "paths";
    case PrivacyCategory::kHosts: return "hosts";
    case PrivacyCategory::kVocabulary: return "vocabulary";
    case PrivacyCategory::kSearchResults: return "search-results";
    case PrivacyCategory::kColumns: return "columns";
    case PrivacyCategory::kIncomplete: return "incomplete";
  }
  return {};
}

std::vector<PrivacyNote> privacy_notes(const Source& source, const PrivacyOptions& options) {
  scanning::PrivacyNotes notes(options.most_notes);
  const auto incomplete = [&](std::string_view what, std::string detail, const std::string& where) {
    notes.add({.category = PrivacyCategory::kIncomplete, .what = what, .detail = std::move(detail), .where = where},
              nullptr, [] { return std::string(); });
  };
  for (std::size_t i = 0; i < source.streams().size(); ++i) {
    const std::string& where = source.streams()[i].where;
    if (const auto document = source.read(i, {.limits = options.limits})) {
      scanning::PrivacySearch(*document, where, notes).run();
    } else {
      incomplete("a pickle that cannot be read", document.error().message, where);
    }
  }
  for (const Blob& blob : source.blobs()) {
    if (blob.what == "a text file") scanning::look_at_blob(blob, notes);
  }
  for (const Error& problem : source.problems())
    incomplete("a part that cannot be read", problem.message, problem.where);
  return notes.take();
}

}  // namespace cppickle
