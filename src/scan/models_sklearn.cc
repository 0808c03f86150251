#include "scan/models_sklearn.h"

#include "scan/models_numpy.h"

namespace cppickle::scanning {

bool sklearn_tree(Judge& judge, const Request& request) {
  const auto& args = request.arguments;
  if (args.size() != 3) return false;
  const auto features = judge.integer(args[0]);
  const auto classes = array_length(judge, args[1]);
  const auto outputs = judge.integer(args[2]);
  return features && *features >= 0 && classes && outputs && *outputs >= 0 &&
         static_cast<std::uint64_t>(*outputs) <= *classes;
}

bool sklearn_tree_state(Judge& judge, const Request& request) {
  const Symbol state = request.arguments[0];
  const auto depth = judge.under(state, "max_depth");
  const auto count = judge.under(state, "node_count");
  const auto nodes = judge.under(state, "nodes");
  const auto values = judge.under(state, "values");
  if (!depth || !count || !nodes || !values || state.contents()->count() != 4) return false;
  const auto used = judge.integer(*count);
  const auto made = array_length(judge, *nodes);
  const auto valued = array_length(judge, *values);
  if (!judge.integer(*depth) || !used || *used < 0 || !made || !valued) return false;
  return static_cast<std::uint64_t>(*used) <= *made && *made == *valued;
}

}  // namespace cppickle::scanning
