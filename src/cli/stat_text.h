// The report of `cppickle stat` for people.
#ifndef CPPICKLE_CLI_STAT_TEXT_H_
#define CPPICKLE_CLI_STAT_TEXT_H_

#include <cstdint>
#include <string>

#include "convert/stat_report.h"

namespace cppickle::cli {

// `rows` bounds how many of a kind are listed.
std::string stat_text(const FileReport& report, std::uint64_t rows, bool colours);

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_STAT_TEXT_H_
