// VotingClassifier and VotingRegressor: several estimators' answers, counted or averaged.
#include <fmt/format.h>

#include <algorithm>

#include "predict/compose.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

struct Voters {
  std::vector<EstimatorPointer> estimators;
  std::vector<double> weights;  // empty: all alike
  std::vector<std::string> names;
};

// Weights are written for all of `estimators`, those that were dropped as well.
bool read(const State& state, Voters& voters) {
  voters.estimators = state.estimators("estimators_");
  voters.names = names_of_members(state);
  if (!state.ok()) return false;
  if (state.given("weights")) {
    const std::vector<double> all = state.vector("weights");
    const std::vector<Value> named = state.items("estimators");
    if (!state.ok() || !state.check(all.size() == named.size(), "weights and estimators do not fit")) return false;
    for (std::size_t i = 0; i < named.size(); ++i) {
      std::optional<Value> estimator;
      for (const Value part : named[i].items()) estimator = part;
      const bool dropped = !estimator || is_none(*estimator) || text_of(*estimator) == "drop";
      if (!dropped) voters.weights.push_back(all[i]);
    }
  }
  const std::size_t count = voters.estimators.size();
  return state.check(count > 0 && (voters.weights.empty() || voters.weights.size() == count), "weights and estimators do not fit");
}

// Averages as numpy.average has them: the sum of weighted answers over the sum of weights.
Result<const double*> average(const Voters& voters, Method method, const Batch& rows, std::size_t width, Workspace& memory) {
  double* const out = memory.numbers(rows.rows * width);
  std::fill_n(out, rows.rows * width, 0.0);
  double total = 0;
  for (std::size_t i = 0; i < voters.estimators.size(); ++i) {
    const auto answer = run_numbers(*voters.estimators[i], method, rows, memory);
    if (!answer) return std::unexpected(answer.error());
    if (answer->columns != width) return refuse("an inner estimator answers with another number of columns");
    const double weight = voters.weights.empty() ? 1 : voters.weights[i];
    total += weight;
    for (std::size_t k = 0; k < rows.rows * width; ++k) out[k] += answer->values[k] * weight;
  }
  for (std::size_t k = 0; k < rows.rows * width; ++k) out[k] /= total;
  return out;
}

// transform(): what each says, side by side.
Result<Batch> said(const Voters& voters, Method method, const Batch& rows, Workspace& memory) {
  auto* const parts = memory.make<Batch>(voters.estimators.size());
  for (std::size_t i = 0; i < voters.estimators.size(); ++i) {
    const auto answer = run_numbers(*voters.estimators[i], method, rows, memory);
    if (!answer) return answer;
    parts[i] = *answer;
    parts[i].is_vector = false;
  }
  return side_by_side({parts, voters.estimators.size()}, rows.rows, Joined::kArray, memory);
}

class VotingClassifier final : public Estimator {
 public:
  // `flat` puts the probabilities of a soft vote side by side; else transform() has three dimensions, and there is none.
  VotingClassifier(Voters voters, Labels classes, bool soft, bool flat)
      : voters_(std::move(voters)), soft_(soft), flat_(flat) {
    facts().classes.push_back(std::move(classes));
    adopt_input(facts(), *voters_.estimators[0]);
  }

  bool has(Method method) const override {
    if (method == Method::kTransform) return !soft_ || flat_;
    return method == Method::kPredict || (soft_ && method == Method::kPredictProba);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    if (method == Method::kTransform) return said(voters_, soft_ ? Method::kPredictProba : Method::kPredict, rows, memory);
    const std::size_t width = facts().classes[0].values.size();
    const auto scores = soft_ ? average(voters_, Method::kPredictProba, rows, width, memory) : votes(rows, width, memory);
    if (!scores) return std::unexpected(scores.error());
    if (method == Method::kPredictProba) return Batch::dense(*scores, rows.rows, width);
    return predicted_by_largest(*scores, rows.rows, width, memory);
  }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>&) const override {
    if (!soft_) return voters_.names;
    std::vector<std::string> names;
    for (const std::string& name : voters_.names) {
      for (std::size_t i = 0; i < facts().classes[0].values.size(); ++i) names.push_back(name + std::to_string(i));
    }
    return names;
  }

 private:
  // The estimators were fitted on encoded labels: what they predict are positions in classes_.
  Result<const double*> votes(const Batch& rows, std::size_t width, Workspace& memory) const {
    double* const counts = memory.numbers(rows.rows * width);
    std::fill_n(counts, rows.rows * width, 0.0);
    for (std::size_t i = 0; i < voters_.estimators.size(); ++i) {
      const auto answer = run_numbers(*voters_.estimators[i], Method::kPredict, rows, memory);
      if (!answer) return std::unexpected(answer.error());
      if (answer->columns != 1) return refuse("an inner estimator answers with several outputs");
      for (std::size_t r = 0; r < rows.rows; ++r) {
        const double label = answer->values[r];
        if (!(label >= 0 && label < static_cast<double>(width))) return refuse("an inner estimator answers with an unknown label");
        counts[r * width + static_cast<std::size_t>(label)] += voters_.weights.empty() ? 1 : voters_.weights[i];
      }
    }
    return counts;
  }

  Voters voters_;
  bool soft_;
  bool flat_;
};

class VotingRegressor final : public Estimator {
 public:
  explicit VotingRegressor(Voters voters) : voters_(std::move(voters)) { adopt_input(facts(), *voters_.estimators[0]); }

  bool has(Method method) const override { return method == Method::kPredict || method == Method::kTransform; }
  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    if (method == Method::kTransform) return said(voters_, Method::kPredict, rows, memory);
    const auto means = average(voters_, Method::kPredict, rows, 1, memory);
    if (!means) return std::unexpected(means.error());
    return Batch::vector(*means, rows.rows);
  }
  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>&) const override {
    return voters_.names;
  }

 private:
  Voters voters_;
};

std::shared_ptr<Estimator> load_classifier(State& state) {
  Voters voters;
  Labels classes = state.labels("classes_");
  if (!read(state, voters)) return nullptr;
  const bool soft = state.text_or("voting", "hard") == "soft";
  const bool flat = state.flag_or("flatten_transform", false);  // None, the default until 0.20, is false as well
  return state.ok() ? std::make_shared<VotingClassifier>(std::move(voters), std::move(classes), soft, flat) : nullptr;
}

std::shared_ptr<Estimator> load_regressor(State& state) {
  Voters voters;
  return read(state, voters) ? std::make_shared<VotingRegressor>(std::move(voters)) : nullptr;
}

}  // namespace

std::span<const Registered> voting_family() {
  static constexpr Registered kRows[] = {
      {"ensemble", "VotingClassifier", load_classifier},
      {"ensemble", "VotingRegressor", load_regressor},
  };
  return kRows;
}

}  // namespace cppickle::predict
