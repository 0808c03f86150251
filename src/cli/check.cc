// cppickle check: native answers beside those of the library that the model comes from.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>

#include "cli/answer_table.h"
#include "cli/answers.h"
#include "cli/command.h"
#include "cli/input_rows.h"
#include "cli/model_file.h"
#include "cli/python_answers.h"
#include "cli/scan_files.h"
#include "cli/terminal.h"

namespace cppickle::cli {
namespace {

using predict::Method;
using predict::Model;

// Verdicts, as those of scan.
enum CheckExit : int { kSame = 0, kDiffers = 1, kUnchecked = 2, kCheckUsage = 3 };

struct CheckOptions {
  ModelOptions model;
  InputOptions input;
  std::vector<std::string> methods;
  std::string expected;
  std::string python = "python3";
  double tolerance = -1;  // below 0: as compare() chooses
  unsigned timeout = 300;
};

struct Native {
  std::optional<AnswerTable> answers;
  std::string refusal;  // where there are none
};

Native run_native(const Model& model, Method method, const predict::Input& rows) {
  predict::Output output;
  const auto done = run_rows(model, method, rows, 0, output);
  if (!done) return {{}, done.error().message};
  return {table_of(output), {}};
}

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2g", value);
  return text;
}

std::string comparison_text(const Comparison& result) {
  if (!result.problem.empty()) return result.problem;
  std::string text = std::to_string(result.equal) + " of " + std::to_string(result.count) + " equal";
  if (result.close > 0) text += ", " + std::to_string(result.close) + " within " + number_text(result.tolerance);
  if (result.equal == result.count) return text;
  const std::string place = "row " + std::to_string(result.row + 1) + ", column " + std::to_string(result.column + 1);
  const std::string what = result.got + " instead of " + result.expected;
  if (result.largest == 0) return text + "; " + place + ": " + what;
  return text + "; largest difference " + number_text(result.largest) + " (relative " +
         number_text(result.largest_relative) + ") in " + place + ": " + what;
}

class CheckReport {
 public:
  // Either side may refuse the rows: that is the same if both do.
  void add(Method method, const Native& native, const AnswerTable* expected, const std::string& refusal,
           std::optional<double> tolerance) {
    const bool native_refuses = !native.answers;
    if (native_refuses && expected == nullptr) {
      return line(method, true, "both refuse the rows: " + native.refusal + " (Python: " + refusal + ")");
    }
    if (native_refuses) return line(method, false, "the rows are refused here: " + native.refusal);
    if (expected == nullptr) return line(method, false, "Python refuses: " + (refusal.empty() ? "no answer" : refusal));
    const Comparison result = compare(*native.answers, *expected, tolerance, method == Method::kKneighbors);
    line(method, result.passes(), comparison_text(result));
  }

  int finish(std::uint64_t rows, const std::string& against) {
    std::string text = failed_ == 0 ? "" : std::to_string(failed_) + " of ";
    text += std::to_string(all_) + (all_ == 1 ? " method" : " methods");
    std::printf("%s: %s, %llu rows, against %s\n", verdict(failed_ == 0).c_str(), text.c_str(),
                static_cast<unsigned long long>(rows), against.c_str());
    std::fflush(stdout);
    return failed_ == 0 ? kSame : kDiffers;
  }

 private:
  std::string verdict(bool passes) const {
    const char* const text = passes ? "PASS" : "FAIL";
    return colours_ ? (passes ? "\033[32m" : "\033[1;31m") + std::string(text) + "\033[0m" : text;
  }

  void line(Method method, bool passes, const std::string& text) {
    ++all_;
    failed_ += !passes;
    std::printf("%s  %-17s  %s\n", verdict(passes).c_str(), std::string(name_of(method)).c_str(), text.c_str());
  }

