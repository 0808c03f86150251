// Naive Bayes: a joint log likelihood for each class; the largest is predicted, less their log_sum_exp they are log
// probabilities (scikit-learn's naive_bayes._BaseNB).
#include <algorithm>
#include <cmath>

#include "predict/product.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

class NaiveBayes : public Classifier {
 protected:
  explicit NaiveBayes(Labels classes) { facts().classes.push_back(std::move(classes)); }

  // out: x.rows * class_count().
  virtual void joint(const Batch& x, double* out, Workspace& memory) const = 0;

 private:
  bool has_probabilities() const override { return true; }
  bool has_decision() const override { return false; }

  void labels(const Batch& x, double* out, Workspace& memory) const override {
    const std::size_t classes = class_count();
    double* const scores = memory.numbers(x.rows * classes);
    joint(x, scores, memory);
    for (std::size_t r = 0; r < x.rows; ++r) out[r] = static_cast<double>(first_largest(scores + r * classes, classes));
  }

  void log_probabilities(const Batch& x, double* out, Workspace& memory) const override {
    const std::size_t classes = class_count();
    const ElementType type = answer_type(x.type);
    joint(x, out, memory);
    for (std::size_t r = 0; r < x.rows; ++r) {
      double* const row = out + r * classes;
      const double total = rounded(log_sum_exp(row, classes), type);
      for (std::size_t c = 0; c < classes; ++c) row[c] = rounded(row[c] - total, type);
    }
  }

  void probabilities(const Batch& x, double* out, Workspace& memory) const override {
    log_probabilities(x, out, memory);
    for (std::size_t i = 0; i < x.rows * class_count(); ++i) out[i] = std::exp(out[i]);
  }
};

// numpy's pairwise sum, in its order: float32 shows every other one.
float float_sum(const float* values, std::size_t count) {
  if (count < 8) {
    float sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += values[i];
    return sum;
  }
  if (count > 128) {
    const std::size_t half = count / 2 - count / 2 % 8;
    return float_sum(values, half) + float_sum(values + half, count - half);
  }
  float lanes[8];
  std::copy_n(values, 8, lanes);
  std::size_t i = 8;
  for (; i + 8 <= count; i += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) lanes[lane] += values[i + lane];
  }
  float sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
  for (; i < count; ++i) sum += values[i];
  return sum;
}

class GaussianNaiveBayes final : public NaiveBayes {
 public:
  // constants: log prior, and -0.5 * sum(log(2 pi var)), for each class.
  GaussianNaiveBayes(Labels classes, Matrix means, Matrix variances, std::vector<double> constants, ElementType type)
      : NaiveBayes(std::move(classes)), means_(std::move(means)), variances_(std::move(variances)),
        constants_(std::move(constants)), type_(type) {
    facts().features_in = means_.columns;
  }

 private:
  Accept accepts() const override { return {.keep_integers = true, .dense_only = true}; }
  // Since 1.8 what was fitted with float32 is float32 (_find_matching_floating_dtype).
  ElementType answer_type(ElementType x) const override { return promote(x, type_); }

