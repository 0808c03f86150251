// ColumnTransformer: some columns to each transformer, the answers side by side; and FeatureUnion: all columns to each.
#include <fmt/format.h>

#include <algorithm>

#include "base/quote.h"
#include "predict/columns.h"
#include "predict/compose.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

using Names = std::vector<std::string>;

// One of the transformers and what it works on.
struct Part {
  std::string name;
  EstimatorPointer estimator;  // null: passthrough
  ColumnChoice columns;
  std::vector<std::size_t> places;  // of columns.names at fit
  double weight = 1;
};

Result<Batch> run_part(const Part& part, const Batch& rows, Workspace& memory) {
  auto answer = part.estimator ? part.estimator->run(Method::kTransform, rows, memory) : Result<Batch>(rows);
  if (!answer || part.weight == 1) return answer;
  if (answer->form == Batch::Form::kColumns) return refuse("weights of answers that are no numbers");
  const bool is_sparse = answer->form == Batch::Form::kSparse;
  const std::size_t first = is_sparse ? static_cast<std::size_t>(answer->row_starts[0]) : 0;
  const std::size_t end = is_sparse ? static_cast<std::size_t>(answer->row_starts[answer->rows]) : answer->rows * answer->columns;
  double* const out = memory.numbers(end);
  for (std::size_t i = first; i < end; ++i) out[i] = rounded(answer->values[i] * part.weight, answer->type);
  answer->values = out;
  return answer;
}

// set_output() makes a data frame of the answer.
Joined joined(const Estimator& estimator, bool sparse) {
  if (sparse) return Joined::kSparse;
  return estimator.facts().container.empty() ? Joined::kArray : Joined::kFrame;
}

// "name__column", or the bare columns, which then must not clash.
Result<Names> joined_names(const std::vector<Part>& parts, const std::vector<Names>& names, bool prefixed) {
  Names all;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (const std::string& name : names[i]) all.push_back(prefixed ? parts[i].name + "__" + name : name);
  }
  if (prefixed) return all;
  Names sorted = all;
  std::ranges::sort(sorted);
  const auto twice = std::ranges::adjacent_find(sorted);
  if (twice != sorted.end()) return refuse(fmt::format("output feature names are not unique: {}", quote(*twice)));
  return all;
}

class ColumnTransformer final : public Estimator {
 public:
  struct Options {
    bool sparse = false;
    bool matches_names = false;  // since 1.0 the columns of a data frame are found by their names
    bool prefixed = true;
    std::optional<std::size_t> least_width;  // before 1.0 rows may be wider than at fit
  };

  ColumnTransformer(std::vector<Part> parts, Options options, Names names, std::optional<std::size_t> width)
      : parts_(std::move(parts)), options_(options) {
    facts().features_in = width;
    facts().feature_names_in = std::move(names);
  }

