// A line of the tree as text: what `cppickle show` and the Python package print.
#ifndef CPPICKLE_DOCUMENT_TREE_TEXT_H_
#define CPPICKLE_DOCUMENT_TREE_TEXT_H_

#include <functional>
#include <string>
#include <string_view>

#include "document/tree.h"

namespace cppickle {

// What a piece of a line is, for whoever colours it.
enum class TreePart : std::uint8_t { kPlain, kLabel, kType, kMark, kFaint };
// The piece with what colours it around it. Every piece of a line passes through here.
using TreePaint = std::function<std::string(TreePart part, std::string_view text)>;

// Without indentation and newline.
std::string tree_line_text(const TreeLine& line, const TreePaint& paint);

// Lines of plain text, indented by their depth. ErrorCode::kLimit past options.most_lines.
Result<std::string> tree_text(const Value& root, const std::vector<bool>& fetched,
                              const TreeOptions& options);

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_TREE_TEXT_H_
