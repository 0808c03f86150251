// Dicts to columns: a number under its key, a text as the column "key=text".
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/quote.h"
#include "predict/registry.h"
#include "predict/scratch_array.h"
#include "predict/text_analysis.h"
#include "predict/vocabulary.h"

namespace cppickle::predict {
namespace {

class DictVectorizer final : public Estimator {
 public:
  struct Parameters {
    std::string separator;
    ElementType type = ElementType::kFloat64;
    bool none_is_nan = true;  // numpy.float64(None) is NaN, float(None) is an error
    bool sparse = true;
    bool last_counts = false;  // of two elements for one place of a dense answer: until 1.0
  };

  DictVectorizer(Parameters parameters, Vocabulary vocabulary)
      : parameters_(std::move(parameters)), vocabulary_(std::move(vocabulary)) {}

  bool has(Method method) const override { return method == Method::kTransform; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (method != Method::kTransform) return no_method(*this, method);
    if (rows.form != Batch::Form::kRecords) return refuse("DictVectorizer expects one dict for each row");
    if (rows.rows == 0) return refuse("sample sequence X is empty");
    Row row(memory);
    ScratchArray<std::int32_t> indices(memory);
    ScratchArray<double> values(memory);
    auto* const starts = memory.make<std::int64_t>(rows.rows + 1);
    starts[0] = 0;
    for (std::size_t r = 0; r < rows.rows; ++r) {
      if (const auto done = read(rows, r, row); !done) return std::unexpected(done.error());
      for (const Element& element : row.elements) {
        indices.push(element.column);
        values.push(element.value);
      }
      starts[r + 1] = static_cast<std::int64_t>(values.size());
    }
    const Batch answer =
        Batch::sparse(values.data(), starts, indices.data(), rows.rows, vocabulary_.size(), parameters_.type);
    return parameters_.sparse ? answer : dense(answer, memory);
  }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>&) const override {
    return vocabulary_.names();
  }

 private:
  struct Element {
    std::int32_t column;
    std::uint32_t order;
    double value;
    auto operator<=>(const Element&) const = default;
  };
  struct Row {
    explicit Row(Workspace& memory) : elements(memory), name(memory) {}
    ScratchArray<Element> elements;
    ScratchArray<char> name;
  };

  Result<void> read(const Batch& rows, std::size_t r, Row& row) const {
    row.elements.clear();
    for (std::int64_t k = rows.row_starts[r]; k < rows.row_starts[r + 1]; ++k) {
      const Entry& entry = rows.entries[k];
      const bool is_text = entry.value.kind == Cell::Kind::kText;
      const std::int32_t column = vocabulary_.find(is_text ? name_of(entry, row.name) : entry.key);
      if (entry.value.kind == Cell::Kind::kBytes)
        return refuse(fmt::format("bytes as the value of {}", quote(entry.key)));
      if (column < 0) continue;
      const auto value = is_text ? Result<double>(1) : number_of(entry);
      if (!value) return std::unexpected(value.error());
      row.elements.push({column, static_cast<std::uint32_t>(row.elements.size()), *value});
    }
    std::ranges::sort(row.elements);
    return {};
  }

  std::string_view name_of(const Entry& entry, ScratchArray<char>& name) const {
    name.clear();
    const std::string_view separator = parameters_.separator;
    char* out = name.room(entry.key.size() + separator.size() + entry.value.text.size());
    for (const std::string_view part : {entry.key, separator, entry.value.text}) out = std::ranges::copy(part, out).out;
    return {name.data(), static_cast<std::size_t>(out - name.data())};
  }

  // dtype(value)
  Result<double> number_of(const Entry& entry) const {
    const ElementType type = parameters_.type;
    if (entry.value.kind == Cell::Kind::kNone) {
      if (is_float(type) && parameters_.none_is_nan) return NAN;
      if (type == ElementType::kBool) return 0;
      return refuse(fmt::format("None as the value of {}", quote(entry.key)));
    }
    const double value =
        entry.value.kind == Cell::Kind::kReal ? entry.value.real : static_cast<double>(entry.value.integer);
    if (is_float(type)) return rounded(value, type);
    if (type == ElementType::kBool) return value != 0 ? 1 : 0;
    const double most = type == ElementType::kInt32 ? 0x1p31 : 0x1p53;
    const double whole = std::trunc(value);
    if (!(whole >= -most && whole < most))
      return refuse(fmt::format("the value of {} is no such integer", quote(entry.key)));
    return whole;
  }

  Batch dense(const Batch& sparse, Workspace& memory) const {
    if (!parameters_.last_counts) return densify(sparse, memory);
    double* const out = memory.numbers(sparse.rows * sparse.columns);
    std::fill_n(out, sparse.rows * sparse.columns, 0.0);
    for (std::size_t r = 0; r < sparse.rows; ++r) {
      for (std::int64_t k = sparse.row_starts[r]; k < sparse.row_starts[r + 1]; ++k) {
        out[r * sparse.columns + static_cast<std::size_t>(sparse.indices[k])] = sparse.values[k];
      }
    }
    return Batch::dense(out, sparse.rows, sparse.columns, sparse.type);
  }

  Parameters parameters_;
  Vocabulary vocabulary_;
};

void read_names(const State& state, Vocabulary& vocabulary) {
  const auto given = state.get("vocabulary_");
  if (!state.check(given && given->kind() == Kind::kDict, "vocabulary_ is no dict; was it fitted?")) return;
  for (const Pair pair : given->pairs()) {
    if (pair.key.kind() != Kind::kString && pair.key.kind() != Kind::kByteString) {
      state.unsupported("a feature whose name is no text: " + summary(pair.key, 60));
      return;
    }
    constexpr std::size_t kEntry = 64;  // bytes beside the text
    if (!state.loader().spend(pair.key.text().size() + kEntry, state.place())) return;
    const auto column = integer_of(pair.value);
    const bool fits = column && *column >= 0 && *column <= std::numeric_limits<std::int32_t>::max();
    if (!state.check(fits, "vocabulary_ with a column that is out of range")) return;
    const bool added = vocabulary.add(pair.key.text(), static_cast<std::int32_t>(*column));
    if (!state.check(added, "vocabulary_ names a feature twice")) return;
  }
  state.check(vocabulary.size() == 0 || !vocabulary.names().empty(),
              "the columns are not 0 to their number, each once");
}

std::shared_ptr<Estimator> load_dict_vectorizer(State& state) {
  DictVectorizer::Parameters parameters;
  parameters.separator = state.text_or("separator", "=");
  parameters.type = dtype_parameter(state, ElementType::kFloat64);
  const auto dtype = state.get("dtype");
  const auto type = dtype ? dtype->global() : std::nullopt;
  parameters.none_is_nan = !type || type->module == "numpy";
  parameters.sparse = state.flag_or("sparse", true);
  parameters.last_counts = state.version() < Version{1, 0};
  const ElementType made = parameters.type;
  const bool known =
      is_float(made) || made == ElementType::kInt64 || made == ElementType::kInt32 || made == ElementType::kBool;
  if (!known) state.fail(ErrorCode::kUnsupported, "a type of elements that is not supported", "dtype");
  Vocabulary vocabulary;
  read_names(state, vocabulary);
  if (!state.ok()) return nullptr;
  return std::make_shared<DictVectorizer>(std::move(parameters), std::move(vocabulary));
}

}  // namespace

std::span<const Registered> dict_family() {
  static constexpr Registered kRows[] = {{"feature_extraction", "DictVectorizer", load_dict_vectorizer}};
  return kRows;
}

}  // namespace cppickle::predict
