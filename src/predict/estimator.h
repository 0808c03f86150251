// What every estimator is, and what most of them do before and after their own arithmetic.
#ifndef CPPICKLE_PREDICT_ESTIMATOR_H_
#define CPPICKLE_PREDICT_ESTIMATOR_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cppickle/error.h"
#include "cppickle/model.h"
#include "predict/batch.h"
#include "predict/workspace.h"

namespace cppickle::predict {

// What scikit-learn's check_array would take.
struct Accept {
  enum class Special : std::uint8_t { kRefuse, kNan, kAll };  // NaN and infinity; NaN only is fine; both are
  bool sparse = false;           // a sparse batch stays sparse; else it is made dense
  Special special = Special::kRefuse;
  bool float32 = false;          // every number rounded to float, as trees do
  bool keep_float32 = true;      // else the answer is float64 whatever came in
  bool keep_integers = false;    // else integers become float64
  bool dense_only = false;       // a sparse batch is an error
};

// What is known of every fitted estimator; the registry fills it in.
struct Facts {
  std::string class_name;       // as written, with its module
  std::string library_version;
  std::optional<std::size_t> features_in;
  std::vector<std::string> feature_names_in;
  std::vector<Labels> classes;  // one for each output
  std::string container;        // of transform()'s answer by set_output: "pandas", "polars"; empty for arrays
};

// Fitted and read-only: run() may be called by many threads, each with its own workspace.
class Estimator {
 public:
  virtual ~Estimator() = default;

  virtual bool has(Method method) const = 0;
  // Only for a method that it has. What the answer points to lives as long as `rows` and the workspace.
  virtual Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const = 0;
  // Whether an answer depends on all rows of a call, so that they must not come in blocks. Estimators that hand rows on
  // ask those who get them.
  virtual bool wants_all_rows(Method) const { return false; }
  // Names of what transform() gives, from the names of what it takes.
  virtual Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>& names) const;

  const Facts& facts() const { return facts_; }
  Facts& facts() { return facts_; }
  // The class without its module.
  std::string_view short_name() const;
  // The names that came in at fit; else x0, x1 and so on.
  std::vector<std::string> input_names() const;

 protected:
  // The batch as numbers, checked: width, names, NaN. An error where scikit-learn would raise.
  Result<Batch> numbers(const Batch& rows, Workspace& memory, const Accept& accept) const;
  // The same without a look at width and names: what inverse_transform() takes has others than transform().
  Result<Batch> as_numbers(const Batch& rows, Workspace& memory, const Accept& accept) const;
  // The width and the names alone.
  Result<void> check_columns(const Batch& rows) const;
  Result<void> check_width(const Batch& rows, std::size_t wanted) const;
  // Rows for inverse_transform(): as many columns as transform() gives, of whatever name.
  Result<Batch> numbers_to_undo(const Batch& rows, std::size_t width, Workspace& memory, const Accept& accept) const;
  // ClassNamePrefixFeaturesOutMixin: pca0, pca1 and so on.
  std::vector<std::string> numbered_names(std::size_t count) const;

  // predict()'s answer: positions in the classes of the one output.
  Batch predicted(const double* positions, std::size_t rows) const;
  // For each row of rows x width scores the class of the first largest.
  Batch predicted_by_largest(const double* scores, std::size_t rows, std::size_t width, Workspace& memory) const;

 private:
  Facts facts_;
};

std::unexpected<Error> refuse(std::string message);      // kTypeMismatch
std::unexpected<Error> refuse_sparse();                  // likewise
std::unexpected<Error> no_method(const Estimator& estimator, Method method);

// A dense copy. An error past 2^31 columns is impossible here: sparse widths are checked where they come in.
Batch densify(const Batch& sparse, Workspace& memory);
// scipy's csr_matrix(dense): what is not 0 is stored.
Batch sparsify(const Batch& dense, Workspace& memory);

// The type of a column made of both: float32 and int64 give float64, as numpy's result_type.
ElementType promote(ElementType a, ElementType b);

// To float and back, where the type asks for it.
inline double rounded(double value, ElementType type) {
  return type == ElementType::kFloat32 ? static_cast<double>(static_cast<float>(value)) : value;
}
void round_all(double* values, std::size_t count, ElementType type);

// predict() for regressors: rows x outputs numbers.
class Regressor : public Estimator {
 public:
  bool has(Method method) const override {
    return method == Method::kPredict || (method == Method::kDecisionFunction && decision_ != Decision::kNone);
  }
  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override;

  // scikit-learn 0.18 still had decision_function() of regressors: predict() by another name, SVR's as a column.
  enum class Decision : std::uint8_t { kNone, kPrediction, kColumn };
  void set_decision(Decision decision) { decision_ = decision; }

 protected:
  virtual Accept accepts() const { return {}; }
  virtual std::size_t outputs() const { return 1; }
  // Whether one output comes as (rows,).
  virtual bool gives_vector() const { return outputs() == 1; }
  // The answer's type for checked rows of a type.
  virtual ElementType answer_type(ElementType) const { return ElementType::kFloat64; }
  // x is dense, or sparse where accepts() says so; out holds x.rows * outputs() numbers, row-major.
  virtual void predict(const Batch& x, double* out, Workspace& memory) const = 0;

 private:
  Decision decision_ = Decision::kNone;
};

// One output with classes. predict() is the class of the largest score, predict_log_proba() the logarithm of
// predict_proba(), as ClassifierMixin's estimators do.
class Classifier : public Estimator {
 public:
  bool has(Method method) const override;
  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override;

 protected:
  virtual Accept accepts() const { return {}; }
  virtual bool has_probabilities() const = 0;
  virtual bool has_decision() const = 0;
  virtual ElementType answer_type(ElementType) const { return ElementType::kFloat64; }
  std::size_t class_count() const { return facts().classes.empty() ? 0 : facts().classes[0].values.size(); }
  // Columns of decision_function(); 1 comes as (rows,).
  virtual std::size_t decisions() const { return class_count() == 2 ? 1 : class_count(); }

  // out: x.rows * class_count().
  virtual void probabilities(const Batch& x, double* out, Workspace& memory) const;
  // out: x.rows * decisions().
  virtual void decision(const Batch& x, double* out, Workspace& memory) const;
  // Positions in classes. By default from decision() where there is one, else from probabilities().
  virtual void labels(const Batch& x, double* out, Workspace& memory) const;
  // out: x.rows * class_count(). By default the logarithm of probabilities().
  virtual void log_probabilities(const Batch& x, double* out, Workspace& memory) const;
};

// transform() of numbers into a dense array of numbers.
class Transformer : public Estimator {
 public:
  bool has(Method method) const override { return method == Method::kTransform; }
  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override;

 protected:
  virtual Accept accepts() const { return {}; }
  virtual Result<Batch> transform(const Batch& x, Workspace& memory) const = 0;
};

// Position of the first largest of `count` numbers; NaN counts as largest, as numpy.argmax has it.
std::size_t first_largest(const double* values, std::size_t count);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_ESTIMATOR_H_
