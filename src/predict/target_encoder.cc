// TargetEncoder: each category as the mean of the target that went with it.
#include <fmt/format.h>

#include "predict/category_columns.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

struct Targets {
  CategoryColumns categories;
  std::size_t per_column = 1;                // columns of the answer for each column: one for each class of several
  std::vector<std::vector<double>> values;   // of each category, for each column of the answer
  std::vector<double> of_unknown;            // of each of per_column
  std::vector<std::string> class_names;
};

class TargetEncoder final : public Estimator {
 public:
  explicit TargetEncoder(Targets parts) : parts_(std::move(parts)) { facts().features_in = parts_.categories.columns.size(); }

  bool has(Method method) const override { return method == Method::kTransform; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    if (const auto fits = rows.is_table() ? check_columns(rows) : Result<void>(); !fits) return std::unexpected(fits.error());
    const auto codes = encode(parts_.categories, rows, true, memory);
    if (!codes) return std::unexpected(codes.error());
    const std::size_t columns = parts_.categories.columns.size(), width = parts_.values.size();
    double* const out = memory.numbers(rows.rows * width);
    for (std::size_t i = 0; i < width; ++i) {
      const double* const values = parts_.values[i].data();
      const std::size_t column = i / parts_.per_column;
      for (std::size_t r = 0; r < rows.rows; ++r) {
        const std::int32_t code = (*codes)[r * columns + column];
        out[r * width + i] = code == CategoryTable::kUnknown ? parts_.of_unknown[i % parts_.per_column] : values[code];
      }
    }
    return Batch::dense(out, rows.rows, width);
  }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>& names) const override {
    if (parts_.class_names.empty()) return names;
    std::vector<std::string> made;
    for (const std::string& name : names) {
      for (const std::string& of_class : parts_.class_names) made.push_back(name + "_" + of_class);
    }
    return made;
  }

 private:
  Targets parts_;
};

std::shared_ptr<Estimator> load_target_encoder(State& state) {
  Targets parts;
  if (!read_category_columns(state, false, parts.categories)) return nullptr;
  const std::vector<Value> encodings = state.items("encodings_");
  parts.of_unknown = state.vector("target_mean_");
  if (!state.ok()) return nullptr;
  if (state.text_or("target_type_", "") == "multiclass") {
    const Labels classes = state.labels("classes_");
    if (!state.ok()) return nullptr;
    parts.per_column = classes.values.size();
    for (const Cell& cell : classes.values) parts.class_names.push_back(text_of_category(cell, classes.type));
  }
  const std::size_t columns = parts.categories.columns.size();
  const bool fits = parts.per_column > 0 && encodings.size() == columns * parts.per_column && parts.of_unknown.size() == parts.per_column;
  if (!state.check(fits, "encodings_, target_mean_ and categories_ do not fit")) return nullptr;
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    parts.values.push_back(state.array_of(encodings[i], fmt::format("encodings_[{}]", i)).values);
    const std::size_t wanted = parts.categories.columns[i / parts.per_column].table.size();
    if (!state.ok() || !state.check(parts.values.back().size() == wanted, "encodings_ and categories_ do not fit")) return nullptr;
  }
  return std::make_shared<TargetEncoder>(std::move(parts));
}

}  // namespace

std::span<const Registered> target_encoder_family() {
  static constexpr Registered kRows[] = {{"preprocessing", "TargetEncoder", load_target_encoder}};
  return kRows;
}

}  // namespace cppickle::predict
