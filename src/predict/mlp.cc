// Multilayer perceptrons: layers of products, each followed by an activation
// (scikit-learn's neural_network._multilayer_perceptron, _forward_pass_fast).
#include <algorithm>
#include <cmath>

#include "predict/product.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

enum class Activation : std::uint8_t { kIdentity, kLogistic, kTanh, kRelu, kSoftmax, kExp };

struct Layer {
  Matrix weights;  // a row for each unit: coefs_ turned
  std::vector<double> intercepts;
  Activation activation = Activation::kIdentity;
};

void activate(double* values, std::size_t rows, std::size_t width, Activation activation, ElementType type) {
  const std::size_t count = rows * width;
  switch (activation) {
    case Activation::kIdentity: break;
    case Activation::kLogistic:
      for (std::size_t i = 0; i < count; ++i) values[i] = logistic(values[i], type);
      break;
    case Activation::kTanh:
      for (std::size_t i = 0; i < count; ++i) values[i] = std::tanh(values[i]);
      break;
    case Activation::kRelu:  // NaN stays
      for (std::size_t i = 0; i < count; ++i) values[i] = values[i] < 0 ? 0 : values[i];
      break;
    case Activation::kSoftmax:
      for (std::size_t r = 0; r < rows; ++r) softmax(values + r * width, width);
      break;
    case Activation::kExp:
      for (std::size_t i = 0; i < count; ++i) values[i] = std::exp(values[i]);
      break;
  }
}

struct Network {
  std::vector<Layer> layers;
  std::vector<double> first_by_feature;  // coefs_[0] as it was, for sparse rows that are wide
  std::size_t widest = 0;                // units of the largest layer
  ElementType type = ElementType::kFloat64;

  std::size_t inputs() const { return layers.front().weights.columns; }
  std::size_t outputs() const { return layers.back().weights.rows; }
  // Since 0.24 what was fitted with float32 is float32; numpy promotes.
  ElementType answer_type(ElementType x) const { return promote(x, type); }

  void run(const Batch& x, double* out, Workspace& memory) const {
    const ElementType sums = answer_type(x.type);
    double* here = memory.numbers(x.rows * widest);
    double* next = memory.numbers(x.rows * widest);
    const double* from = x.values;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const Layer& layer = layers[i];
      const std::size_t width = layer.weights.rows, count = x.rows * width;
      double* const to = i + 1 == layers.size() ? out : next;
      if (i == 0 && x.form == Batch::Form::kSparse) {
        sparse_layer(x, to);
      } else {
        product(from, x.rows, layer.weights.columns, layer.weights.values.data(), width, to);
      }
      round_all(to, count, sums);
      for (std::size_t r = 0; r < x.rows; ++r) {
        for (std::size_t o = 0; o < width; ++o) to[r * width + o] += layer.intercepts[o];
      }
      round_all(to, count, sums);
      activate(to, x.rows, width, layer.activation, sums);
      round_all(to, count, sums);
      from = to;
      std::swap(here, next);
    }
  }

 private:
  void sparse_layer(const Batch& x, double* to) const {
    const Matrix& weights = layers.front().weights;
    if (first_by_feature.empty()) return product(x, weights.values.data(), weights.rows, to);
    product_by_feature(x, first_by_feature.data(), weights.rows, to);
  }
};

bool activation_of(const State& state, const std::string& name, bool is_output, Activation& activation) {
  struct Named {
    std::string_view name;
    Activation activation;
    bool is_output;
  };
  static constexpr Named kNamed[] = {
      {"identity", Activation::kIdentity, false}, {"logistic", Activation::kLogistic, false},
      {"tanh", Activation::kTanh, false},         {"relu", Activation::kRelu, false},
      {"softmax", Activation::kSoftmax, true},    {"exp", Activation::kExp, true},
  };
  for (const Named& row : kNamed) {
    if (row.name != name || (row.is_output && !is_output)) continue;
    activation = row.activation;
    return true;
  }
  return state.unsupported("the activation " + name + " is not known");
}

bool read_layer(const State& state, const Value& coefficients, const Value& intercepts, Network& network) {
  constexpr std::size_t kWide = 1024;
  Numbers weights = state.array_of(coefficients, "coefs_");
  Numbers biases = state.array_of(intercepts, "intercepts_");
  if (!state.ok()) return false;
  if (!state.check(weights.shape.size() == 2 && weights.shape[0] > 0 && weights.shape[1] > 0 &&
                       biases.values.size() == weights.shape[1] &&
                       (network.layers.empty() || network.outputs() == weights.shape[0]),
                   "coefs_ and intercepts_ do not fit")) {
    return false;
  }
  Layer layer;
  Matrix& turned = layer.weights;
  turned.rows = weights.shape[1];
  turned.columns = weights.shape[0];
  turned.values.resize(weights.values.size());
  for (std::size_t i = 0; i < turned.columns; ++i) {
    for (std::size_t o = 0; o < turned.rows; ++o) turned.values[o * turned.columns + i] = weights.values[i * turned.rows + o];
  }
  layer.intercepts = std::move(biases.values);
  if (weights.type != ElementType::kFloat32 || biases.type != ElementType::kFloat32) network.type = ElementType::kFloat64;
  network.widest = std::max(network.widest, turned.rows);
  if (network.layers.empty() && turned.columns >= kWide) network.first_by_feature = std::move(weights.values);
  network.layers.push_back(std::move(layer));
  return true;
}

