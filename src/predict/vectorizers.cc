// Documents to counts of terms that were seen at fit, and to their weights: CountVectorizer, TfidfVectorizer.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "base/quote.h"
#include "predict/registry.h"
#include "predict/scratch_array.h"
#include "predict/text_analysis.h"
#include "predict/tfidf.h"

namespace cppickle::predict {
namespace {

// scipy's cast of a count.
double count_as(std::int64_t count, ElementType type) {
  switch (type) {
    case ElementType::kBool: return count != 0 ? 1 : 0;
    case ElementType::kInt8: return static_cast<double>(static_cast<std::int8_t>(count));
    case ElementType::kUInt8: return static_cast<double>(static_cast<std::uint8_t>(count));
    case ElementType::kInt16: return static_cast<double>(static_cast<std::int16_t>(count));
    case ElementType::kUInt16: return static_cast<double>(static_cast<std::uint16_t>(count));
    default: return rounded(static_cast<double>(count), type);
  }
}

// Columns below `columns` in order: by digits where there are many of them.
void sort_columns(ScratchArray<std::int32_t>& found, ScratchArray<std::int32_t>& spare, std::size_t columns) {
  constexpr std::size_t kFew = 200;
  constexpr unsigned kDigitBits = 11;
  constexpr std::uint32_t kDigits = 1 << kDigitBits;
  if (found.size() < kFew) return std::ranges::sort(found), void();
  for (unsigned shift = 0; shift < 32 && (columns - 1) >> shift != 0; shift += kDigitBits) {
    std::array<std::size_t, kDigits> next{};
    const auto digit = [&](std::int32_t column) { return static_cast<std::uint32_t>(column) >> shift & (kDigits - 1); };
    for (const std::int32_t column : found) ++next[digit(column)];
    std::exclusive_scan(next.begin(), next.end(), next.begin(), std::size_t{0});
    spare.clear();
    std::int32_t* const sorted = spare.room(found.size());
    for (const std::int32_t column : found) sorted[next[digit(column)]++] = column;
    spare.grow_to(found.size());
    std::swap(found, spare);
  }
}

class Vectorizer final : public Estimator {
 public:
  Vectorizer(Analyzer analyzer, Vocabulary vocabulary)
      : analyzer_(std::move(analyzer)), vocabulary_(std::move(vocabulary)) {}

  void set_counting(bool binary, ElementType type) {
    binary_ = binary;
    type_ = type;
  }
  std::size_t size() const { return vocabulary_.size(); }
  void set_weights(TfidfWeights weights) { weights_ = std::move(weights); }

  bool has(Method method) const override { return method == Method::kTransform; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (method != Method::kTransform) return no_method(*this, method);
    if (const auto fine = check_texts(rows, *this); !fine) return std::unexpected(fine.error());
    TextScratch scratch(memory);
    ScratchArray<std::int32_t> found(memory), spare(memory), indices(memory);
    ScratchArray<double> values(memory);
    auto* const starts = memory.make<std::int64_t>(rows.rows + 1);
    starts[0] = 0;
    for (std::size_t r = 0; r < rows.rows; ++r) {
      if (const auto done = analyzer_.analyze(text_at(rows, r), scratch); !done) return std::unexpected(done.error());
      found.clear();
      analyzer_.for_each_feature(scratch, [&](std::string_view feature) {
        if (const std::int32_t column = vocabulary_.find(feature); column >= 0) found.push(column);
      });
      sort_columns(found, spare, vocabulary_.size());
      count(found, indices, values);
      starts[r + 1] = static_cast<std::int64_t>(values.size());
    }
    ElementType type = type_;
    if (weights_) {
      type = type == ElementType::kFloat32 ? type : ElementType::kFloat64;
      type = weights_->weigh(values.data(), indices.data(), values.size(), type);
      const auto done = normalize_rows(values.data(), starts, rows.rows, weights_->norm(), type);
      if (!done) return std::unexpected(done.error());
    }
    return Batch::sparse(values.data(), starts, indices.data(), rows.rows, vocabulary_.size(), type);
  }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>&) const override {
    return vocabulary_.names();
  }

 private:
  // Columns of one row, in order and as often as they were found, become columns with their counts.
  void count(const ScratchArray<std::int32_t>& found, ScratchArray<std::int32_t>& indices,
             ScratchArray<double>& values) const {
    for (std::size_t i = 0; i < found.size();) {
      std::size_t end = i + 1;
      while (end < found.size() && found[end] == found[i]) ++end;
      indices.push(found[i]);
      values.push(binary_ ? 1 : count_as(static_cast<std::int64_t>(end - i), type_));
      i = end;
    }
  }

