#include "predict/selector.h"

#include <fmt/format.h>

#include <algorithm>

#include "predict/category_table.h"
#include "predict/compose.h"
#include "predict/missing_values.h"
#include "predict/rows_of_input.h"

namespace cppickle::predict {

Selector::Selector(Selection selection) : selection_(std::move(selection)) {
  facts().features_in = selection_.mask.size();
  for (std::size_t c = 0; c < selection_.mask.size(); ++c) {
    place_.push_back(selection_.mask[c] != 0 ? static_cast<std::int32_t>(kept_.size()) : -1);
    if (selection_.mask[c] == 0) continue;
    kept_.push_back(c);
    place_back_.push_back(static_cast<std::int32_t>(c));
  }
  if (selection_.estimator) facts().classes = selection_.estimator->facts().classes;
}

bool Selector::has(Method method) const {
  if (method == Method::kTransform || method == Method::kInverseTransform) return true;
  return selection_.estimator && method != Method::kKneighbors && method != Method::kApply && selection_.estimator->has(method);
}

bool Selector::wants_all_rows(Method method) const {
  return selection_.estimator && selection_.estimator->wants_all_rows(method);
}

Result<Batch> Selector::run(Method method, const Batch& rows, Workspace& memory) const {
  if (!has(method)) return no_method(*this, method);
  if (method == Method::kInverseTransform) return inverse(rows, memory);
  const auto kept = select(rows, memory);
  if (!kept || method == Method::kTransform) return kept;
  return selection_.estimator->run(method, *kept, memory);
}

Result<std::vector<std::string>> Selector::feature_names_out(const std::vector<std::string>& names) const {
  if (names.size() != selection_.mask.size()) return refuse("there are more or fewer names than features");
  std::vector<std::string> made;
  for (const std::size_t c : kept_) made.push_back(names[c]);
  return made;
}

Result<Batch> Selector::select(const Batch& rows, Workspace& memory) const {
  if (selection_.keeps_objects && !rows.is_vector && holds_objects(rows)) return select_objects(rows, memory);
  // _transform() of SelectorMixin: with set_output() each column of a data frame of pandas keeps its type.
  if (facts().container == "pandas" && rows.names != nullptr && rows.form == Batch::Form::kColumns) {
    const auto checked = numbers(rows, memory, {.special = special()});
    return checked ? Result<Batch>(select_columns(rows, kept_, false, memory)) : checked;
  }
  const Accept accept{.sparse = true,
                      .special = special(),
                      .keep_integers = true};
  const auto x = numbers(rows, memory, accept);
  if (!x) return std::unexpected(x.error());
  if (kept_.empty()) {
    return Batch::dense(memory.numbers(0), x->rows, 0, selection_.empty_is_double ? ElementType::kFloat64 : x->type);
  }
  if (x->form == Batch::Form::kSparse) return select_sparse(*x, place_.data(), kept_.size(), memory);
  const std::size_t width = kept_.size();
  double* const out = memory.numbers(x->rows * width);
  for (std::size_t r = 0; r < x->rows; ++r) {
    for (std::size_t i = 0; i < width; ++i) out[r * width + i] = x->values[r * x->columns + kept_[i]];
  }
  return Batch::dense(out, x->rows, width, x->type);
}

Result<Batch> Selector::select_objects(const Batch& rows, Workspace& memory) const {
  if (const auto fits = check_columns(rows); !fits) return std::unexpected(fits.error());
  if (!selection_.accepts_nan) {
    for (const Column& column : rows.table) {
      for (std::size_t r = 0; r < rows.rows; ++r) {
        if (is_nan(cell_of_column(column, r))) return refuse("input contains NaN");
      }
    }
  }
  return select_columns(rows, kept_, false, memory);
}

Batch Selector::select_sparse(const Batch& x, const std::int32_t* place, std::size_t width, Workspace& memory) const {
  const auto most = static_cast<std::size_t>(x.row_starts[x.rows] - x.row_starts[0]);
  double* const values = memory.numbers(most);
  auto* const indices = memory.make<std::int32_t>(most);
  auto* const starts = memory.make<std::int64_t>(x.rows + 1);
  std::size_t made = 0;
  starts[0] = 0;
  for (std::size_t r = 0; r < x.rows; ++r) {
    for (std::int64_t k = x.row_starts[r]; k < x.row_starts[r + 1]; ++k) {
      const std::int32_t to = place[x.indices[k]];
      if (to < 0) continue;
      values[made] = x.values[k];
      indices[made++] = to;
    }
    starts[r + 1] = static_cast<std::int64_t>(made);
  }
  return Batch::sparse(values, starts, indices, x.rows, width, x.type);
}

// What was left out becomes zeros.
Result<Batch> Selector::inverse(const Batch& rows, Workspace& memory) const {
  const auto x = as_numbers(rows, memory, {.sparse = true, .keep_integers = true});
  if (!x) return std::unexpected(x.error());
  if (x->columns == 0) return refuse("found array with 0 feature(s) while a minimum of 1 is required");
  if (x->columns != kept_.size()) return refuse("X has a different shape than during fitting");
  const std::size_t width = selection_.mask.size();
  if (x->form == Batch::Form::kSparse) return select_sparse(*x, place_back_.data(), width, memory);
  double* const out = memory.numbers(x->rows * width);
  std::fill_n(out, x->rows * width, 0.0);
  for (std::size_t r = 0; r < x->rows; ++r) {
    for (std::size_t i = 0; i < kept_.size(); ++i) out[r * width + kept_[i]] = x->values[r * x->columns + i];
  }
  return Batch::dense(out, x->rows, width, x->type);
}

bool lets_nan_through(const State& estimator) {
  const std::string_view name = estimator.class_name();
  const Version version = estimator.version();
  if (name.starts_with("HistGradientBoosting") || name.starts_with("XGB") || name.starts_with("LGBM") || name.starts_with("CatBoost")) {
    return true;
  }
  const bool is_tree = name.starts_with("DecisionTree");
  const bool is_known = (is_tree && version >= Version{1, 3}) || (name.starts_with("RandomForest") && version >= Version{1, 4}) ||
                        (name.starts_with("ExtraTree") && version >= Version{1, 6});
  if (!is_known || estimator.given("monotonic_cst")) return false;
  const std::string criterion = estimator.text_or("criterion", "");
  return criterion != "absolute_error" && (!is_tree || estimator.text_or("splitter", "best") == "best");
}

}  // namespace cppickle::predict