bool read(const State& state, Network& network) {
  const std::vector<Value> coefficients = state.items("coefs_"), intercepts = state.items("intercepts_");
  if (!state.ok() || !state.check(!coefficients.empty() && coefficients.size() == intercepts.size(),
                                  "coefs_ and intercepts_ do not fit")) {
    return false;
  }
  Activation hidden, output;
  if (!activation_of(state, state.text_or("activation", "relu"), false, hidden) ||
      !activation_of(state, state.text("out_activation_"), true, output)) {
    return false;
  }
  network.type = ElementType::kFloat32;
  for (std::size_t i = 0; i < coefficients.size(); ++i) {
    if (!read_layer(state, coefficients[i], intercepts[i], network)) return false;
    network.layers.back().activation = hidden;
  }
  network.layers.back().activation = output;
  return true;
}

class PerceptronRegressor final : public Regressor {
 public:
  explicit PerceptronRegressor(Network network) : network_(std::move(network)) { facts().features_in = network_.inputs(); }

 private:
  Accept accepts() const override { return {.sparse = true, .keep_integers = true}; }
  std::size_t outputs() const override { return network_.outputs(); }
  ElementType answer_type(ElementType x) const override { return network_.answer_type(x); }
  void predict(const Batch& x, double* out, Workspace& memory) const override { network_.run(x, out, memory); }

  Network network_;
};

class PerceptronClassifier final : public Classifier {
 public:
  PerceptronClassifier(Network network, Labels classes) : network_(std::move(network)) {
    facts().features_in = network_.inputs();
    facts().classes.push_back(std::move(classes));
  }

 private:
  Accept accepts() const override { return {.sparse = true, .keep_integers = true}; }
  bool has_probabilities() const override { return true; }
  bool has_decision() const override { return false; }
  ElementType answer_type(ElementType x) const override { return network_.answer_type(x); }

  void probabilities(const Batch& x, double* out, Workspace& memory) const override {
    if (network_.outputs() > 1) return network_.run(x, out, memory);
    double* const ones = memory.numbers(x.rows);
    network_.run(x, ones, memory);
    for (std::size_t r = 0; r < x.rows; ++r) {
      out[2 * r] = 1 - ones[r];
      out[2 * r + 1] = ones[r];
    }
  }

  void labels(const Batch& x, double* out, Workspace& memory) const override {
    const std::size_t width = network_.outputs();
    double* const values = memory.numbers(x.rows * width);
    network_.run(x, values, memory);
    for (std::size_t r = 0; r < x.rows; ++r) {
      out[r] = width > 1 ? static_cast<double>(first_largest(values + r * width, width)) : values[r] > 0.5 ? 1.0 : 0.0;
    }
  }

  Network network_;
};

// Several labels at once: predict() gives a column of 0 and 1 for each.
class MultilabelPerceptron final : public Estimator {
 public:
  MultilabelPerceptron(Network network, Labels classes) : network_(std::move(network)) {
    facts().features_in = network_.inputs();
    facts().classes.push_back(std::move(classes));
  }

  bool has(Method method) const override {
    return method == Method::kPredict || method == Method::kPredictProba || method == Method::kPredictLogProba;
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto x = numbers(rows, memory, {.sparse = true, .keep_integers = true});
    if (!x) return std::unexpected(x.error());
    const std::size_t count = x->rows * network_.outputs();
    double* const out = memory.numbers(count);
    network_.run(*x, out, memory);
    ElementType type = network_.answer_type(x->type);
    if (method == Method::kPredict) {
      for (std::size_t i = 0; i < count; ++i) out[i] = out[i] > 0.5 ? 1 : 0;
      type = ElementType::kInt64;
    } else if (method == Method::kPredictLogProba) {
      for (std::size_t i = 0; i < count; ++i) out[i] = std::log(out[i]);
      round_all(out, count, type);
    }
    return Batch::dense(out, x->rows, network_.outputs(), type);
  }

 private:
  Network network_;
};

std::shared_ptr<Estimator> load_regressor(State& state) {
  Network network;
  return read(state, network) ? std::make_shared<PerceptronRegressor>(std::move(network)) : nullptr;
}

std::shared_ptr<Estimator> load_classifier(State& state) {
  Network network;
  if (!read(state, network)) return nullptr;
  Labels classes = state.labels("classes_");
  const State binarizer = state.child("_label_binarizer");
  if (!state.ok()) return nullptr;
  const std::string kind = binarizer.text("y_type_");
  const bool sparse = binarizer.flag_or("sparse_input_", false);
  if (!state.ok()) return nullptr;
  const std::size_t outputs = network.outputs(), count = classes.values.size();
  if (kind == "multilabel-indicator") {
    if (!state.check(outputs == count, "coefs_ and classes_ do not fit")) return nullptr;
    if (sparse) {
      state.unsupported("MLPClassifier that was fitted with sparse labels is not supported");
      return nullptr;
    }
    return std::make_shared<MultilabelPerceptron>(std::move(network), std::move(classes));
  }
  if (count == 1) {
    // predict_proba has two columns there.
    state.unsupported("MLPClassifier of a single class is not supported");
    return nullptr;
  }
  const bool fits = kind == "binary" ? outputs == 1 && count == 2 : kind == "multiclass" && outputs == count && count > 2;
  if (!state.check(fits, "coefs_ and classes_ do not fit")) return nullptr;
  return std::make_shared<PerceptronClassifier>(std::move(network), std::move(classes));
}

}  // namespace

std::span<const Registered> mlp_family() {
  static constexpr Registered kRows[] = {
      {"neural_network", "MLPClassifier", load_classifier},
      {"neural_network", "MLPRegressor", load_regressor},
  };
  return kRows;
}

}  // namespace cppickle::predict