  bool colours_ = has_colours(stdout);
  std::size_t all_ = 0;
  std::size_t failed_ = 0;
};

// Answers change between versions: only the one that wrote the file says what is right.
void warn_of_version(const Model& model, const CheckOptions& options, const PythonAnswers& python) {
  const std::string_view package = std::string_view(model.class_name()).substr(0, model.class_name().find('.'));
  const auto found = python.versions.find(std::string(package));
  if (found == python.versions.end() || model.library_version().empty()) return;
  if (found->second == model.library_version()) return;
  std::fprintf(stderr,
               "cppickle: warning: %s was written by %s %s, and %s has %s: answers may differ for that reason\n",
               printable(options.model.common.file).c_str(),
               package == "sklearn" ? "scikit-learn" : std::string(package).c_str(),
               printable(model.library_version()).c_str(), options.python.c_str(), found->second.c_str());
}

Result<std::vector<Method>> methods_to_check(const Model& model, const CheckOptions& options) {
  if (options.methods.empty() && options.expected.empty()) return model.methods();
  std::vector<Method> methods;
  for (const std::string& name : options.methods) {
    const auto method = method_of(model, name);
    if (!method) return std::unexpected(method.error());
    methods.push_back(*method);
  }
  if (!methods.empty()) return methods;
  const auto method = method_of(model, "");
  if (!method) return std::unexpected(method.error());
  return std::vector<Method>{*method};
}

int unchecked(const Error& error, const std::string& file) {
  const int code = report_output(error, file);
  return code == kUsage ? kCheckUsage : kUnchecked;
}

int check_expected(const Model& model, const std::vector<Method>& methods, const predict::Input& rows,
                   const CheckOptions& options, std::optional<double> tolerance) {
  const auto expected = read_answers(options.expected);
  if (!expected) return unchecked(expected.error(), options.expected);
  CheckReport report;
  report.add(methods[0], run_native(model, methods[0], rows), &*expected, "", tolerance);
  return report.finish(rows.rows, printable(options.expected));
}

int check_python(const Model& model, const ModelFile& file, const std::vector<Method>& methods,
                 const predict::Input& rows, const CheckOptions& options, std::optional<double> tolerance) {
  const PythonQuestion question{.file = file,
                                .methods = methods,
                                .interpreter = options.python,
                                .timeout = std::chrono::seconds(options.timeout)};
  const auto python = python_answers(question, rows);
  if (!python) return unchecked(python.error(), options.python);
  warn_of_version(model, options, *python);
  CheckReport report;
  for (const Method method : methods) {
    const auto answers = python->answers.find(method);
    const auto refusal = python->refusals.find(method);
    report.add(method, run_native(model, method, rows), answers == python->answers.end() ? nullptr : &answers->second,
               refusal == python->refusals.end() ? "" : refusal->second, tolerance);
  }
  const auto version = python->versions.find("sklearn");
  return report.finish(rows.rows,
                       version == python->versions.end() ? options.python : "scikit-learn " + version->second);
}

int run_check(const CheckOptions& options) {
  const auto usage = [](const char* message) {
    std::fprintf(stderr, "cppickle: %s\n", message);
    return static_cast<int>(kCheckUsage);
  };
  if (options.model.common.file == "-" && options.input.file == "-") {
    return usage("the model and the rows cannot both come from standard input");
  }
  if (!options.expected.empty() && options.methods.size() > 1)
    return usage("--expected holds the answers of one method");
  const auto file = open_model(options.model);
  if (!file) return unchecked(file.error(), options.model.common.file);
  const auto model = file->load();
  if (!model) return unchecked(model.error(), options.model.common.file);
  const auto methods = methods_to_check(*model, options);
  if (!methods) return unchecked(methods.error(), options.model.common.file);
  const auto wanted = file->rows_wanted(*model);
  if (!wanted) return unchecked(wanted.error(), options.model.common.file);
  const auto reader = open_rows(options.input, *wanted, file->loading.limits);
  if (!reader) return unchecked(reader.error(), options.input.file);
  const auto rows = reader->reader->next(std::numeric_limits<std::size_t>::max());
  if (!rows) return unchecked(rows.error(), options.input.file);
  const auto tolerance = options.tolerance < 0 ? std::nullopt : std::optional<double>(options.tolerance);
  if (!options.expected.empty()) return check_expected(*model, *methods, *rows, options, tolerance);
  return check_python(*model, *file, *methods, *rows, options, tolerance);
}

}  // namespace

void declare_check(CLI::App& app, Run& run) {
  const auto options = std::make_shared<CheckOptions>();
  CLI::App* command =
      app.add_subcommand("check", "compare native answers with those of the real library, or with given ones");
  add_model_options(*command, options->model);
  add_input_options(*command, options->input);
  command->add_option("--method", options->methods, "one to check; without it, all that the model has")
      ->allow_extra_args(false)
      ->option_text("NAME");
  CLI::Option* expected =
      command->add_option("--expected", options->expected, "answers to compare with, a .npy file: no Python is run");
  expected->option_text("FILE");
  command->add_option("--python", options->python, "the interpreter that has the library (python3)")
      ->excludes(expected)
      ->option_text("PROGRAM");
  command
      ->add_option("--tolerance", options->tolerance,
                   "relative to the largest answer (1e-12; 1e-6 where there is float32)")
      ->check(CLI::NonNegativeNumber)
      ->option_text("R");
  command->add_option("--timeout", options->timeout, "seconds that the interpreter may take (300)")->option_text("N");
  command->footer(
      "Without --expected this LOADS THE PICKLE in that interpreter, and so runs whatever is in it: only for files\n"
      "that you trust ('cppickle scan' tells what loading would do). Exit codes: 0 the same, 1 answers differ,\n"
      "2 could not be checked, 3 wrong usage.");
  command->callback([options, &run] { run = [options] { return run_check(*options); }; });
}

}  // namespace cppickle::cli
