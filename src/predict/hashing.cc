// Features to columns by their hash: HashingVectorizer, FeatureHasher.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/quote.h"
#include "base/utf8.h"
#include "predict/registry.h"
#include "predict/scratch_array.h"
#include "predict/text_analysis.h"
#include "predict/tfidf.h"

namespace cppickle::predict {
namespace {

// MurmurHash3_x86_32 with seed 0 (Austin Appleby, public domain), as a signed number.
std::int32_t murmur(std::string_view text) {
  constexpr std::uint32_t kFirst = 0xCC9E2D51, kSecond = 0x1B873593;
  const auto mixed = [](std::uint32_t k) { return std::rotl(k * kFirst, 15) * kSecond; };
  std::uint32_t h = 0;
  std::size_t i = 0;
  for (; i + 4 <= text.size(); i += 4) {
    std::uint32_t k;
    std::memcpy(&k, text.data() + i, 4);
    if constexpr (std::endian::native == std::endian::big) k = __builtin_bswap32(k);
    h = std::rotl(h ^ mixed(k), 13) * 5 + 0xE6546B64;
  }
  std::uint32_t tail = 0;
  for (std::size_t rest = text.size() - i; rest > 0; --rest) {
    tail = tail << 8 | static_cast<unsigned char>(text[i + rest - 1]);
  }
  h ^= mixed(tail);
  h ^= static_cast<std::uint32_t>(text.size());
  h = (h ^ h >> 16) * 0x85EBCA6B;
  h = (h ^ h >> 13) * 0xC2B2AE35;
  return static_cast<std::int32_t>(h ^ h >> 16);
}

// Where features go: _hashing_fast.transform() and sum_duplicates().
class Hasher {
 public:
  // The parameters of either class; see State for errors.
  void read(const State& state) {
    const std::int64_t features = state.integer_or("n_features", std::int64_t{1} << 20);
    state.check(features >= 1 && features <= std::numeric_limits<std::int32_t>::max(), "n_features is out of range");
    features_ = features;
    alternate_sign_ = state.flag_or("alternate_sign", true);  // 0.18 had only this
    non_negative_ = state.flag_or("non_negative", false);     // until 0.20: absolute values of the sums
    type_ = dtype_parameter(state, ElementType::kFloat64);
    const bool known = is_float(type_) || type_ == ElementType::kInt64 || type_ == ElementType::kInt32;
    if (!known) state.fail(ErrorCode::kUnsupported, "a type of elements that is not supported", "dtype");
  }

  std::size_t features() const { return static_cast<std::size_t>(features_); }
  ElementType type() const { return type_; }
  bool alternates_sign() const { return alternate_sign_; }
  bool is_non_negative() const { return non_negative_; }

  struct Place {
    std::int32_t column;
    bool negative;
  };
  Place place_of(std::string_view feature) const {
    const std::int32_t hash = murmur(feature);
    const bool negative = alternate_sign_ && hash < 0;
    if (hash == std::numeric_limits<std::int32_t>::min()) {
      return {static_cast<std::int32_t>((std::int64_t{2147483647} - (features_ - 1)) % features_), negative};
    }
    return {static_cast<std::int32_t>(std::abs(std::int64_t{hash}) % features_), negative};
  }

 private:
  std::int64_t features_ = 1;
  bool alternate_sign_ = true;
  bool non_negative_ = false;
  ElementType type_ = ElementType::kFloat64;
};

class HashingVectorizer final : public Estimator {
 public:
  HashingVectorizer(Analyzer analyzer, Hasher hasher, RowNorm norm, bool binary)
      : analyzer_(std::move(analyzer)), hasher_(hasher), norm_(norm), binary_(binary) {}

