#include "predict/row_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/quote.h"

namespace cppickle::predict {
namespace {

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 10;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) text += (i == 0 ? "" : ", ") + quote(names[i]);
  return names.size() > kMost ? text + fmt::format(" and {} more", names.size() - kMost) : text;
}

}  // namespace

std::unexpected<Error> bad_rows(std::string message) {
  return std::unexpected(Error{ErrorCode::kTypeMismatch, std::move(message)});
}

Result<std::vector<std::size_t>> match_columns(std::span<const std::string> given, const RowsWanted& wanted) {
  std::unordered_map<std::string_view, std::size_t> place;
  std::vector<std::string> twice;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (!place.emplace(given[i], i).second) twice.push_back(given[i]);
  }
  std::vector<std::size_t> order;
  if (wanted.names.empty()) {
    for (std::size_t i = 0; i < given.size(); ++i) order.push_back(i);
    return order;
  }
  std::vector<std::string> missing;
  std::vector<bool> used(given.size(), false);
  for (const std::string& name : wanted.names) {
    const auto found = place.find(name);
    if (found == place.end()) {
      missing.push_back(name);
      continue;
    }
    order.push_back(found->second);
    used[found->second] = true;
  }
  if (!missing.empty()) return bad_rows("columns are missing: " + listed(missing));
  std::erase_if(twice,
                [&](const std::string& name) { return std::ranges::find(wanted.names, name) == wanted.names.end(); });
  if (!twice.empty()) return bad_rows("columns stand there twice: " + listed(twice));
  if (wanted.reorder) return order;
  std::vector<std::string> extra;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (!used[i]) extra.push_back(given[i]);
  }
  if (!extra.empty())
    return bad_rows("columns that the model does not know: " + listed(extra) + "; --reorder leaves them out");
  if (!std::ranges::is_sorted(order)) {
    return bad_rows("columns are in another order than at fit; --reorder puts them right: " + listed(wanted.names));
  }
  return order;
}

}  // namespace cppickle::predict
