// Bytes as a model, and rows of every form through every method it says it has: an answer or an error, and an answer of
// the shape that it says.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <vector>

#include "cppickle/model.h"

namespace {

using namespace cppickle::predict;

constexpr std::size_t kRows = 3;
constexpr std::size_t kMostColumns = 64;

void run(const Model& model, const Input& input) {
  Output output;
  for (std::size_t i = 0; i < kMethods; ++i) {
    const auto method = static_cast<Method>(i);
    if (!model.has(method)) continue;
    const auto done = model.run(method, input, output);
    if (!done) continue;
    const std::size_t count = output.rows() * output.columns();
    const bool fits = output.form() == Output::Form::kDense    ? output.values().size() == count
                      : output.form() == Output::Form::kCells ? output.cells().size() == count
                                                              : output.row_starts().size() == output.rows() + 1;
    if (!fits || output.rows() != input.rows) std::abort();
    if (output.labels().empty()) continue;
    for (std::size_t k = 0; k < output.values().size(); ++k) {
      const double position = output.values()[k];
      if (!(position >= 0 && position < static_cast<double>(output.labels()[k % output.columns()].values.size()))) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  LoadOptions options;
  options.limits.allocation = std::uint64_t{1} << 28;
  cppickle::ReadOptions read;
  read.limits = options.limits;
  const auto document = cppickle::Document::read(bytes, read);
  if (!document) return 0;
  const auto model = Model::load(*document, options);
  if (!model) return 0;
  (void)model->feature_names_out();

  const std::size_t columns = std::min(model->features_in().value_or(3), kMostColumns);
  constexpr double kSamples[] = {0, 1, -1.5, 3, 1e300, -0.0, 0.5, 1e-310, 7};
  constexpr double kSpecial[] = {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 2, -7};
  std::vector<double> plain(kRows * columns), special(kRows * columns);
  std::vector<Cell> cells(kRows * columns);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    plain[i] = kSamples[i % std::size(kSamples)];
    special[i] = kSpecial[i % std::size(kSpecial)];
    const Cell kinds[] = {Cell::of(std::string_view("a")), Cell::of(2.0), Cell::none(), Cell::of(std::int64_t{1})};
    cells[i] = kinds[i % 4];
  }
  run(*model, Input::dense(plain.data(), kRows, columns));
  run(*model, Input::dense(special.data(), kRows, columns));

  std::vector<Column> table(columns);
  for (std::size_t c = 0; c < columns; ++c) {
    table[c] = c % 2 == 0 ? Column{"a", ElementType::kObject, cells.data() + c, static_cast<std::ptrdiff_t>(columns * sizeof(Cell)), {}}
                          : Column{"b", ElementType::kFloat64, plain.data() + c, static_cast<std::ptrdiff_t>(columns * sizeof(double)), {}};
    if (c < model->feature_names_in().size()) table[c].name = model->feature_names_in()[c];
  }
  run(*model, Input::of_table(table, kRows));

  const std::int64_t starts[] = {0, 1, 1, 3};
  const std::int32_t indices[] = {0, static_cast<std::int32_t>(columns) - 1, 0};
  Input sparse = Input::dense(plain.data(), kRows, columns);
  sparse.form = Input::Form::kSparse;
  sparse.row_starts = starts;
  sparse.indices = indices;
  if (columns > 0) run(*model, sparse);

  const Cell texts[] = {Cell::of(std::string_view("Good morning, \xC3\x9C" "ber-World 42!")), Cell::of(std::string_view("")), Cell::of(2.0)};
  run(*model, Input::texts(texts));
  run(*model, Input::texts({texts, 2}));
  const Entry entries[] = {{"a", Cell::of(1.0)}, {"b", Cell::of(std::string_view("x"))}, {"a", Cell::none()}};
  Input records;
  records.form = Input::Form::kRecords;
  records.rows = kRows;
  records.row_starts = starts;
  records.data = entries;
  run(*model, records);
  return 0;
}
