// A transformer that keeps some of the columns (SelectorMixin).
#ifndef CPPICKLE_PREDICT_SELECTOR_H_
#define CPPICKLE_PREDICT_SELECTOR_H_

#include <memory>
#include <vector>

#include "predict/estimator.h"
#include "predict/state.h"

namespace cppickle::predict {

struct Selection {
  std::vector<std::uint8_t> mask;      // 1 for a column that is kept
  bool accepts_nan = false;            // and infinity
  bool keeps_objects = true;           // since 0.20
  bool empty_is_double = false;        // until 1.0: where no column is kept
  std::shared_ptr<const Estimator> estimator;  // what predicts from what was kept; may be null
};

class Selector final : public Estimator {
 public:
  explicit Selector(Selection selection);

  bool has(Method method) const override;
  bool wants_all_rows(Method method) const override;
  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override;
  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>& names) const override;

 private:
  Accept::Special special() const { return selection_.accepts_nan ? Accept::Special::kAll : Accept::Special::kRefuse; }
  Result<Batch> select(const Batch& rows, Workspace& memory) const;
  Result<Batch> select_objects(const Batch& rows, Workspace& memory) const;
  Batch select_sparse(const Batch& x, const std::int32_t* place, std::size_t width, Workspace& memory) const;
  Result<Batch> inverse(const Batch& rows, Workspace& memory) const;

  Selection selection_;
  std::vector<std::size_t> kept_;
  std::vector<std::int32_t> place_;       // of each column among the kept ones; -1
  std::vector<std::int32_t> place_back_;  // of each kept one
};

// Whether the class lets NaN through (its tag allow_nan).
bool lets_nan_through(const State& estimator);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_SELECTOR_H_