  bool has(Method method) const override { return method == Method::kTransform; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (method != Method::kTransform) return no_method(*this, method);
    if (const auto fine = check_texts(rows, *this); !fine) return std::unexpected(fine.error());
    if (rows.rows == 0) return refuse("cannot vectorize empty sequence");
    TextScratch scratch(memory);
    ScratchArray<std::uint32_t> found(memory);  // twice the column, one more where the sign is negative
    ScratchArray<std::int32_t> indices(memory);
    ScratchArray<double> values(memory);
    auto* const starts = memory.make<std::int64_t>(rows.rows + 1);
    starts[0] = 0;
    for (std::size_t r = 0; r < rows.rows; ++r) {
      if (const auto done = analyzer_.analyze(text_at(rows, r), scratch); !done) return std::unexpected(done.error());
      found.clear();
      analyzer_.for_each_feature(scratch, [&](std::string_view feature) {
        const Hasher::Place place = hasher_.place_of(feature);
        found.push(static_cast<std::uint32_t>(place.column) << 1 | (place.negative ? 1U : 0U));
      });
      add_up(found, indices, values);
      starts[r + 1] = static_cast<std::int64_t>(values.size());
    }
    // normalize() makes floats of integers.
    const ElementType type =
        is_float(hasher_.type()) || norm_ == RowNorm::kNone ? hasher_.type() : ElementType::kFloat64;
    const auto done = normalize_rows(values.data(), starts, rows.rows, norm_, type);
    if (!done) return std::unexpected(done.error());
    return Batch::sparse(values.data(), starts, indices.data(), rows.rows, hasher_.features(), type);
  }

 private:
  void add_up(ScratchArray<std::uint32_t>& found, ScratchArray<std::int32_t>& indices,
              ScratchArray<double>& values) const {
    std::ranges::sort(found);
    for (std::size_t i = 0; i < found.size();) {
      const std::uint32_t column = found[i] >> 1;
      std::int64_t sum = 0;
      for (; i < found.size() && found[i] >> 1 == column; ++i) sum += (found[i] & 1) != 0 ? -1 : 1;
      if (hasher_.is_non_negative()) sum = std::abs(sum);
      indices.push(static_cast<std::int32_t>(column));
      values.push(binary_ ? 1 : static_cast<double>(sum));  // also where the sum is 0
    }
  }

  Analyzer analyzer_;
  Hasher hasher_;
  RowNorm norm_;
  bool binary_;
};

class FeatureHasher final : public Estimator {
 public:
  FeatureHasher(Hasher hasher, bool takes_texts, bool takes_characters)
      : hasher_(hasher), takes_texts_(takes_texts), takes_characters_(takes_characters) {}

  bool has(Method method) const override { return method == Method::kTransform; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (method != Method::kTransform) return no_method(*this, method);
    if (rows.rows == 0) return refuse("cannot vectorize empty sequence");
    Row row(memory);
    auto* const starts = memory.make<std::int64_t>(rows.rows + 1);
    starts[0] = 0;
    for (std::size_t r = 0; r < rows.rows; ++r) {
      row.features.clear();
      const auto done = takes_texts_ ? read_texts(rows, r, row) : read_record(rows, r, row);
      if (!done) return std::unexpected(done.error());
      add_up(row);
      starts[r + 1] = static_cast<std::int64_t>(row.values.size());
    }
    return Batch::sparse(row.values.data(), starts, row.indices.data(), rows.rows, hasher_.features(), hasher_.type());
  }

 private:
  struct Feature {
    std::int32_t column;
    std::uint32_t order;
    double value;
    auto operator<=>(const Feature&) const = default;
  };
  struct Row {
    explicit Row(Workspace& memory) : features(memory), name(memory), indices(memory), values(memory) {}
    ScratchArray<Feature> features;
    ScratchArray<char> name;
    ScratchArray<std::int32_t> indices;
    ScratchArray<double> values;
  };

  // A dict, or pairs.
  Result<void> read_record(const Batch& rows, std::size_t r, Row& row) const {
    if (rows.form != Batch::Form::kRecords) return refuse("FeatureHasher expects one dict for each row");
    for (std::int64_t k = rows.row_starts[r]; k < rows.row_starts[r + 1]; ++k) {
      const Entry& entry = rows.entries[k];
      std::string_view name = entry.key;
      double value = 1;
      switch (entry.value.kind) {
        case Cell::Kind::kText:
          row.name.clear();
          std::ranges::copy(entry.key, row.name.room(entry.key.size() + 1 + entry.value.text.size()));
          row.name.grow_to(entry.key.size());
          row.name.push('=');
          std::ranges::copy(entry.value.text, row.name.end());
          name = {row.name.data(), row.name.size() + entry.value.text.size()};
          break;
        case Cell::Kind::kBool:
        case Cell::Kind::kInt: value = static_cast<double>(entry.value.integer); break;
        case Cell::Kind::kReal: value = entry.value.real; break;
        case Cell::Kind::kNone:
        case Cell::Kind::kBytes:
          return refuse(fmt::format("the value of {} must be a number or a text", quote(entry.key)));
      }
      if (const auto added = add(name, value, row); !added) return added;
    }
    return {};
  }

