// Transformers that can be undone, and what they share with others that keep sparse rows sparse.
#ifndef CPPICKLE_PREDICT_INVERTIBLE_H_
#define CPPICKLE_PREDICT_INVERTIBLE_H_

#include <optional>
#include <string>
#include <vector>

#include "predict/estimator.h"

namespace cppickle::predict {

// transform() and inverse_transform() of numbers.
class InvertibleTransformer : public Transformer {
 public:
  bool has(Method method) const override;
  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override;
  // One column for each that came in, of the same name.
  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>& names) const override;

 protected:
  virtual bool has_inverse() const { return true; }
  virtual Accept accepts_inverse() const { return accepts(); }
  // Columns that inverse_transform() takes.
  virtual std::optional<std::size_t> features_out() const { return facts().features_in; }
  virtual Result<Batch> inverse(const Batch& x, Workspace& memory) const = 0;
};

// A copy of sparse rows whose values may be written.
struct SparseCopy {
  double* values;
  std::int64_t* row_starts;
  std::int32_t* indices;
  std::size_t stored;
};
SparseCopy copy_sparse(const Batch& sparse, Workspace& memory);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_INVERTIBLE_H_
