#include "cli/input_rows.h"

#include <CLI/CLI.hpp>

#include "base/quote.h"
#include "cli/replayed_file.h"
#include "io/file.h"
#include "predict/json_rows.h"
#include "predict/npy_rows.h"

namespace cppickle::cli {
namespace {

using predict::RowsWanted;
using predict::Takes;

// The file's first bytes, which are then read again.
Result<std::string> first_bytes(ReplayedFile& file) {
  std::string bytes(4096, '\0');
  std::size_t held = 0;
  while (held < bytes.size()) {
    const auto count = file.read(bytes.data() + held, bytes.size() - held);
    if (!count) return std::unexpected(count.error());
    if (*count == 0) break;
    held += *count;
  }
  bytes.resize(held);
  if (const auto rewound = file.rewind(); !rewound) return std::unexpected(rewound.error());
  return bytes;
}

Result<std::string> all_bytes(ReplayedFile& file, const Limits& limits) {
  std::string bytes;
  while (true) {
    const std::size_t held = bytes.size();
    if (held > limits.bytes) return std::unexpected(Error{ErrorCode::kLimit, "more input than limit 'bytes' allows"});
    bytes.resize(held + std::max<std::size_t>(held, 1 << 16));
    const auto count = file.read(bytes.data() + held, bytes.size() - held);
    if (!count) return std::unexpected(count.error());
    bytes.resize(held + *count);
    if (*count == 0) return bytes;
  }
}

std::string format_of(std::string_view path, std::string_view begin, Takes takes) {
  if (begin.starts_with("\x93NUMPY")) return "npy";
  for (const char* const format : {"csv", "json", "npy"}) {
    if (path.ends_with("." + std::string(format))) return format;
  }
  if (path.ends_with(".tsv")) return "csv";
  const bool takes_texts = takes == Takes::kTexts || takes == Takes::kLabels;
  if (path.ends_with(".txt")) return takes_texts ? "lines" : "csv";
  const std::size_t first = begin.find_first_not_of(" \t\r\n");
  const bool is_json = first != begin.npos && (begin[first] == '[' || begin[first] == '{');
  return is_json ? "json" : takes_texts ? "lines" : "csv";
}

Result<char> delimiter_of(const InputOptions& options) {
  if (options.delimiter.empty()) return options.file.ends_with(".tsv") ? '\t' : ',';
  if (options.delimiter == "tab" || options.delimiter == "\\t") return '\t';
  const bool is_fit = options.delimiter.size() == 1 && options.delimiter != "\"" && options.delimiter != "\n";
  if (is_fit) return options.delimiter[0];
  return std::unexpected(Error{ErrorCode::kBadArgument, "--delimiter: one character is needed, or tab"});
}

}  // namespace

void add_input_options(CLI::App& command, InputOptions& options) {
  command.add_option("input", options.file, "rows as CSV, JSON or .npy; texts one on each line; - is standard input")
      ->required()
      ->option_text("INPUT");
  command.add_option("--input-format", options.format, "csv, json, npy or lines; by the name's end, else by content")
      ->check(CLI::IsMember({"csv", "json", "npy", "lines"}))
      ->option_text("FORMAT");
  CLI::Option* header =
      command.add_flag("--header", options.has_header, "the first line of a CSV file names the columns");
  command.add_flag("--no-header", options.has_no_header, "it does not; without either, it is found out")
      ->excludes(header);
  command.add_option("--delimiter", options.delimiter, "between CSV fields: a comma, in .tsv files a tab")
      ->option_text("CHAR");
  command
      .add_option("--missing", options.missing, "a text of CSV that means a missing value, such as NA, besides none")
      ->allow_extra_args(false)
      ->option_text("TEXT");
  command.add_option("--text", options.text_columns, "a column of CSV that is text though it looks like numbers")
      ->allow_extra_args(false)
      ->option_text("COLUMN");
  command.add_flag("--reorder", options.reorder, "columns may come in any order; those that are too many are left out");
}

Result<InputRows> open_rows(const InputOptions& options, RowsWanted wanted, const Limits& limits) {
  wanted.reorder = options.reorder;
  auto file = ReplayedFile::open(options.file);
  if (!file) return std::unexpected(file.error());
  const auto begin = first_bytes(**file);
  if (!begin) return std::unexpected(begin.error());
  const std::string format = options.format.empty() ? format_of(options.file, *begin, wanted.takes) : options.format;
  Result<std::unique_ptr<predict::RowReader>> reader;
  if (format == "csv" || format == "lines") {
    const auto delimiter = delimiter_of(options);
    if (!delimiter) return std::unexpected(delimiter.error());
    using Header = predict::CsvOptions::Header;
    Progress progress("reading", (*file)->size());
    predict::CsvOptions csv;
    csv.form = {.delimiter = *delimiter, .is_plain = format == "lines"};
    csv.header = options.has_header ? Header::kYes : options.has_no_header ? Header::kNo : Header::kDetect;
    csv.missing = options.missing;
    csv.text_columns = options.text_columns;
    const bool knows_size = (*file)->size() > 0;
    csv.progress = [&](std::uint64_t bytes) {
      if (knows_size) progress.update(bytes);
    };
    reader = predict::csv_rows(**file, wanted, csv);
  } else if (format == "json") {
    const auto text = all_bytes(**file, limits);
    if (!text) return std::unexpected(text.error());
    reader = predict::json_rows(*text, wanted);
  } else if ((*file)->size() > 0 && options.file != "-") {
    const auto bytes = read_file(options.file, limits);
    if (!bytes) return std::unexpected(bytes.error());
    reader = predict::npy_rows(*bytes, wanted);
  } else {
    const auto bytes = all_bytes(**file, limits);
    if (!bytes) return std::unexpected(bytes.error());
    reader = predict::npy_rows(Bytes::copy_of(*bytes), wanted);
  }
  if (!reader) return std::unexpected(reader.error());
  return InputRows{*std::move(file), *std::move(reader)};
}

}  // namespace cppickle::cli
