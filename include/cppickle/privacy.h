// What a shared file tells of whoever made it: training rows that a model keeps, results of a search, paths, user
// names, addresses, texts that look like secrets. Nothing is run.
//
//   auto source = cppickle::Source::open("model.pkl");
//   for (const auto& note : cppickle::privacy_notes(*source)) print(name_of(note.category), note.what, note.detail);
#ifndef CPPICKLE_PRIVACY_H_
#define CPPICKLE_PRIVACY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/limits.h"
#include "cppickle/source.h"

namespace cppickle {

// In the order in which notes are given.
enum class PrivacyCategory : std::uint8_t {
  kSecrets,       // passwords, keys, tokens, by their shape or by the key they stand under
  kTrainingRows,  // rows that a model was trained with, or something for each of them
  kEmails,
  kUserNames,      // in paths of home folders
  kPaths,          // of files and folders
  kHosts,          // names and addresses of machines
  kVocabulary,     // words and values that occurred in the training data
  kSearchResults,  // of searches for parameters, and histories of training
  kColumns,        // what the columns are called
  kIncomplete,     // not everything was looked at
};
// "secrets", "training-rows", "emails", "user-names", "paths", "hosts", "vocabulary", "search-results", "columns",
// "incomplete".
std::string_view name_of(PrivacyCategory category);

struct PrivacyNote {
  PrivacyCategory category;
  std::string_view what;    // "the support vectors: training rows"; static
  std::string detail = {};  // "ndarray float64 (400, 4) C 13 kB", "/home/..."; hostile text, cut, what is secret masked
  std::string where = {};   // which stream: as PickleStream::where
  std::uint64_t pickle = 0;  // which pickle of the stream
  std::string path = {};     // of the first one, as find() takes it: "$.steps[1]._fit_X"; masked likewise
  std::uint64_t count = 1;   // how often: equal ones, and many in one container, are counted and not repeated
};

struct PrivacyOptions {
  Limits limits = {};
  std::size_t most_notes = 1000;  // a last note says so where there are more
};

// Recognises what is in its tables and has one of the shapes it knows, and can be wrong both ways: no notes do not mean
// that a file may be shared. Takes linear time. Throws std::bad_alloc only.
[[nodiscard]] std::vector<PrivacyNote> privacy_notes(const Source& source, const PrivacyOptions& options = {});

}  // namespace cppickle

#endif  // CPPICKLE_PRIVACY_H_
