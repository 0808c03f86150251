// Argument models that patterns cannot express: sizes that must agree, types that must not change under an array.
#ifndef CPPICKLE_SCAN_MODELS_H_
#define CPPICKLE_SCAN_MODELS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "scan/judge.h"

namespace cppickle::scanning {

// A call: `subject` is the callee's name and `arguments` its arguments. A BUILD: the object, and one state.
struct Request {
  Symbol subject;
  std::span<const Symbol> arguments;
};

bool has_model(std::string_view name);

// True if the model finds that the genuine library does no more than make or fill its own object.
bool model_accepts(std::string_view name, Judge& judge, const Request& request);

// What follows the BUILD of joblib's NumpyArrayWrapper, once its state was accepted.
struct WrappedArray {
  bool has_objects;     // a whole pickle follows
  std::uint64_t bytes;  // else so many
  bool is_padded;       // after a byte n and n bytes of padding (joblib 1.1 and later)
};
std::optional<WrappedArray> wrapped_array(Judge& judge, Symbol state);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_MODELS_H_
