// A fitted estimator as native code, straight from its pickle: no Python, no scikit-learn, no conversion.
//
//   auto model = cppickle::predict::Model::open("model.pkl");
//   if (!model) return fail(model.error().to_string());
//   cppickle::predict::Output output;
//   const double row[] = {5.1, 3.5, 1.4, 0.2};
//   if (auto done = model->run(Method::kPredictProba, Input::dense(row, 1, 4), output); !done) ...
//   output.values()[0];
//
// Answers are those of the scikit-learn that wrote the file. A Model owns all it needs; the document may go.
// Threads: a const Model may be run by many threads, each with its own Output.
#ifndef CPPICKLE_MODEL_H_
#define CPPICKLE_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/document.h"
#include "cppickle/error.h"

namespace cppickle::predict {

// scikit-learn's methods of the same names. kPredictStd is predict(return_std=True): two columns, mean and deviation.
enum class Method : std::uint8_t {
  kPredict,
  kPredictProba,
  kPredictLogProba,
  kDecisionFunction,
  kTransform,
  kInverseTransform,
  kScoreSamples,
  kKneighbors,  // distances, then indices: twice n_neighbors columns
  kApply,
  kPredictStd,
};
inline constexpr std::size_t kMethods = 10;
std::string_view name_of(Method method);
std::optional<Method> method_named(std::string_view name);

enum class ElementType : std::uint8_t {
  kBool,
  kInt8, kInt16, kInt32, kInt64,
  kUInt8, kUInt16, kUInt32, kUInt64,
  kFloat16, kFloat32, kFloat64,
  kText,      // Cells that are texts: numpy's U
  kObject,    // Cells of any kind
  kCategory,  // a column of pandas' categories: 32-bit codes, -1 for missing
};
std::string_view name_of(ElementType type);  // as numpy spells it: "float64"; kText is "str", kCategory "category"

// A Python value in a table: what it points to belongs to whoever made it.
struct Cell {
  enum class Kind : std::uint8_t { kNone, kBool, kInt, kReal, kText, kBytes };
  Kind kind = Kind::kNone;
  std::int64_t integer = 0;  // of kBool and kInt
  double real = 0;           // of kReal; a missing value is NaN or kNone
  std::string_view text;     // of kText (UTF-8) and kBytes

  static Cell of(double value) { return {Kind::kReal, 0, value, {}}; }
  static Cell of(std::int64_t value) { return {Kind::kInt, value, 0, {}}; }
  static Cell of(std::string_view value) { return {Kind::kText, 0, 0, value}; }
  static Cell boolean(bool value) { return {Kind::kBool, value ? 1 : 0, 0, {}}; }
  static Cell none() { return {}; }
};

// Python's == for these: 1 == 1.0 == True; NaN equals nothing.
bool equal(const Cell& a, const Cell& b);

// As Python's str() has it: 1, 0.5, True, None, text. Numbers of float32 in the fewest digits of their own.
std::string text_of(const Cell& cell, ElementType type = ElementType::kFloat64);

// One column of a table.
struct Column {
  std::string_view name;
  ElementType type = ElementType::kFloat64;
  const void* data = nullptr;    // elements of `type`; Cells for kText and kObject
  std::ptrdiff_t stride = 0;     // bytes from one row to the next
  std::span<const Cell> categories = {};  // of kCategory: what the codes stand for
};

// A key and value of a row for DictVectorizer.
struct Entry {
  std::string_view key;
  Cell value;
};

// Rows to work on. Borrows everything; nothing is changed.
struct Input {
  enum class Form : std::uint8_t {
    kDense,
    kSparse,   // compressed rows
    kTable,    // columns of their own types, with names where every column has one
    kTexts,    // one Cell for each row: documents, or labels for an encoder
    kRecords,  // a dict for each row
  };
  Form form = Form::kDense;
  ElementType type = ElementType::kFloat64;
  std::size_t rows = 0;
  std::size_t columns = 0;
  const void* data = nullptr;  // kDense: elements; kSparse: stored elements; kTexts: Cells; kRecords: Entries
  std::ptrdiff_t row_stride = 0;     // kDense: bytes
  std::ptrdiff_t column_stride = 0;  // kDense: bytes
  const std::int64_t* row_starts = nullptr;  // kSparse and kRecords: rows + 1 positions in data, not decreasing
  const std::int32_t* indices = nullptr;     // kSparse: the column of each stored element
  std::span<const Column> table = {};        // kTable

