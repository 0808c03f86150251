// What there is to tell of a file: counts, names, sizes, before it is text or JSON.
#ifndef CPPICKLE_CONVERT_STAT_REPORT_H_
#define CPPICKLE_CONVERT_STAT_REPORT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cppickle/document.h"
#include "cppickle/source.h"
#include "document/content_counts.h"
#include "pickle/statistics.h"

namespace cppickle {

using Counts = std::vector<std::pair<std::string, std::uint64_t>>;

struct PickleReport {
  PickleInfo info;
  std::string root;  // its type_name()
};

struct StreamReport {
  std::string where;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::optional<int> protocol;        // the highest of its pickles
  std::vector<PickleReport> pickles;
  Counts opcodes;                     // of all pickles together, nested ones too; most frequent first
  Counts payload;                     // bytes by what they are spent on
  ContentCounts contents;
  std::vector<LargeValue> largest;
  std::vector<Note> notes;
  std::optional<Error> error;         // then there are no pickles, and of the rest what could be told

  Counts values() const;              // how many of each kind, and references
  Counts extensions() const;
};

struct FileReport {
  std::string file;
  std::uint64_t size = 0;
  std::string container;
  std::string what;                   // of a file without pickles
  std::vector<StreamReport> streams;
  std::vector<Error> problems;
  std::map<std::string, std::uint64_t> globals;  // of all streams

  // Of the first stream that says it.
  std::optional<int> protocol() const;
  std::optional<std::string> root() const;
};

// Of the streams `first` to `last`, the last not included. A stream that cannot be read has its error in its report.
FileReport file_report(const Source& source, std::string file, std::size_t first, std::size_t last,
                       const ReadOptions& options);

// Most frequent first.
Counts by_count(const std::map<std::string, std::uint64_t>& counts);

// One JSON object: docs/command.md lists its fields.
std::string stat_json(const FileReport& report);

}  // namespace cppickle

#endif  // CPPICKLE_CONVERT_STAT_REPORT_H_
