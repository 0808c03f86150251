// Containers for the tests of source/, most of them made by Python.
#ifndef CPPICKLE_TESTS_UNIT_SOURCE_SAMPLE_H_
#define CPPICKLE_TESTS_UNIT_SOURCE_SAMPLE_H_

#include <string>
#include <string_view>
#include <vector>

#include "cppickle/source.h"
#include "io_sample.h"

namespace cppickle::testing {

using std::string_literals::operator""s;
using std::string_view_literals::operator""sv;

inline const std::string kPickle(
    "\x80\x04\x95\x0B\0\0\0\0\0\0\0]\x94(K\x01K\x02K\x03"
    "e.",
    22);
inline const std::string kTextPickle = "(lp0\nI1\naI2\naI3\na.";

inline std::string little_endian_64(std::uint64_t value) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

inline std::vector<std::string> streams_of(const Source& source) {
  std::vector<std::string> names;
  for (const PickleStream& stream : source.streams()) names.push_back(stream.where);
  return names;
}

inline std::vector<std::string> blobs_of(const Source& source) {
  std::vector<std::string> names;
  for (const Blob& blob : source.blobs()) names.push_back(blob.where);
  return names;
}

inline bool has_problem(const Source& source, ErrorCode code, std::string_view words) {
  for (const Error& problem : source.problems()) {
    if (problem.code == code && problem.to_string().find(words) != std::string::npos) return true;
  }
  return false;
}

}  // namespace cppickle::testing

#endif  // CPPICKLE_TESTS_UNIT_SOURCE_SAMPLE_H_
