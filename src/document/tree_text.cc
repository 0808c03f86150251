#include "document/tree_text.h"

namespace cppickle {

std::string tree_line_text(const TreeLine& line, const TreePaint& paint) {
  if (line.left_out != 0) return paint(TreePart::kFaint, "... " + std::to_string(line.left_out) + " more");
  std::string text;
  if (!line.label.empty()) text += paint(TreePart::kLabel, line.label) + paint(TreePart::kPlain, ": ");
  if (line.refers_to != 0) {
    text += paint(TreePart::kMark, "-> #" + std::to_string(line.refers_to)) +
            paint(TreePart::kPlain, " " + line.type);
    if (line.is_cycle) text += paint(TreePart::kMark, " (a cycle)");
  } else if (line.is_container) {
    text +=
        paint(TreePart::kType, line.type) + paint(TreePart::kFaint, " (" + std::to_string(line.size) + ")");
  } else {
    text += paint(TreePart::kPlain, line.text);
  }
  if (line.number != 0) text += paint(TreePart::kMark, " #" + std::to_string(line.number));
  return text;
}

Result<std::string> tree_text(const Value& root, const std::vector<bool>& fetched,
                              const TreeOptions& options) {
  std::string text;
  const TreePaint plain = [](TreePart, std::string_view piece) { return std::string(piece); };
  const auto done = walk_tree(root, fetched, options, [&](const TreeLine& line) {
    (text.append(std::size_t{line.depth} * 2, ' ') += tree_line_text(line, plain)) += '\n';
    return true;
  });
  if (!done) return std::unexpected(done.error());
  return text;
}

}  // namespace cppickle