  void joint(const Batch& x, double* out, Workspace& memory) const override {
    const std::size_t rows = x.rows, width = x.columns, classes = class_count();
    // Feature by feature, so that the sums of neighbouring rows run side by side.
    const double* columns = x.values;
    if (rows > 1) {
      double* const turned = memory.numbers(rows * width);
      for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t f = 0; f < width; ++f) turned[f * rows + r] = x.values[r * width + f];
      }
      columns = turned;
    }
    const ElementType type = answer_type(x.type);
    double* const sums = memory.numbers(rows);
    float* const terms = memory.make<float>(width);
    for (std::size_t c = 0; c < classes; ++c) {
      std::fill_n(sums, rows, 0.0);
      type == ElementType::kFloat32 ? add_floats(columns, rows, c, sums, terms) : add(columns, rows, c, sums);
      const double log_prior = constants_[2 * c], constant = constants_[2 * c + 1];
      for (std::size_t r = 0; r < rows; ++r) {
        const double part = rounded(constant - rounded(0.5 * rounded(sums[r], type), type), type);
        out[r * classes + c] = rounded(log_prior + part, type);
      }
    }
  }

  void add(const double* columns, std::size_t rows, std::size_t c, double* sums) const {
    for (std::size_t f = 0; f < means_.columns; ++f) {
      const double mean = means_.row(c)[f], variance = variances_.row(c)[f];
      const double* const column = columns + f * rows;
      for (std::size_t r = 0; r < rows; ++r) {
        const double difference = column[r] - mean;
        sums[r] += difference * difference / variance;
      }
    }
  }

  void add_floats(const double* columns, std::size_t rows, std::size_t c, double* sums, float* terms) const {
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t f = 0; f < means_.columns; ++f) {
        const float difference = static_cast<float>(columns[f * rows + r]) - static_cast<float>(means_.row(c)[f]);
        terms[f] = difference * difference / static_cast<float>(variances_.row(c)[f]);
      }
      sums[r] = static_cast<double>(float_sum(terms, means_.columns));
    }
  }

  Matrix means_, variances_;
  std::vector<double> constants_;
  ElementType type_;
};

// Multinomial, complement and Bernoulli: rows times one vector for each class, plus a constant.
class LinearNaiveBayes final : public NaiveBayes {
 public:
  LinearNaiveBayes(Labels classes, Matrix weights, std::vector<double> constants, std::optional<double> threshold)
      : NaiveBayes(std::move(classes)), weights_(std::move(weights)), constants_(std::move(constants)),
        threshold_(threshold) {
    facts().features_in = weights_.columns;
    const std::size_t outputs = weights_.rows, width = weights_.columns;
    if (outputs <= kFew) return;
    by_feature_.resize(weights_.values.size());
    for (std::size_t c = 0; c < outputs; ++c) {
      for (std::size_t f = 0; f < width; ++f) by_feature_[f * outputs + c] = weights_.row(c)[f];
    }
  }

 private:
  static constexpr std::size_t kFew = 2;

  Accept accepts() const override { return {.sparse = true}; }

  void joint(const Batch& x, double* out, Workspace& memory) const override {
    const Batch rows = threshold_ ? binarized(x, memory) : x;
    const std::size_t classes = class_count();
    if (rows.form == Batch::Form::kSparse && classes > kFew) {
      product_by_feature(rows, by_feature_.data(), classes, out);
    } else {
      product(rows, weights_.values.data(), classes, out);
    }
    for (std::size_t r = 0; r < x.rows; ++r) {
      for (std::size_t c = 0; c < classes; ++c) out[r * classes + c] += constants_[c];
    }
  }

  // preprocessing.binarize: 1 where a value is above the threshold. What a sparse row does not store is 0, which is not
  // above one that scikit-learn takes for sparse rows; elements that become 0 are dropped there.
  Batch binarized(const Batch& x, Workspace& memory) const {
    Batch ones = x;
    if (x.form == Batch::Form::kDense) {
      double* const values = memory.numbers(x.rows * x.columns);
      for (std::size_t i = 0; i < x.rows * x.columns; ++i) values[i] = x.values[i] > *threshold_ ? 1 : 0;
      ones.values = values;
      return ones;
    }
    const auto stored = static_cast<std::size_t>(x.row_starts[x.rows] - x.row_starts[0]);
    double* const values = memory.numbers(stored);
    auto* const indices = memory.make<std::int32_t>(stored);
    auto* const starts = memory.make<std::int64_t>(x.rows + 1);
    std::int64_t kept = 0;
    for (std::size_t r = 0; r < x.rows; ++r) {
      starts[r] = kept;
      for (std::int64_t k = x.row_starts[r]; k < x.row_starts[r + 1]; ++k) {
        if (!(x.values[k] > *threshold_)) continue;
        values[kept] = 1;
        indices[kept++] = x.indices[k];
      }
    }
    starts[x.rows] = kept;
    return Batch::sparse(values, starts, indices, x.rows, x.columns);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (threshold_ && *threshold_ < 0 && rows.form == Batch::Form::kSparse) {
      return refuse("cannot binarize a sparse matrix with threshold < 0");
    }
    return NaiveBayes::run(method, rows, memory);
  }