  Analyzer analyzer_;
  Vocabulary vocabulary_;
  bool binary_ = false;
  ElementType type_ = ElementType::kInt64;
  std::optional<TfidfWeights> weights_;
};

bool add_term(const State& state, Vocabulary& vocabulary, const Value& term, std::int64_t column) {
  constexpr std::size_t kEntry = 64;  // bytes beside the text
  if (term.kind() != Kind::kString && term.kind() != Kind::kByteString) {
    return state.unsupported("a vocabulary of terms that are no texts: " + summary(term, 60));
  }
  if (!state.loader().spend(term.text().size() + kEntry, state.place())) return false;
  return state.check(column >= 0 && column <= std::numeric_limits<std::int32_t>::max(),
                     "a column that is out of range") &&
         state.check(vocabulary.add(term.text(), static_cast<std::int32_t>(column)), "a vocabulary names a term twice");
}

void read_pairs(const State& state, Pairs pairs, Vocabulary& vocabulary) {
  for (const Pair pair : pairs) {
    const auto column = integer_of(pair.value);
    if (!state.check(column.has_value(), "a vocabulary with a column that is no integer")) return;
    if (!add_term(state, vocabulary, pair.key, *column)) return;
  }
}

// CountVectorizer(vocabulary=...) that was never fitted: a dict, terms in order, or a set, which is sorted.
void read_parameter(const State& state, const Value& given, Vocabulary& vocabulary) {
  const auto object = object_view(given);
  const bool is_set = given.kind() == Kind::kSet || (object && object->kind == ObjectKind::kSet);
  if (is_set) {
    std::vector<Value> terms;
    const auto collect = [&](Values values) {
      for (const Value term : values) terms.push_back(term);
    };
    collect(object ? object->items() : given.items());
    std::ranges::stable_sort(terms, {}, [](const Value& term) { return term.text(); });
    for (std::size_t i = 0; i < terms.size() && state.ok(); ++i) {
      add_term(state, vocabulary, terms[i], static_cast<std::int64_t>(i));
    }
    return;
  }
  if (given.kind() == Kind::kFrozenSet || (object && object->kind == ObjectKind::kFrozenSet)) {
    state.unsupported("a vocabulary that is a frozenset: its order is lost");
    return;
  }
  const Cells terms = state.cells("vocabulary");
  for (std::size_t i = 0; i < terms.values.size() && state.ok(); ++i) {
    if (!state.check(terms.values[i].kind == Cell::Kind::kText, "a vocabulary of terms that are no texts")) return;
    state.check(vocabulary.add(terms.values[i].text, static_cast<std::int32_t>(i)), "a vocabulary names a term twice");
  }
}

void read_vocabulary(const State& state, Vocabulary& vocabulary) {
  const char* const name = state.has("vocabulary_") ? "vocabulary_" : "vocabulary";
  if (!state.check(state.given(name), "the vocabulary is not fitted")) return;
  const Value given = *state.get(name);
  const auto object = object_view(given);
  if (given.kind() == Kind::kDict) {
    read_pairs(state, given.pairs(), vocabulary);
  } else if (object && (object->kind == ObjectKind::kDict || object->kind == ObjectKind::kOrderedDict ||
                        object->kind == ObjectKind::kDefaultDict)) {
    read_pairs(state, object->pairs(), vocabulary);
  } else {
    read_parameter(state, given, vocabulary);
  }
  if (state.ok() && state.check(vocabulary.size() > 0, "the vocabulary is empty")) {
    state.check(!vocabulary.names().empty(), "the columns of the vocabulary are not 0 to its size, each once");
  }
}

std::shared_ptr<Vectorizer> load(State& state) {
  Analyzer analyzer;
  analyzer.read(state);
  Vocabulary vocabulary;
  if (state.ok()) read_vocabulary(state, vocabulary);
  const ElementType type = dtype_parameter(state, ElementType::kInt64);
  const bool binary = state.flag_or("binary", false);
  if (!state.ok()) return nullptr;
  auto vectorizer = std::make_shared<Vectorizer>(std::move(analyzer), std::move(vocabulary));
  vectorizer->set_counting(binary, type);
  return vectorizer;
}

std::shared_ptr<Estimator> load_count_vectorizer(State& state) { return load(state); }

std::shared_ptr<Estimator> load_tfidf_vectorizer(State& state) {
  const auto vectorizer = load(state);
  if (!vectorizer) return nullptr;
  const State transformer = state.child("_tfidf");
  if (!state.ok()) return nullptr;
  TfidfWeights weights;
  weights.read(transformer);
  if (!state.ok()) return nullptr;
  const std::size_t terms = vectorizer->size();
  if (!state.check(weights.columns() == 0 || weights.columns() == terms, "idf_ and the vocabulary do not fit"))
    return nullptr;
  vectorizer->set_weights(std::move(weights));
  return vectorizer;
}

}  // namespace

std::span<const Registered> vectorizer_family() {
  static constexpr Registered kRows[] = {
      {"feature_extraction", "CountVectorizer", load_count_vectorizer},
      {"feature_extraction", "TfidfVectorizer", load_tfidf_vectorizer},
  };
  return kRows;
}

}  // namespace cppickle::predict
