#include "source/opening.h"

namespace cppickle {

std::optional<std::string> open_torch_tar(const Part&, Opening&) { return std::nullopt; }

}  // namespace cppickle