  Matrix weights_;                  // a row for each class
  std::vector<double> by_feature_;  // the same turned, where there are more than kFew classes
  std::vector<double> constants_;
  std::optional<double> threshold_;
};

class CategoricalNaiveBayes final : public NaiveBayes {
 public:
  // by_category: for each feature, for each category, the log probabilities of all classes.
  CategoricalNaiveBayes(Labels classes, std::vector<std::vector<double>> by_category, std::vector<double> log_priors)
      : NaiveBayes(std::move(classes)), by_category_(std::move(by_category)), log_priors_(std::move(log_priors)) {
    facts().features_in = by_category_.size();
  }

 private:
  Accept accepts() const override { return {.keep_float32 = false, .dense_only = true}; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    const auto x = numbers(rows, memory, accepts());
    if (!x) return std::unexpected(x.error());
    // dtype="int": cut towards zero.
    double* const whole = memory.numbers(x->rows * x->columns);
    for (std::size_t i = 0; i < x->rows * x->columns; ++i) {
      whole[i] = std::trunc(x->values[i]);
      if (whole[i] < 0) return refuse("negative values in data passed to CategoricalNB (input X)");
      if (whole[i] >= static_cast<double>(by_category_[i % x->columns].size() / class_count())) {
        return refuse("a category that is larger than those seen at fit time");
      }
    }
    return NaiveBayes::run(method, Batch::dense(whole, x->rows, x->columns), memory);
  }

  void joint(const Batch& x, double* out, Workspace&) const override {
    const std::size_t classes = class_count();
    for (std::size_t r = 0; r < x.rows; ++r) {
      double* const to = out + r * classes;
      std::fill_n(to, classes, 0.0);
      for (std::size_t f = 0; f < x.columns; ++f) {
        const auto category = static_cast<std::size_t>(x.values[r * x.columns + f]);
        const double* const logs = by_category_[f].data() + category * classes;
        for (std::size_t c = 0; c < classes; ++c) to[c] += logs[c];
      }
      for (std::size_t c = 0; c < classes; ++c) to[c] += log_priors_[c];
    }
  }

  std::vector<std::vector<double>> by_category_;
  std::vector<double> log_priors_;
};

std::shared_ptr<Estimator> load_gaussian(State& state) {
  Labels classes = state.labels("classes_");
  Matrix means = state.matrix("theta_");
  Matrix variances = state.matrix(state.has("var_") ? "var_" : "sigma_");  // renamed in 1.0
  const Numbers priors = state.array("class_prior_");
  if (!state.ok()) return nullptr;
  const std::size_t count = classes.values.size();
  if (!state.check(count > 0 && means.rows == count && variances.rows == count && means.columns == variances.columns &&
                       means.columns > 0 && priors.values.size() == count,
                   "theta_, var_, class_prior_ and classes_ do not fit")) {
    return nullptr;
  }
  const bool floats = means.type == ElementType::kFloat32 && variances.type == ElementType::kFloat32 &&
                      priors.type == ElementType::kFloat32;
  const ElementType type = floats ? ElementType::kFloat32 : ElementType::kFloat64;
  std::vector<double> constants;
  for (std::size_t c = 0; c < count; ++c) {
    double sum = 0;
    std::vector<float> floats_of_row;
    for (std::size_t f = 0; f < means.columns; ++f) {
      const double part = rounded(std::log(rounded(rounded(2 * M_PI, type) * variances.row(c)[f], type)), type);
      floats ? floats_of_row.push_back(static_cast<float>(part)) : void(sum += part);
    }
    if (floats) sum = static_cast<double>(float_sum(floats_of_row.data(), floats_of_row.size()));
    constants.push_back(rounded(std::log(priors.values[c]), type));
    constants.push_back(-0.5 * rounded(sum, type));
  }
  return std::make_shared<GaussianNaiveBayes>(std::move(classes), std::move(means), std::move(variances),
                                              std::move(constants), type);
}

