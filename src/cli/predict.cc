// cppickle predict: rows in, answers out.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "cli/answer_writer.h"
#include "cli/answers.h"
#include "cli/command.h"
#include "cli/input_rows.h"
#include "cli/model_file.h"
#include "cli/terminal.h"

namespace cppickle::cli {
namespace {

using predict::Model;

struct PredictOptions {
  ModelOptions model;
  InputOptions input;
  std::string method;
  std::string output = "-";
  std::string format;
};

std::string format_of(const PredictOptions& options) {
  if (!options.format.empty()) return options.format;
  for (const char* const format : {"json", "npy"}) {
    if (options.output.ends_with("." + std::string(format))) return format;
  }
  return "csv";
}

// As many rows as keep the numbers that lie in memory, in and out, below a few MiB.
std::size_t rows_at_once(const Model& model, const predict::Output& output) {
  constexpr std::size_t kNumbers = 1 << 20;
  const std::size_t width = std::max({model.features_in().value_or(1), output.columns(), std::size_t{1}});
  return std::clamp<std::size_t>(kNumbers / width, 16, 1 << 14);
}

// An error of the rows has its row; one of writing has `is_output` set.
Result<void> answer_all(const Model& model, predict::Method method, predict::RowReader& reader,
                        const PredictOptions& options, bool& is_output) {
  const auto wrong_output = [&](const Error& error) {
    is_output = true;
    return std::unexpected(error);
  };
  std::optional<Progress> progress;
  if (options.output != "-" || isatty(STDOUT_FILENO) == 0) progress.emplace("predicting", reader.rows());
  std::unique_ptr<AnswerWriter> writer;
  predict::Output output;
  std::size_t most = 16;
  for (std::uint64_t done = 0; done < reader.rows() || !writer;) {
    const auto rows = reader.next(most);
    if (!rows) return std::unexpected(rows.error());
    if (const auto ran = run_rows(model, method, *rows, done, output); !ran) return ran;
    if (!writer) {
      auto made = make_answer_writer({options.output, format_of(options), reader.rows()}, model, method);
      if (!made) return wrong_output(made.error());
      writer = *std::move(made);
    }
    if (const auto added = writer->add(output); !added) return wrong_output(added.error());
    if (rows->rows == 0) break;
    done += rows->rows;
    most = rows_at_once(model, output);
    if (progress) progress->update(done);
  }
  if (const auto finished = writer->finish(); !finished) return wrong_output(finished.error());
  return {};
}

int run_predict(const PredictOptions& options) {
  if (options.model.common.file == "-" && options.input.file == "-") {
    std::fputs("cppickle: the model and the rows cannot both come from standard input\n", stderr);
    return kUsage;
  }
  const auto file = open_model(options.model);
  if (!file) return report_model(file.error(), options.model);
  const auto model = file->load();
  if (!model) return report_model(model.error(), options.model);
  const auto method = method_of(*model, options.method);
  if (!method) return report_model(method.error(), options.model);
  const auto wanted = file->rows_wanted(*model);
  if (!wanted) return report_model(wanted.error(), options.model);
  const auto rows = open_rows(options.input, *wanted, file->loading.limits);
  if (!rows) return report_output(rows.error(), options.input.file);
  bool is_output = false;
  const auto done = answer_all(*model, *method, *rows->reader, options, is_output);
  if (done) return kGood;
  return report_output(done.error(), is_output ? options.output : options.input.file);
}

}  // namespace

void declare_predict(CLI::App& app, Run& run) {
  const auto options = std::make_shared<PredictOptions>();
  CLI::App* command = app.add_subcommand("predict", "run a fitted scikit-learn model natively on rows of a file");
  add_model_options(*command, options->model);
  add_input_options(*command, options->input);
  command->add_option("--method", options->method, "predict (where there is one), predict_proba, transform and so on")
      ->option_text("NAME");
  command->add_option("-o,--output", options->output, "where to write; - is standard output")->option_text("FILE");
  command->add_option("--format", options->format, "csv, json or npy; by the output's end, else csv")
      ->check(CLI::IsMember({"csv", "json", "npy"}))
      ->option_text("FORMAT");
  command->footer(
      "Nothing in MODEL is ever run. 'cppickle inspect MODEL' tells what it takes and gives (docs/predict.md).");
  command->callback([options, &run] { run = [options] { return run_predict(*options); }; });
}

}  // namespace cppickle::cli
