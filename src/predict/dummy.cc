// DummyClassifier and DummyRegressor: the same answer for every row (scikit-learn's dummy).
#include <algorithm>
#include <cmath>

#include "predict/registry.h"

namespace cppickle::predict {
namespace {

// How rows are looked at: not at all since 0.20, where only their number counts.
Result<void> look_at(const Estimator&, const Batch& rows) {
  if (rows.form == Batch::Form::kRecords) return refuse("expected 2D array");
  return {};
}

struct Answers {
  std::vector<double> predicted;            // of each output: a position in classes_, or the number itself
  bool are_positions = true;
  ElementType type = ElementType::kInt64;   // of predict()
  std::vector<double> probabilities;        // of all outputs side by side
  std::vector<std::size_t> parts;           // their widths
  bool is_list = false;                     // several outputs, or one in a list as until 0.21
};

class DummyClassifier final : public Estimator {
 public:
  DummyClassifier(Answers answers, std::vector<Labels> classes) : answers_(std::move(answers)) {
    facts().classes = std::move(classes);
  }

  bool has(Method method) const override {
    return method == Method::kPredict || method == Method::kPredictProba || method == Method::kPredictLogProba;
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    if (const auto fine = look_at(*this, rows); !fine) return std::unexpected(fine.error());
    if (method == Method::kPredict) {
      const std::size_t outputs = answers_.predicted.size();
      double* const out = memory.numbers(rows.rows * outputs);
      for (std::size_t i = 0; i < rows.rows * outputs; ++i) out[i] = answers_.predicted[i % outputs];
      Batch answer = Batch::dense(out, rows.rows, outputs, answers_.type);
      answer.is_vector = !answers_.is_list;
      if (answers_.are_positions) answer.labels = facts().classes;
      return answer;
    }
    const std::size_t width = answers_.probabilities.size();
    double* const out = memory.numbers(rows.rows * width);
    for (std::size_t i = 0; i < rows.rows * width; ++i) {
      const double probability = answers_.probabilities[i % width];
      out[i] = method == Method::kPredictLogProba ? std::log(probability) : probability;
    }
    Batch answer = Batch::dense(out, rows.rows, width);
    if (answers_.is_list) answer.parts = answers_.parts;
    return answer;
  }

 private:
  Answers answers_;
};

class DummyRegressor final : public Estimator {
 public:
  DummyRegressor(Numbers constants, bool is_vector, bool has_std)
      : constants_(std::move(constants)), is_vector_(is_vector), has_std_(has_std) {}

  bool has(Method method) const override {
    return method == Method::kPredict || (method == Method::kPredictStd && has_std_);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    if (const auto fine = look_at(*this, rows); !fine) return std::unexpected(fine.error());
    const bool with_std = method == Method::kPredictStd;
    const std::size_t outputs = constants_.values.size(), width = with_std ? 2 : outputs;
    double* const out = memory.numbers(rows.rows * width);
    for (std::size_t r = 0; r < rows.rows; ++r) {
      std::copy_n(constants_.values.data(), outputs, out + r * width);
      if (with_std) out[2 * r + 1] = 0;
    }
    Batch answer = Batch::dense(out, rows.rows, width, with_std ? ElementType::kFloat64 : constants_.type);
    answer.is_vector = is_vector_ && !with_std;
    return answer;
  }