struct Discrete {
  Labels classes;
  Matrix weights;
  std::vector<double> constants;  // class_log_prior_
};

bool read(const State& state, Discrete& parts) {
  parts.classes = state.labels("classes_");
  parts.weights = state.matrix("feature_log_prob_");
  parts.constants = state.vector("class_log_prior_");
  if (!state.ok()) return false;
  const std::size_t count = parts.classes.values.size();
  return state.check(count > 0 && parts.weights.rows == count && parts.constants.size() == count && parts.weights.columns > 0,
                     "feature_log_prob_, class_log_prior_ and classes_ do not fit");
}

std::shared_ptr<Estimator> make_linear(Discrete parts, std::optional<double> threshold) {
  return std::make_shared<LinearNaiveBayes>(std::move(parts.classes), std::move(parts.weights),
                                            std::move(parts.constants), threshold);
}

std::shared_ptr<Estimator> load_multinomial(State& state) {
  Discrete parts;
  return read(state, parts) ? make_linear(std::move(parts), {}) : nullptr;
}

std::shared_ptr<Estimator> load_complement(State& state) {
  Discrete parts;
  if (!read(state, parts)) return nullptr;
  // The prior counts only where there is nothing else.
  if (parts.classes.values.size() > 1) std::ranges::fill(parts.constants, 0.0);
  return make_linear(std::move(parts), {});
}

std::shared_ptr<Estimator> load_bernoulli(State& state) {
  Discrete parts;
  if (!read(state, parts)) return nullptr;
  std::optional<double> threshold;
  if (state.given("binarize")) threshold = state.number("binarize");
  for (std::size_t c = 0; c < parts.weights.rows; ++c) {
    double sum = 0;
    double* const row = parts.weights.values.data() + c * parts.weights.columns;
    for (std::size_t f = 0; f < parts.weights.columns; ++f) {
      const double absent = std::log(1 - std::exp(row[f]));
      row[f] -= absent;
      sum += absent;
    }
    parts.constants[c] += sum;
  }
  return state.ok() ? make_linear(std::move(parts), threshold) : nullptr;
}

std::shared_ptr<Estimator> load_categorical(State& state) {
  Labels classes = state.labels("classes_");
  std::vector<double> log_priors = state.vector("class_log_prior_");
  const std::vector<Value> features = state.items("feature_log_prob_");
  if (!state.ok()) return nullptr;
  const std::size_t count = classes.values.size();
  if (!state.check(count > 0 && log_priors.size() == count && !features.empty(),
                   "feature_log_prob_, class_log_prior_ and classes_ do not fit")) {
    return nullptr;
  }
  std::vector<std::vector<double>> by_category;
  for (const Value& feature : features) {
    const Numbers logs = state.array_of(feature, "feature_log_prob_");
    if (!state.ok() || !state.check(logs.shape.size() == 2 && logs.shape[0] == count, "feature_log_prob_ does not fit")) {
      return nullptr;
    }
    std::vector<double>& turned = by_category.emplace_back(logs.values.size());
    const std::size_t categories = logs.shape[1];
    for (std::size_t c = 0; c < count; ++c) {
      for (std::size_t k = 0; k < categories; ++k) turned[k * count + c] = logs.values[c * categories + k];
    }
  }
  return std::make_shared<CategoricalNaiveBayes>(std::move(classes), std::move(by_category), std::move(log_priors));
}

}  // namespace

std::span<const Registered> naive_bayes_family() {
  static constexpr Registered kRows[] = {
      {"naive_bayes", "GaussianNB", load_gaussian},       {"naive_bayes", "MultinomialNB", load_multinomial},
      {"naive_bayes", "ComplementNB", load_complement},   {"naive_bayes", "BernoulliNB", load_bernoulli},
      {"naive_bayes", "CategoricalNB", load_categorical},
  };
  return kRows;
}

}  // namespace cppickle::predict
