// MissingIndicator: which numbers or texts are missing.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "predict/invertible.h"
#include "predict/missing_values.h"
#include "predict/registry.h"
#include "predict/rows_of_input.h"

namespace cppickle::predict {
namespace {

enum class Answer : std::uint8_t { kAsRows, kSparse, kDense };

struct Indicating {
  MissingValues missing;
  std::optional<std::size_t> columns;
  std::vector<std::size_t> features;
  std::vector<std::size_t> named;
  bool refuses_new = false;
  bool checks_nan = true;  // among objects, since 0.21
  Answer answer = Answer::kAsRows;
};

class MissingIndicator final : public Estimator {
 public:
  explicit MissingIndicator(Indicating parts) : parts_(std::move(parts)) { facts().features_in = parts_.columns; }

  bool has(Method method) const override { return method == Method::kTransform; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const bool is_sparse = rows.form == Batch::Form::kSparse;
    if (is_sparse && parts_.missing.is_zero()) return refuse("sparse input with missing_values=0 is not supported");
    const auto mask = mask_of(rows, memory);
    if (!mask) return std::unexpected(mask.error());
    const std::size_t all = *parts_.columns, width = parts_.features.size();
    if (parts_.refuses_new) {
      for (std::size_t i = 0; i < rows.rows * all; ++i) {
        if ((*mask)[i] == 0 || std::ranges::binary_search(parts_.features, i % all)) continue;
        return refuse(fmt::format("the features [{}] have missing values in transform but have no missing values in fit", i % all));
      }
    }
    double* const out = memory.numbers(rows.rows * width);
    for (std::size_t r = 0; r < rows.rows; ++r) {
      for (std::size_t i = 0; i < width; ++i) out[r * width + i] = (*mask)[r * all + parts_.features[i]];
    }
    const Batch dense = Batch::dense(out, rows.rows, width, ElementType::kBool);
    const bool gives_sparse = parts_.answer == Answer::kSparse || (parts_.answer == Answer::kAsRows && is_sparse);
    return gives_sparse ? sparsify(dense, memory) : dense;
  }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>& names) const override {
    if (names.size() != *parts_.columns) return refuse("there are more or fewer names than features");
    std::vector<std::string> made;
    for (const std::size_t c : parts_.named) made.push_back("missingindicator_" + names[c]);
    return made;
  }

 private:
  // 1 for each number or cell that is missing.
  Result<const std::uint8_t*> mask_of(const Batch& rows, Workspace& memory) const {
    if (rows.form == Batch::Form::kColumns && !rows.is_vector && holds_objects(rows)) {
      if (const auto fits = check_columns(rows); !fits) return std::unexpected(fits.error());
      if (const auto fine = check_cells(rows, parts_.missing); !fine && parts_.checks_nan) return std::unexpected(fine.error());
      auto* const mask = memory.make<std::uint8_t>(rows.rows * rows.columns);
      for (std::size_t c = 0; c < rows.columns; ++c) {
        for (std::size_t r = 0; r < rows.rows; ++r) {
          mask[r * rows.columns + c] = parts_.missing.is(cell_of_column(rows.table[c], r)) ? 1 : 0;
        }
      }
      return mask;
    }
    // A zero that is not stored is never missing: 0 as missing value was refused above.
    const auto x = numbers(rows, memory, {.special = parts_.missing.special(), .keep_integers = true});
    if (!x) return std::unexpected(x.error());
    if (x->type == ElementType::kBool) return refuse("MissingIndicator does not support data with dtype bool");
    if (!parts_.missing.fits_numbers()) return refuse("'X' and 'missing_values' types are expected to be both numerical");
    const std::size_t count = x->rows * x->columns;
    auto* const mask = memory.make<std::uint8_t>(count);
    for (std::size_t i = 0; i < count; ++i) mask[i] = parts_.missing.is(x->values[i], x->type) ? 1 : 0;
    return mask;
  }

  Indicating parts_;
};

Answer answer_of(const State& state) {
  const auto value = state.get("sparse");
  if (!value || value->kind() != Kind::kBool) return Answer::kAsRows;
  return value->as_bool() ? Answer::kSparse : Answer::kDense;
}

std::shared_ptr<Estimator> load_missing_indicator(State& state) {
  Indicating parts;
  if (state.flag_or("_precomputed", false)) return state.unsupported("a MissingIndicator of masks is part of an imputer"), nullptr;
  const std::int64_t columns = state.integer("_n_features");
  const std::vector<std::int64_t> features = state.integers("features_");
  if (!parts.missing.read(state) || !state.ok()) return nullptr;
  if (!state.check(columns >= 0 && columns <= std::numeric_limits<std::int32_t>::max(), "_n_features is out of range")) return nullptr;
  parts.columns = static_cast<std::size_t>(columns);
  for (const std::int64_t feature : features) {
    const bool fits = feature >= 0 && feature < columns && (parts.features.empty() || parts.features.back() < static_cast<std::size_t>(feature));
    if (!state.check(fits, "features_ are out of range")) return nullptr;
    parts.features.push_back(static_cast<std::size_t>(feature));
  }
  parts.named = parts.features;
  const bool only_missing = state.text_or("features", "missing-only") == "missing-only";
  parts.refuses_new = only_missing && state.flag_or("error_on_new", true);
  parts.answer = answer_of(state);
  parts.checks_nan = state.version() >= Version{0, 21};
  // 0.20 gave all columns where none was missing at fit.
  if (only_missing && parts.features.empty() && state.version() < Version{0, 21}) {
    if (!state.loader().spend(static_cast<std::uint64_t>(columns) * 8, state.place())) return nullptr;
    for (std::size_t c = 0; c < *parts.columns; ++c) parts.features.push_back(c);
    if (parts.refuses_new) return state.unsupported("an indicator that was fitted where nothing was missing"), nullptr;
  }
  return std::make_shared<MissingIndicator>(std::move(parts));
}

}  // namespace

std::span<const Registered> missing_indicator_family() {
  static constexpr Registered kRows[] = {{"impute", "MissingIndicator", load_missing_indicator}};
  return kRows;
}

}  // namespace cppickle::predict