  // Row-major.
  static Input dense(const double* values, std::size_t rows, std::size_t columns);
  static Input dense(const float* values, std::size_t rows, std::size_t columns);
  static Input texts(std::span<const Cell> texts);
  static Input of_table(std::span<const Column> columns, std::size_t rows);
};

// Class labels of one output, in the order of classes_.
struct Labels {
  std::string dtype;  // as numpy spells it: "int64", "<U3", "object"
  ElementType type = ElementType::kInt64;
  std::vector<Cell> values;  // texts lie in `owner`
  std::shared_ptr<const void> owner;
};

class Workspace;

// What a run answered; and the memory it worked in, so that the next run with the same Output allocates nothing once
// the largest was seen. All spans die at the next run.
class Output {
 public:
  enum class Form : std::uint8_t { kDense, kSparse, kCells };

  Output();
  ~Output();
  Output(Output&&) noexcept;
  Output& operator=(Output&&) noexcept;

  Form form() const { return form_; }
  // What numpy's dtype would be; the numbers themselves come as doubles that hold them exactly.
  ElementType type() const { return type_; }
  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  bool is_vector() const { return is_vector_; }  // shape (rows,), not (rows, 1)

  // kDense: rows * columns numbers, row-major; kSparse: the stored ones. Where labels() is not empty, positions in it.
  std::span<const double> values() const { return values_; }
  std::span<const std::int64_t> row_starts() const { return row_starts_; }  // kSparse: rows + 1
  std::span<const std::int32_t> indices() const { return indices_; }        // kSparse
  std::span<const Cell> cells() const { return cells_; }                    // kCells: rows * columns
  std::span<const ElementType> column_types() const { return column_types_; }  // kCells: one for each column
  // Of predictions of a classifier: one for each column. They belong to the model.
  std::span<const Labels> labels() const { return labels_; }
  // Widths of the arrays side by side, where scikit-learn gives a list of them: predict_proba of several outputs.
  std::span<const std::size_t> parts() const { return parts_; }

 private:
  friend class Model;
  struct Texts;
  Form form_ = Form::kDense;
  ElementType type_ = ElementType::kFloat64;
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  bool is_vector_ = false;
  std::vector<double> values_;
  std::vector<std::int64_t> row_starts_;
  std::vector<std::int32_t> indices_;
  std::vector<Cell> cells_;
  std::vector<ElementType> column_types_;
  std::span<const Labels> labels_;
  std::span<const std::size_t> parts_;
  std::unique_ptr<Texts> texts_;
  std::unique_ptr<Workspace> workspace_;
};

class Estimator;

// The pickle of a model: `path` itself; of a folder that MLflow wrote, the file that its MLmodel names. Errors are those of
// reading MLmodel; kUnsupported where it names no pickle.
[[nodiscard]] Result<std::string> model_file(const std::string& path);

struct LoadOptions {
  // Where in the file the model is, as a path of the document: "model", "['clf'][0]". Empty: the root.
  std::string at = {};
  Limits limits = {};
};

class Model {
 public:
  // The first pickle of a file of any container that Source opens, or of a folder as model_file() has it.
  [[nodiscard]] static Result<Model> open(const std::string& path, const LoadOptions& options = {});
  // kUnsupported names a class that is not known, with its place; kCorrupt says what in a model does not fit; where the
  // root is a container, kTypeMismatch lists the models in it.
  [[nodiscard]] static Result<Model> load(const Document& document, const LoadOptions& options = {});

  ~Model();
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;

  bool has(Method method) const;
  std::vector<Method> methods() const;
  // kTypeMismatch for rows that scikit-learn would refuse; kUnsupported where the model has no such method.
  [[nodiscard]] Result<void> run(Method method, const Input& input, Output& output) const;

  const std::string& class_name() const;         // "sklearn.linear_model.LogisticRegression"
  const std::string& library_version() const;    // of the library that wrote it; may be empty
  std::optional<std::size_t> features_in() const;
  std::span<const std::string> feature_names_in() const;
  std::span<const Labels> classes() const;       // one for each output
  // What set_output() asked transform() to answer with: "pandas", "polars"; empty for arrays.
  const std::string& output_container() const;
  // Names of the columns that transform() gives; kUnsupported where the class cannot tell.
  [[nodiscard]] Result<std::vector<std::string>> feature_names_out() const;

  const Estimator& estimator() const { return *estimator_; }  // for the library's own use

 private:
  explicit Model(std::shared_ptr<const Estimator> estimator);
  std::shared_ptr<const Estimator> estimator_;
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_MODEL_H_
