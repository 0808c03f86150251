// A document as a tree of lines for people: what `cppickle show` prints.
#ifndef CPPICKLE_DOCUMENT_TREE_H_
#define CPPICKLE_DOCUMENT_TREE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cppickle/document.h"
#include "cppickle/error.h"

namespace cppickle {

// One line of the tree.
struct TreeLine {
  std::uint32_t depth = 0;
  std::string label;         // how it hangs from the line above: "[3]", "'name'", ".attribute", "(0)"; empty for the root
  std::string type;          // "dict", "numpy.ndarray", "sklearn.svm.SVC"
  std::string text;          // what is shown of the value
  std::uint64_t size = 0;    // of a container
  bool is_container = false;
  std::uint32_t number = 0;  // of a value that is referred to elsewhere, else 0
  std::uint32_t refers_to = 0;  // this place is a reference to the value of that number
  bool is_cycle = false;        // ... which this place lies in
  std::uint64_t left_out = 0;   // no value: so many more follow
};

struct TreeOptions {
  std::uint32_t depth = 6;       // levels below the root
  std::uint64_t items = 20;      // of one container
  std::size_t width = 100;       // of a value's text
  std::uint64_t most_lines = 100'000'000;  // Limits::output_nodes
};

// For each memo entry of a document, whether it is fetched: which values are shared. Takes time of the document's size.
std::vector<bool> fetched_entries(const Document& document);

// Calls `line` for each line in order, until it returns false. Takes time of what is shown. ErrorCode::kLimit past
// `most_lines`.
Result<void> walk_tree(const Value& root, const std::vector<bool>& fetched, const TreeOptions& options,
                       const std::function<bool(const TreeLine&)>& line);

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_TREE_H_
