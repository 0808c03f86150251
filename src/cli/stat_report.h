// What `cppickle stat` tells of a file, before it is text or JSON.
#ifndef CPPICKLE_CLI_STAT_REPORT_H_
#define CPPICKLE_CLI_STAT_REPORT_H_

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

namespace cppickle::cli {

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

// A stream that cannot be read has its error in its report.
StreamReport stream_report(const Source& source, std::size_t stream, const ReadOptions& options);

// Most frequent first.
Counts by_count(const std::map<std::string, std::uint64_t>& counts);

// For people; `rows` bounds how many of a kind are listed.
std::string stat_text(const FileReport& report, std::uint64_t rows, bool colours);
std::string stat_json(const FileReport& report);

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_STAT_REPORT_H_
