#include "scan/models_scipy.h"

#include <algorithm>
#include <cstring>

#include "scan/models_numpy.h"

namespace cppickle::scanning {
namespace {

constexpr std::string_view kStateKeys[] = {
    "_stats_has_moments", "_random_state", "_ctor_param", "badvalue",  "name",    "a",      "b",          "xtol",
    "moment_type", "moment_tol",  "inc",   "shapes", "extradoc", "_parse_arg_template", "numargs", "__doc__",  "vecentropy",
    "_rvs_uses_size_attribute", "_rvs_size_warned", "_histogram", "_density", "_hpdf", "_hcdf", "_hbins", "_hbin_widths",
    "_qvals", "qvals", "xk", "pk", "_cdfvec"};
constexpr std::string_view kMakerKeys[] = {"momtype",  "a",      "b",        "xtol", "badvalue",   "name",   "longname",
                                           "shapes",   "extradoc", "seed",   "moment_tol", "values", "inc", "force_version"};

// rv_generic's parse_arg_template.
std::string template_of(const std::string& shapes, const std::string& in, const std::string& out) {
  return "\ndef _parse_args(self, " + shapes + " " + in + "):\n    return (" + shapes + "), " + out +
         "\n\ndef _parse_args_rvs(self, " + shapes + " " + in + ", size=None):\n    return self._argcheck_rvs(" + shapes + " " + out +
         ", size=size)\n\ndef _parse_args_stats(self, " + shapes + " " + in + ", moments='mv'):\n    return (" + shapes + "), " +
         out + ", moments\n";
}

// "a, b": Python identifiers, which is all that the template is filled with.
bool are_identifiers(std::string_view text) {
  for (bool first = true;; first = false) {
    if (!first) {
      if (!text.starts_with(", ")) return text.empty();
      text.remove_prefix(2);
    }
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    const auto end = std::ranges::find_if_not(text, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
    if (text.empty() || !is_letter(text[0])) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
  }
}

template <std::size_t kSize>
bool has_only(Judge& judge, Symbol dict, const std::string_view (&keys)[kSize]) {
  if (dict.kind() != Kind::kDict || !all_pairs_are_kept(dict)) return false;
  if (dict.contents() != nullptr) dict.contents()->set(kReliedOn);
  return for_each_kept_pair(dict, [&](Symbol key, Symbol value) {
    const auto text = judge.text(key);
    return text && std::ranges::find(keys, *text) != std::end(keys) && judge.fits(Pattern(), value);
  });
}

bool is_scipys_template(Judge& judge, Symbol state) {
  std::string shapes;
  if (const auto value = judge.under(state, "shapes"); value && value->kind() != Kind::kNone) {
    const auto text = judge.text(*value);
    if (!text) return false;
    shapes = *text;
    if (!shapes.empty() && !are_identifiers(shapes)) return false;
    if (!shapes.empty()) shapes += ", ";
  }
  const auto value = judge.under(state, "_parse_arg_template");
  const auto text = value ? judge.text(*value) : std::nullopt;
  return text && (*text == template_of(shapes, "loc=0, scale=1", "loc, scale") || *text == template_of(shapes, "loc=0", "loc, 1"));
}

// A node of the tree as it lies in memory (scipy/spatial/ckdtree/src/ckdtree_decl.h).
struct Node {
  std::int64_t split_dim;  // -1 of a leaf
  std::int64_t children;
  double split;
  std::int64_t start;
  std::int64_t end;
  std::uint64_t less_pointer;  // set anew when it is loaded
  std::uint64_t greater_pointer;
  std::int64_t less;
  std::int64_t greater;
};
static_assert(sizeof(Node) == 72);

// Inner nodes lead to later ones only, so that following them ends.
bool are_nodes(std::string_view bytes, std::int64_t points, std::int64_t dimensions) {
  if (bytes.empty() || bytes.size() % sizeof(Node) != 0) return false;
  const auto count = static_cast<std::int64_t>(bytes.size() / sizeof(Node));
  for (std::int64_t i = 0; i < count; ++i) {
    Node node;
    std::memcpy(&node, bytes.data() + static_cast<std::size_t>(i) * sizeof node, sizeof node);
    if (node.start < 0 || node.start > node.end || node.end > points) return false;
    if (node.split_dim == -1) continue;
    const bool leads_on = node.less > i && node.less < count && node.greater > i && node.greater < count;
    if (node.split_dim < 0 || node.split_dim >= dimensions || !leads_on) return false;
  }
  return true;
}

}  // namespace

bool scipy_distribution_state(Judge& judge, const Request& request) {
  const Symbol state = request.arguments[0];
  if (state.kind() == Kind::kTuple) {
    // rv_frozen of scipy 1.6 and later: the maker's keywords, and a random state.
    const auto parts = items_of(state);
    if (parts.size() != 2) return false;
    const bool is_instance = parts[1].is(bit(Kind::kObject) | bit(Kind::kNone));
    return has_only(judge, parts[0], kMakerKeys) && is_instance;
  }
  return has_only(judge, state, kStateKeys) && is_scipys_template(judge, state);
}

bool ckdtree_state(Judge& judge, const Request& request) {
  const auto parts = items_of(request.arguments[0]);
  const bool is_first = request.subject.object()->state.kind() == Kind::kNothing;
  if (!is_first || parts.size() != 10) return false;
  const auto points = judge.integer(parts[2]);
  const auto dimensions = judge.integer(parts[3]);
  const auto is_array = [&](std::size_t i) {
    return judge.class_of(parts[i]) != nullptr && judge.class_of(parts[i])->key == "numpy:ndarray";
  };
  if (!points || !dimensions || !judge.integer(parts[4]) || !is_array(1) || !is_array(5) || !is_array(6) || !is_array(7)) return false;
  const auto nodes = judge.class_of(parts[0]) != nullptr ? array_bytes(judge, parts[0]) : judge.contents(parts[0]);
  return nodes && are_nodes(*nodes, *points, *dimensions) && judge.fits(Pattern(), parts[8]) && judge.fits(Pattern(), parts[9]);
}

}  // namespace cppickle::scanning
