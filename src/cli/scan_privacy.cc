// What `cppickle scan --privacy` tells people.
#include <array>
#include <cstddef>

#include "cli/scan_files.h"

namespace cppickle::cli {
namespace {

constexpr std::size_t kMostOfOne = 10;  // notes of one category
constexpr std::size_t kCategoryWidth = 15;

void add_note(std::string& out, const PrivacyNote& note) {
  const std::string_view category = name_of(note.category);
  out.append("    ").append(category).append(kCategoryWidth - category.size(), ' ').append(note.what);
  if (!note.detail.empty()) out += ": " + printable(note.detail);
  std::string place = note.where.empty() ? "" : printable(note.where);
  if (note.pickle != 0) place += (place.empty() ? "pickle " : ", pickle ") + std::to_string(note.pickle + 1);
  if (!note.path.empty()) place += (place.empty() ? "" : ", ") + note.path;
  if (note.count > 1) place += (place.empty() ? "" : ", ") + std::to_string(note.count) + " times";
  out += place.empty() ? "\n" : "  [" + place + "]\n";
}

}  // namespace

std::string privacy_text(std::span<const PrivacyNote> notes) {
  if (notes.empty()) return "  carries along: nothing that is recognised\n";
  std::string out = "  carries along:\n";
  std::array<std::size_t, static_cast<std::size_t>(PrivacyCategory::kIncomplete) + 1> counts{};
  for (std::size_t i = 0; i < notes.size(); ++i) {
    std::size_t& count = counts[static_cast<std::size_t>(notes[i].category)];
    if (++count <= kMostOfOne) add_note(out, notes[i]);
    const bool is_last = i + 1 == notes.size() || notes[i + 1].category != notes[i].category;
    if (is_last && count > kMostOfOne) {
      const std::string_view category = name_of(notes[i].category);
      out.append("    ").append(category).append(kCategoryWidth - category.size(), ' ');
      out += "... and " + std::to_string(count - kMostOfOne) + " more\n";
    }
  }
  return out;
}

}  // namespace cppickle::cli