  bool has(Method method) const override { return method == Method::kTransform; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (method != Method::kTransform) return no_method(*this, method);
    if (!rows.is_table()) return refuse("expected 2D array, got 1D array instead");
    auto* const answers = memory.make<Batch>(parts_.size());
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const auto chosen = choose(parts_[i], rows, memory);
      if (!chosen) return std::unexpected(chosen.error());
      const Batch columns = select_columns(rows, *chosen, parts_[i].columns.is_single, memory);
      auto answer = run_part(parts_[i], columns, memory);
      if (!answer) return answer;
      answers[i] = *answer;
    }
    return side_by_side({answers, parts_.size()}, rows.rows, joined(*this, options_.sparse), memory);
  }

  Result<Names> feature_names_out(const Names& names) const override {
    std::vector<Names> of_parts;
    for (const Part& part : parts_) {
      Names chosen = part.columns.names;
      for (std::int64_t position : part.columns.positions) {
        if (position < 0) position += static_cast<std::int64_t>(names.size());
        if (position < 0 || static_cast<std::size_t>(position) >= names.size()) return refuse("the names of some columns are not known");
        chosen.push_back(names[static_cast<std::size_t>(position)]);
      }
      auto out = part.estimator ? part.estimator->feature_names_out(chosen) : Result<Names>(std::move(chosen));
      if (!out) return out;
      of_parts.push_back(*std::move(out));
    }
    return joined_names(parts_, of_parts, options_.prefixed);
  }

 private:
  // Positions in these rows.
  Result<std::span<const std::size_t>> choose(const Part& part, const Batch& rows, Workspace& memory) const {
    const ColumnChoice& columns = part.columns;
    const Names& known = facts().feature_names_in;
    const std::size_t count = columns.by_name ? columns.names.size() : columns.positions.size();
    auto* const chosen = memory.make<std::size_t>(count);
    const bool by_name = columns.by_name || (options_.matches_names && rows.names != nullptr && !known.empty());
    if (by_name && rows.names == nullptr) {
      return refuse("specifying the columns using strings is only supported for data frames");
    }
    if (!by_name) {
      if (const auto fits = check_wide_enough(rows); !fits) return std::unexpected(fits.error());
    }
    for (std::size_t i = 0; i < count; ++i) {
      std::int64_t position = columns.by_name ? 0 : columns.positions[i];
      if (!columns.by_name && position < 0) position += static_cast<std::int64_t>(facts().features_in.value_or(rows.columns));
      if (by_name) {
        const bool is_known = !columns.by_name && position >= 0 && static_cast<std::size_t>(position) < known.size();
        if (!columns.by_name && !is_known) return refuse("a column is out of range");
        const std::string_view name = columns.by_name ? columns.names[i] : known[static_cast<std::size_t>(position)];
        // Mostly the frame looks as it did at fit: then the name is where it was.
        const std::size_t guess = columns.by_name ? part.places[i] : static_cast<std::size_t>(position);
        const std::string_view* at = rows.names + guess;
        if (guess >= rows.columns || *at != name) at = std::find(rows.names, rows.names + rows.columns, name);
        if (at == rows.names + rows.columns) return missing(rows);
        position = at - rows.names;
      }
      if (position < 0 || static_cast<std::size_t>(position) >= rows.columns) return refuse("a column is out of range");
      chosen[i] = static_cast<std::size_t>(position);
    }
    return std::span<const std::size_t>(chosen, count);
  }

  Result<void> check_wide_enough(const Batch& rows) const {
    if (options_.least_width) {
      if (rows.columns >= *options_.least_width) return {};
      return refuse("number of features of the input must be equal to or greater than that of the fitted transformer");
    }
    return facts().features_in ? check_columns(rows) : Result<void>();
  }

  std::unexpected<Error> missing(const Batch& rows) const {
    std::string message = "columns are missing:";
    for (const Part& part : parts_) {
      Names wanted = part.columns.names;
      for (const std::int64_t position : part.columns.positions) {
        if (position >= 0 && static_cast<std::size_t>(position) < facts().feature_names_in.size()) {
          wanted.push_back(facts().feature_names_in[static_cast<std::size_t>(position)]);
        }
      }
      for (const std::string& name : wanted) {
        const auto* const end = rows.names + rows.columns;
        if (std::find(rows.names, end, name) == end && message.size() < 400) message += " " + quote(name);
      }
    }
    return refuse(message);
  }

  std::vector<Part> parts_;
  Options options_;
};

bool is_text(const Value& value, std::string_view wanted) {
  const auto text = text_of(value);
  return text && *text == wanted;
}

// 'passthrough', or since 1.4 the FunctionTransformer without a function that stands for it.
bool passes_through(const State& state, const Value& value) {
  if (is_text(value, "passthrough")) return true;
  const auto object = object_view(value);
  if (!object || object->type.qualname != "FunctionTransformer") return false;
  const State function = state.child(value, "transformers_");
  return !function.given("func");
}

std::vector<Value> members(const Value& tuple) {
  std::vector<Value> values;
  for (const Value value : tuple.items()) values.push_back(value);
  return values;
}

void read_weights(const State& state, std::vector<Part>& parts) {
  if (!state.given("transformer_weights")) return;
  for (const Pair pair : state.get("transformer_weights")->pairs()) {
    const auto weight = number_of(pair.value);
    for (Part& part : parts) {
      if (weight && part.name == pair.key.text()) part.weight = *weight;
    }
  }
}

// Columns that a pandas.Index or Series named: since 1.0 the positions are written as well, and the names at fit are known.
std::optional<ColumnChoice> named_by_pandas(const State& state, const Value& value, const std::string& name, const Names& known) {
  const auto object = object_view(value);
  const auto positions = state.get("_transformer_to_input_indices");
  if (!object || !positions || !object->type.module.starts_with("pandas")) return {};
  ColumnChoice choice;
  choice.by_name = true;
  for (const Pair pair : positions->pairs()) {
    if (pair.key.text() != name) continue;
    for (const Value item : pair.value.items()) {
      const auto position = integer_of(item);
      if (!position || *position < 0 || static_cast<std::size_t>(*position) >= known.size()) return {};
      choice.names.push_back(known[static_cast<std::size_t>(*position)]);
    }
    return choice;
  }
  return {};
}