  // Every cell of a row of a table is a feature; before 1.2 a text was taken for a list of its characters.
  Result<void> read_texts(const Batch& rows, std::size_t r, Row& row) const {
    if (rows.form != Batch::Form::kColumns || rows.names != nullptr) {
      return refuse("FeatureHasher expects a list of texts for each row");
    }
    if (rows.is_vector && !takes_characters_) {
      return refuse("samples can not be a single string: the input must be an iterable over iterables of strings");
    }
    for (const Column& column : rows.table) {
      const bool holds_cells = column.type == ElementType::kText || column.type == ElementType::kObject;
      const Cell cell = holds_cells ? cell_at(column, r) : Cell::none();
      const bool is_name = cell.kind == Cell::Kind::kText || (cell.kind == Cell::Kind::kBytes && !rows.is_vector);
      if (!is_name) return refuse("feature names must be strings");
      for (std::size_t at = 0; at < cell.text.size() || !rows.is_vector;) {
        const std::size_t begin = at;
        at = cell.text.size();
        if (rows.is_vector) next_code_point(cell.text, at = begin);
        if (const auto added = add(cell.text.substr(begin, at - begin), 1, row); !added) return added;
        if (!rows.is_vector) break;
      }
    }
    return {};
  }

  Result<void> add(std::string_view name, double value, Row& row) const {
    if (value == 0) return {};
    const Hasher::Place place = hasher_.place_of(name);
    if (place.negative) value = -value;
    if (!is_float(hasher_.type())) {
      const double most = hasher_.type() == ElementType::kInt32 ? 0x1p31 : 0x1p53;
      value = std::trunc(value);
      if (!(value >= -most && value < most)) return refuse("a number that is no integer of the output's type");
    }
    row.features.push({place.column, static_cast<std::uint32_t>(row.features.size()), rounded(value, hasher_.type())});
    return {};
  }

  void add_up(Row& row) const {
    std::ranges::sort(row.features);
    for (std::size_t i = 0; i < row.features.size();) {
      const std::int32_t column = row.features[i].column;
      double sum = row.features[i++].value;
      for (; i < row.features.size() && row.features[i].column == column; ++i) {
        sum = rounded(sum + row.features[i].value, hasher_.type());
      }
      row.indices.push(column);
      row.values.push(hasher_.is_non_negative() ? std::fabs(sum) : sum);
    }
  }

  Hasher hasher_;
  bool takes_texts_;
  bool takes_characters_;
};

std::shared_ptr<Estimator> load_hashing_vectorizer(State& state) {
  Analyzer analyzer;
  analyzer.read(state);
  Hasher hasher;
  hasher.read(state);
  const RowNorm norm = row_norm_parameter(state, RowNorm::kL2);
  const bool binary = state.flag_or("binary", false);
  if (!state.ok()) return nullptr;
  return std::make_shared<HashingVectorizer>(std::move(analyzer), hasher, norm, binary);
}

std::shared_ptr<Estimator> load_feature_hasher(State& state) {
  Hasher hasher;
  hasher.read(state);
  const std::string input = state.text_or("input_type", "dict");
  if (!state.check(input == "dict" || input == "pair" || input == "string", "input_type is none that is known"))
    return nullptr;
  if (!state.ok()) return nullptr;
  return std::make_shared<FeatureHasher>(hasher, input == "string", state.version() < Version{1, 2});
}

}  // namespace

std::span<const Registered> hashing_family() {
  static constexpr Registered kRows[] = {
      {"feature_extraction", "HashingVectorizer", load_hashing_vectorizer},
      {"feature_extraction", "FeatureHasher", load_feature_hasher},
  };
  return kRows;
}

}  // namespace cppickle::predict
