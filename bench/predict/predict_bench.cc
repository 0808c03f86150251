// A model's rows one at a time and all at once, in C++: predict_bench MODEL METHOD ROWS.jsonl prints one line of JSON with
// CPU microseconds a row, the least of many rounds. Each line of ROWS is a list of numbers and texts, or a text.
#include <ctime>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <fstream>
#include <string>
#include <vector>

#include <simdjson.h>

#include "cppickle/model.h"

namespace {

using namespace cppickle::predict;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Rows {
  std::deque<std::string> texts;
  std::vector<Cell> cells;      // row-major
  std::vector<double> numbers;  // row-major; where all are numbers
  std::size_t rows = 0, columns = 0;
  bool is_text = false, is_dense = true;
  std::vector<Column> table;

  bool read(const char* path) {
    simdjson::dom::parser parser;
    simdjson::dom::document_stream lines;
    simdjson::padded_string file;
    if (simdjson::padded_string::load(path).get(file) != simdjson::SUCCESS) return false;
    if (parser.parse_many(file, 1 << 24).get(lines) != simdjson::SUCCESS) return false;
    for (const simdjson::dom::element line : lines) {
      ++rows;
      if (line.is_string()) {
        is_text = true;
        add(line);
        continue;
      }
      for (const simdjson::dom::element item : simdjson::dom::array(line)) add(item);
    }
    columns = rows == 0 ? 0 : cells.size() / rows;
    return rows > 0;
  }
  void add(const simdjson::dom::element& item) {
    if (item.is_string()) {
      is_dense = false;
      cells.push_back(Cell::of(std::string_view(texts.emplace_back(std::string_view(item)))));
    } else {
      numbers.push_back(double(item));
      cells.push_back(Cell::of(numbers.back()));
    }
  }

  // `count` rows from `first` on. A table's columns are numbers or texts, whatever the first row has.
  Input input(const Model& model, std::size_t first, std::size_t count) {
    if (is_text) return Input::texts({cells.data() + first, count});
    if (is_dense) return Input::dense(numbers.data() + first * columns, count, columns);
    const std::size_t numeric = numbers.size() / rows;
    std::size_t number = 0;
    table.assign(columns, {});
    for (std::size_t c = 0; c < columns; ++c) {
      Column& column = table[c];
      if (cells[c].kind == Cell::Kind::kText) {
        column = {{}, ElementType::kObject, cells.data() + first * columns + c, static_cast<std::ptrdiff_t>(columns * sizeof(Cell)), {}};
      } else {
        const double* const from = numbers.data() + first * numeric + number++;
        column = {{}, ElementType::kFloat64, from, static_cast<std::ptrdiff_t>(numeric * sizeof(double)), {}};
      }
      if (c < model.feature_names_in().size()) column.name = model.feature_names_in()[c];
    }
    return Input::of_table(table, count);
  }
};

// The least microseconds a row of running `calls` inputs.
template <class Run>
double least(std::size_t rows, Run&& run) {
  double best = 1e300;
  const double begin = cpu_seconds();
  for (int round = 0; round < 1000 && (round < 3 || cpu_seconds() - begin < 0.4); ++round) {
    const double before = cpu_seconds();
    run();
    best = std::min(best, (cpu_seconds() - before) * 1e6 / static_cast<double>(rows));
  }
  return best;
}

}  // namespace

int main(int count, char** arguments) {
  Rows rows;
  const auto method = count == 4 ? method_named(arguments[2]) : std::nullopt;
  if (!method || !rows.read(arguments[3])) {
    std::fprintf(stderr, "usage: predict_bench MODEL METHOD ROWS.jsonl\n");
    return 2;
  }
  const auto model = Model::open(arguments[1]);
  if (!model) {
    std::fprintf(stderr, "%s\n", model.error().to_string().c_str());
    return 1;
  }
  Output output;
  bool fine = true;
  const std::size_t single = std::min<std::size_t>(rows.rows, 200);
  const double one = least(single, [&] {
    for (std::size_t r = 0; r < single; ++r) fine = fine && model->run(*method, rows.input(*model, r, 1), output).has_value();
  });
  const double batch = least(rows.rows, [&] { fine = fine && model->run(*method, rows.input(*model, 0, rows.rows), output).has_value(); });
  if (!fine) {
    std::fprintf(stderr, "%s\n", model->run(*method, rows.input(*model, 0, rows.rows), output).error().to_string().c_str());
    return 1;
  }
  std::printf("{\"one\": %.4f, \"batch\": %.4f}\n", one, batch);
  return 0;
}