 private:
  Numbers constants_;
  bool is_vector_, has_std_;
};

// numpy.tile makes a type of its own of what is predicted: Python's numbers out of arrays of objects, or a constant that
// is no member of classes_ but only equal to one. Texts stay what they are in classes_.
bool type_of_answers(const State& state, const std::vector<Labels>& chosen, const std::vector<Labels>& classes, Answers& answers) {
  const auto type_of = [](const Labels& one) {
    if (one.type != ElementType::kObject) return one.type;
    switch (one.values[0].kind) {
      case Cell::Kind::kBool: return ElementType::kBool;
      case Cell::Kind::kInt: return ElementType::kInt64;
      case Cell::Kind::kReal: return ElementType::kFloat64;
      default: return ElementType::kText;
    }
  };
  answers.type = type_of(chosen[0]);
  for (std::size_t k = 0; k < chosen.size(); ++k) {
    if (type_of(chosen[k]) != answers.type) return state.unsupported("outputs of different types");
    if (answers.type != ElementType::kText && classes[k].type != answers.type) answers.are_positions = false;
  }
  if (answers.are_positions) {
    answers.type = classes[0].type;
    return true;
  }
  for (std::size_t k = 0; k < chosen.size(); ++k) {
    const Cell& cell = chosen[k].values[0];
    answers.predicted[k] = cell.kind == Cell::Kind::kReal ? cell.real : static_cast<double>(cell.integer);
  }
  return true;
}

// What constant= holds for each output.
bool read_constants(const State& state, std::size_t outputs, std::vector<Labels>& predicted) {
  const auto value = state.get("constant");
  if (!value || is_none(*value)) return state.check(false, "strategy='constant' without a constant");
  const auto text = value->kind() == Kind::kObject ? std::nullopt : text_of(*value);
  Cells cells;
  if (text) {
    auto owner = std::make_shared<std::string>(*text);
    cells.values.push_back(Cell::of(std::string_view(*owner)));
    cells.owner = owner;
  } else if (value->kind() == Kind::kBool) {
    cells.values.push_back(Cell::boolean(value->as_bool()));
  } else if (const auto integer = value->kind() == Kind::kInt ? value->as_int() : std::nullopt) {
    cells.values.push_back(Cell::of(*integer));
  } else if (value->kind() == Kind::kFloat) {
    cells.values.push_back(Cell::of(value->as_double()));
  } else {
    cells = state.cells("constant");
  }
  if (!state.ok() || !state.check(cells.values.size() == outputs, "constant and classes_ do not fit")) return false;
  for (const Cell& cell : cells.values) {
    predicted.push_back({cells.dtype.empty() ? "object" : cells.dtype, cells.type, {cell}, cells.owner});
  }
  return true;
}

struct Output {
  Labels classes;
  std::vector<double> priors;
};

bool read_outputs(const State& state, bool is_list, std::vector<Output>& outputs) {
  if (!is_list) {
    outputs.push_back({state.labels("classes_"), state.vector("class_prior_")});
  } else {
    const std::vector<Value> classes = state.items("classes_"), priors = state.items("class_prior_");
    if (!state.ok() || !state.check(!classes.empty() && classes.size() == priors.size(), "classes_ and class_prior_ do not fit")) {
      return false;
    }
    for (std::size_t k = 0; k < classes.size() && state.ok(); ++k) {
      Cells cells = state.cells_of(classes[k], "classes_");
      outputs.push_back({{std::move(cells.dtype), cells.type, std::move(cells.values), std::move(cells.owner)},
                         state.array_of(priors[k], "class_prior_").values});
    }
  }
  if (!state.ok()) return false;
  for (const Output& output : outputs) {
    const std::size_t count = output.classes.values.size();
    if (!state.check(count > 0 && count == output.priors.size(), "classes_ and class_prior_ do not fit")) return false;
  }
  return true;
}

std::shared_ptr<Estimator> load_classifier(State& state) {
  const std::string strategy = state.text(state.has("_strategy") ? "_strategy" : "strategy");
  if (!state.ok()) return nullptr;
  const bool constant = strategy == "constant", most_frequent = strategy == "most_frequent";
  if (!constant && !most_frequent && strategy != "prior") {
    state.unsupported("DummyClassifier with strategy=" + strategy + " answers at random");
    return nullptr;
  }
  if (state.flag_or("sparse_output_", false)) {
    state.unsupported("DummyClassifier that was fitted with sparse labels is not supported");
    return nullptr;
  }
  Answers answers;
  const auto held = state.get("classes_");
  answers.is_list = held && held->kind() == Kind::kList;
  std::vector<Output> outputs;
  if (!read_outputs(state, answers.is_list, outputs)) return nullptr;
  std::vector<Labels> chosen_cells, classes;
  if (constant && !read_constants(state, outputs.size(), chosen_cells)) return nullptr;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    Output& output = outputs[k];
    const std::size_t count = output.priors.size();
    std::size_t chosen = first_largest(output.priors.data(), count);
    if (constant) {
      for (chosen = 0; chosen < count && !equal(output.classes.values[chosen], chosen_cells[k].values[0]);) ++chosen;
      if (!state.check(chosen < count, "the constant is none of the classes")) return nullptr;
    } else {
      const Labels& all = output.classes;
      chosen_cells.push_back({all.dtype, all.type, {all.values[chosen]}, all.owner});
    }
    answers.predicted.push_back(static_cast<double>(chosen));
    for (std::size_t i = 0; i < count; ++i) {
      answers.probabilities.push_back(strategy == "prior" ? output.priors[i] : i == chosen ? 1.0 : 0.0);
    }
    answers.parts.push_back(count);
    classes.push_back(std::move(output.classes));
  }
  if (!type_of_answers(state, chosen_cells, classes, answers)) return nullptr;
  return std::make_shared<DummyClassifier>(std::move(answers), std::move(classes));
}

std::shared_ptr<Estimator> load_regressor(State& state) {
  Numbers constants = state.array("constant_");
  if (!state.ok() || !state.check(!constants.values.empty(), "constant_ is empty")) return nullptr;
  const Version version = state.version();
  if (version < Version{0, 20} && constants.type != ElementType::kFloat64) {
    constants.type = ElementType::kFloat64;  // ones times constants
  }
  const bool is_column = version < Version{0, 22} && state.flag_or("output_2d_", false);
  const bool single = constants.values.size() == 1;
  return std::make_shared<DummyRegressor>(std::move(constants), single && !is_column, single && version >= Version{0, 20});
}

}  // namespace

std::span<const Registered> dummy_family() {
  static constexpr Registered kRows[] = {
      {"dummy", "DummyClassifier", load_classifier},
      {"dummy", "DummyRegressor", load_regressor},
  };
  return kRows;
}

}  // namespace cppickle::predict