std::shared_ptr<Estimator> load_column_transformer(State& state) {
  Names names;
  if (state.given("feature_names_in_")) {
    for (const Cell& cell : state.cells("feature_names_in_").values) names.emplace_back(cell.text);
  } else if (state.given("_feature_names_in")) {  // 0.22 to 0.24
    for (const Cell& cell : state.cells("_feature_names_in").values) names.emplace_back(cell.text);
  }
  std::int64_t width = state.integer_or("n_features_in_", state.integer_or("_n_features", 0));
  if (!state.ok() || !state.check(width >= 0 && width < (std::int64_t{1} << 31), "a width that cannot be")) return nullptr;
  if (width == 0) width = static_cast<std::int64_t>(names.size());

  std::vector<Part> parts;
  const std::vector<Value> items = state.items("transformers_");
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::vector<Value> triple = members(items[i]);
    if (!state.check(triple.size() == 3, "a transformer must be a name, an estimator and columns")) return nullptr;
    if (is_text(triple[1], "drop")) continue;
    const std::string name = text_of(triple[0]).value_or("?");
    const std::string place = fmt::format("transformers_['{}']", name);
    ColumnChoice columns;
    if (auto named = named_by_pandas(state, triple[2], name, names)) {
      columns = *std::move(named);
    } else if (!is_none(triple[2])) {
      columns = read_columns(state, triple[2], place, names, static_cast<std::size_t>(width));
    }
    if (!state.ok()) return nullptr;
    if (columns.empty()) continue;
    Part& part = parts.emplace_back();
    part.name = name;
    part.columns = std::move(columns);
    for (const std::string& column : part.columns.names) {
      part.places.push_back(static_cast<std::size_t>(std::ranges::find(names, column) - names.begin()));
    }
    if (!passes_through(state, triple[1])) part.estimator = state.estimator(triple[1], place);
    if (!state.ok()) return nullptr;
  }
  read_weights(state, parts);
  ColumnTransformer::Options options;
  options.sparse = state.flag_or("sparse_output_", false);
  options.matches_names = state.version() >= Version{1, 0};
  const auto prefixed = state.get("verbose_feature_names_out");
  options.prefixed = !prefixed || prefixed->kind() != Kind::kBool || prefixed->as_bool();
  if (!options.matches_names && width > 0) options.least_width = static_cast<std::size_t>(width);
  if (!state.ok()) return nullptr;
  const auto features = width > 0 ? std::optional(static_cast<std::size_t>(width)) : std::nullopt;
  return std::make_shared<ColumnTransformer>(std::move(parts), options, std::move(names), features);
}

class FeatureUnion final : public Estimator {
 public:
  FeatureUnion(std::vector<Part> parts, bool prefixed) : parts_(std::move(parts)), prefixed_(prefixed) {
    for (const Part& part : parts_) {
      if (part.estimator) adopt_input(facts(), *part.estimator);
    }
  }

  bool has(Method method) const override { return method == Method::kTransform; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (method != Method::kTransform) return no_method(*this, method);
    auto* const answers = memory.make<Batch>(parts_.size());
    bool sparse = false;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const auto answer = run_part(parts_[i], rows, memory);
      if (!answer) return answer;
      answers[i] = *answer;
      sparse = sparse || answer->form == Batch::Form::kSparse;
    }
    return side_by_side({answers, parts_.size()}, rows.rows, joined(*this, sparse), memory);
  }

  Result<Names> feature_names_out(const Names& names) const override {
    std::vector<Names> of_parts;
    for (const Part& part : parts_) {
      auto out = part.estimator ? part.estimator->feature_names_out(names) : Result<Names>(names);
      if (!out) return out;
      of_parts.push_back(*std::move(out));
    }
    return joined_names(parts_, of_parts, prefixed_);
  }

 private:
  std::vector<Part> parts_;
  bool prefixed_;
};

std::shared_ptr<Estimator> load_union(State& state) {
  std::vector<Part> parts;
  for (const Value& item : state.items("transformer_list")) {
    const std::vector<Value> pair = members(item);
    if (!state.check(pair.size() == 2, "a transformer must be a name and an estimator")) return nullptr;
    if (is_none(pair[1]) || is_text(pair[1], "drop")) continue;
    Part& part = parts.emplace_back();
    part.name = text_of(pair[0]).value_or("?");
    if (!passes_through(state, pair[1])) {
      part.estimator = state.estimator(pair[1], fmt::format("transformer_list['{}']", part.name));
    }
    if (!state.ok()) return nullptr;
  }
  read_weights(state, parts);
  const bool prefixed = state.flag_or("verbose_feature_names_out", true);
  return state.ok() ? std::make_shared<FeatureUnion>(std::move(parts), prefixed) : nullptr;
}

}  // namespace

std::span<const Registered> column_family() {
  static constexpr Registered kRows[] = {
      {"compose", "ColumnTransformer", load_column_transformer},
      {"pipeline", "FeatureUnion", load_union},
      {"sklearn2pmml", "PMMLFeatureUnion", load_union},
  };
  return kRows;
}

}  // namespace cppickle::predict
