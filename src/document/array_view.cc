#include "cppickle/array_view.h"

#include <bit>
#include <utility>

#include "cppickle/bytes_view.h"
#include "document/class_names.h"

namespace cppickle {
namespace {

constexpr std::size_t kMostDimensions = 64;  // numpy's NPY_MAXDIMS
constexpr unsigned kMostWrappers = 16;       // joblib's arrays in pickles in arrays

std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, "array: " + std::move(message)});
}

// At most 10 members: no tuple that is read here has more.
std::vector<Value> members(const Value& tuple) {
  std::vector<Value> all;
  const Values items = tuple.items();
  for (const Value item : items) {
    all.push_back(item);
    if (all.size() == 10) break;
  }
  return all;
}

std::string text_of(const Value& value) {
  const auto bytes = bytes_of(value, 64);
  return std::string((bytes ? bytes->bytes : value.text()).substr(0, 64));
}

// The number of mask bytes for one element of this type: one for each number in it.
Result<std::uint64_t> mask_size_of(const DType& type) {
  std::uint64_t size = 0;
  if (type.is_struct) {
    for (const DType::Field& field : type.fields) {
      const auto part = mask_size_of(*field.type);
      if (!part) return part;
      if (__builtin_add_overflow(size, *part, &size)) return fail(ErrorCode::kCorrupt, "a mask of more than 2^64 bytes");
    }
    return size;
  }
  size = 1;
  if (type.base) {
    const auto part = mask_size_of(*type.base);
    if (!part) return part;
    size = *part;
    for (const std::uint64_t length : type.base_shape) {
      if (__builtin_mul_overflow(size, length, &size)) return fail(ErrorCode::kCorrupt, "a mask of more than 2^64 bytes");
    }
  }
  return size;
}

class Reader {
 public:
  explicit Reader(const ArrayOptions& options) : options_(options) {}

  Result<ArrayView> read(const Value& value);

 private:
  using Done = Result<void>;

  Done read_reconstructed(const Value& value, const std::vector<Value>& args, bool masked);
  Done read_from_buffer(const std::vector<Value>& args);
  Done read_scalar(const std::vector<Value>& args);
  Done read_joblib(const Value& wrapper);

  Done set_dtype(const Value& value);
  Done set_shape(const Value& shape);
  Done set_order(char order);
  Done set_axis_order(const Value& axes);
  Done set_data(const Value& data);
  Done set_mask(const Value& mask);
  Done check_data(bool is_cut);
  Done check_objects();

  ArrayOptions options_;
  ArrayView view_;
  std::vector<std::uint64_t> axis_order_;
};

Result<ArrayView> Reader::read(const Value& given) {
  Value value = given;
  for (unsigned wrappers = 0; wrappers < kMostWrappers; ++wrappers) {
    const std::unexpected<Error> mismatch(Error{ErrorCode::kTypeMismatch, "not a numpy array"});
    const auto callable = value.callable();
    const auto arguments = value.args();
    auto name = callable ? canonical_name(*callable) : std::nullopt;
    if (!name || !arguments) return mismatch;
    const std::vector<Value> args = members(*arguments);
    // Protocols 0 and 1 name the class of an object as an argument.
    const bool is_new = is_named(*name, "copyreg", "_reconstructor") || is_named(*name, "copyreg", "__newobj__");
    if (is_new && !args.empty()) name = canonical_name(args[0]);
    if (!name) return mismatch;
    Done done;
    if (is_named(*name, "numpy._core.multiarray", "_reconstruct")) {
      done = read_reconstructed(value, args, false);
    } else if (is_named(*name, "numpy.ma.core", "_mareconstruct") || is_named(*name, "numpy.ma.mrecords", "_mrreconstruct")) {
      done = read_reconstructed(value, args, true);
    } else if (is_named(*name, "numpy._core.numeric", "_frombuffer")) {
      done = read_from_buffer(args);
    } else if (is_named(*name, "numpy._core.multiarray", "scalar")) {
      view_.subclass = *callable->global();
      done = read_scalar(args);
    } else if (is_named(*name, "joblib.numpy_pickle", "NumpyArrayWrapper")) {
      if (const auto nested = value.nested()) {
        value = *nested;
        continue;
      }
      done = read_joblib(value);
    } else {
      return mismatch;
    }
    if (!done) return std::unexpected(done.error());
    return std::move(view_);
  }
  return fail(ErrorCode::kUnsupported, "more than 16 pickled arrays in one another");
}

// _reconstruct(class, (0,), b'b'), then BUILD (version, shape, dtype, is_fortran, data[, mask, fill_value]).
Result<void> Reader::read_reconstructed(const Value& value, const std::vector<Value>& args, bool masked) {
  if (masked) view_.form = ArrayView::Form::kMasked;
  const auto subclass = args.empty() ? std::nullopt : args[0].global();
  if (!subclass) return fail(ErrorCode::kCorrupt, "its class is not a name");
  view_.subclass = *subclass;
  const auto state = value.state();
  if (!state) {  // what _reconstruct makes: an empty array of bytes
    const std::size_t shape = masked ? 2 : 1;
    if (args.size() != shape + 2) return fail(ErrorCode::kCorrupt, "it has no state");
    const auto type = dtype_of_code(text_of(args[shape + 1]));
    if (!type) return fail(ErrorCode::kCorrupt, "it has no dtype");
    view_.dtype = *type;
    if (auto done = set_shape(args[shape]); !done) return done;
    if (auto done = set_order('C'); !done) return done;
    return check_data(false);
  }
  std::vector<Value> parts = members(*state);
  // Subclasses with a state of their own, such as pandas' old indexes, write (ndarray's state, their own).
  if (parts.size() < (masked ? 7u : 4u) && !parts.empty() && parts[0].kind() == Kind::kTuple) parts = members(parts[0]);
  const std::size_t expected = masked ? 7 : parts.size() == 4 ? 4 : 5;  // numpy 1.0 had no version
  if (state->kind() != Kind::kTuple || parts.size() < expected) {
    return fail(ErrorCode::kUnsupported, "a state of " + std::to_string(parts.size()) + " parts");
  }
  const std::size_t first = expected == 4 ? 0 : 1;
  const Value& is_fortran = parts[first + 2];
  const bool fortran = is_fortran.kind() == Kind::kBool ? is_fortran.as_bool() : is_fortran.as_int().value_or(0) != 0;
  if (auto done = set_shape(parts[first]); !done) return done;
  if (auto done = set_dtype(parts[first + 1]); !done) return done;
  if (auto done = set_order(fortran ? 'F' : 'C'); !done) return done;
  if (auto done = set_data(parts[first + 3]); !done) return done;
  if (!masked) return {};
  view_.fill_value = parts[6];
  return set_mask(parts[5]);
}

// _frombuffer(buffer, dtype, shape, 'C' or 'F'), or since numpy 2.3 also (..., 'K', axis_order).
Result<void> Reader::read_from_buffer(const std::vector<Value>& args) {
  if (args.size() != 4 && args.size() != 5) return fail(ErrorCode::kCorrupt, "_frombuffer takes 4 or 5 arguments");
  view_.subclass = {"numpy", "ndarray"};
  const std::string order = text_of(args[3]);
  if (order != "C" && order != "F" && order != "K") return fail(ErrorCode::kCorrupt, "its order is neither C, F nor K");
  if (auto done = set_shape(args[2]); !done) return done;
  if (auto done = set_dtype(args[1]); !done) return done;
  if (auto done = set_order(order == "F" ? 'F' : 'C'); !done) return done;
  if (auto done = set_data(args[0]); !done) return done;
  if (order != "K") return {};
  if (args.size() != 5) return fail(ErrorCode::kCorrupt, "order K without an order of axes");
  return args[4].kind() == Kind::kNone ? Done{} : set_axis_order(args[4]);
}

// scalar(dtype, bytes), scalar(dtype, object), or scalar(dtype) for zero.
Result<void> Reader::read_scalar(const std::vector<Value>& args) {
  view_.form = ArrayView::Form::kScalar;
  if (args.empty()) return fail(ErrorCode::kCorrupt, "a scalar without dtype");
  if (auto done = set_dtype(args[0]); !done) return done;
  if (args.size() > 1) {
    if (!view_.dtype.has_objects) return set_data(args[1]);
    view_.objects = args[1];
    return {};
  }
  if (view_.dtype.has_objects || view_.dtype.size > 4096) return fail(ErrorCode::kCorrupt, "a scalar without data");
  const auto zeros = std::make_shared<const std::string>(view_.dtype.size, '\0');
  view_.owner = zeros;
  view_.data = *zeros;
  return {};
}

Result<void> Reader::read_joblib(const Value& wrapper) {
  const auto state = wrapper.state();
  if (!state || state->kind() != Kind::kDict) return fail(ErrorCode::kCorrupt, "a NumpyArrayWrapper without state");
  std::optional<Value> shape;
  std::optional<Value> dtype;
  std::optional<Value> order;
  std::optional<Value> subclass;
  std::size_t keys = 0;
  const Pairs pairs = state->pairs();
  for (const auto [key, value] : pairs) {
    const std::string_view name = key.text();
    if (name == "shape") shape = value;
    if (name == "dtype") dtype = value;
    if (name == "order") order = value;
    if (name == "subclass") subclass = value;
    if (++keys > 64) return fail(ErrorCode::kCorrupt, "a NumpyArrayWrapper with more than 64 attributes");
  }
  if (!shape || !dtype || !order || !subclass || !subclass->global()) {
    return fail(ErrorCode::kCorrupt, "a NumpyArrayWrapper that lacks shape, dtype, order or subclass");
  }
  view_.subclass = *subclass->global();
  if (auto done = set_shape(*shape); !done) return done;
  if (auto done = set_dtype(*dtype); !done) return done;
  if (auto done = set_order(text_of(*order) == "F" ? 'F' : 'C'); !done) return done;
  if (view_.dtype.has_objects) return fail(ErrorCode::kCorrupt, "no pickle follows a NumpyArrayWrapper of objects");
  view_.data = wrapper.raw_bytes();
  return check_data(false);
}

Result<void> Reader::set_dtype(const Value& value) {
  auto type = read_dtype(value, options_.dtype);
  if (!type) {
    if (type.error().code != ErrorCode::kTypeMismatch) return std::unexpected(type.error());
    return fail(ErrorCode::kCorrupt, "its dtype is none");
  }
  view_.dtype = *std::move(type);
  return {};
}

Result<void> Reader::set_shape(const Value& shape) {
  if (shape.kind() != Kind::kTuple) return fail(ErrorCode::kCorrupt, "its shape is no tuple");
  bool is_empty = false;
  const Values lengths = shape.items();
  for (const Value length : lengths) {
    const auto n = length.as_int();
    if (!n || *n < 0 || view_.shape.size() == kMostDimensions) {
      return fail(ErrorCode::kCorrupt, "a shape that no array can have");
    }
    view_.shape.push_back(static_cast<std::uint64_t>(*n));
    is_empty |= *n == 0;
  }
  view_.count = is_empty ? 0 : 1;
  for (const std::uint64_t length : view_.shape) {
    if (__builtin_mul_overflow(view_.count, length, &view_.count)) {
      return fail(ErrorCode::kCorrupt, "a shape of more than 2^64 elements");
    }
  }
  return {};
}

Result<void> Reader::set_order(char order) {
  view_.order = order;
  view_.strides.assign(view_.shape.size(), 0);
  if (view_.dtype.has_objects) order = 'C';
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(view_.count, view_.dtype.size, &bytes) || bytes > ~std::uint64_t{0} / 2) {
    return fail(ErrorCode::kCorrupt, "an array of more than 2^63 bytes");
  }
  // With a length of 0 other lengths are bounded by nothing; its strides say nothing and stay 0.
  if (view_.count == 0) return {};
  std::uint64_t stride = view_.dtype.size;
  for (std::size_t i = 0; i < view_.shape.size(); ++i) {
    const std::size_t axis = order == 'F' ? i : view_.shape.size() - 1 - i;
    view_.strides[axis] = static_cast<std::int64_t>(stride);
    stride *= view_.shape[axis];
  }
  return {};
}

// ndarray.transpose: axis i of the result is axis axes[i] of the array as read.
Result<void> Reader::set_axis_order(const Value& axes) {
  std::vector<std::uint64_t> shape;
  std::vector<std::int64_t> strides;
  std::uint64_t seen = 0;
  const std::size_t dimensions = view_.shape.size();
  const Values items = axes.items();
  for (const Value item : items) {
    const auto axis = item.as_int();
    if (!axis || *axis < 0 || static_cast<std::uint64_t>(*axis) >= dimensions || (seen >> *axis & 1) != 0) {
      return fail(ErrorCode::kCorrupt, "an order of axes that is none");
    }
    seen |= std::uint64_t{1} << *axis;
    shape.push_back(view_.shape[static_cast<std::size_t>(*axis)]);
    strides.push_back(view_.strides[static_cast<std::size_t>(*axis)]);
  }
  if (shape.size() != dimensions) return fail(ErrorCode::kCorrupt, "an order of axes that lacks some");
  view_.shape = std::move(shape);
  view_.strides = std::move(strides);
  view_.order = 'K';
  return {};
}

Result<void> Reader::set_data(const Value& data) {
  if (view_.dtype.has_objects) {
    view_.objects = data;
    return check_objects();
  }
  if (data.kind() == Kind::kBuffer) {
    view_.buffer = data;
    return {};
  }
  auto bytes = bytes_of(data, options_.most_decoded);
  if (!bytes) return fail(ErrorCode::kCorrupt, "its data is neither bytes nor a buffer");
  view_.data = bytes->bytes;
  view_.owner = std::move(bytes->owner);
  return check_data(bytes->cut);
}

Result<void> Reader::set_mask(const Value& mask) {
  const auto size = mask_size_of(view_.dtype);
  if (!size) return std::unexpected(size.error());
  view_.mask_size = *size;
  auto bytes = bytes_of(mask, options_.most_decoded);
  if (!bytes) return fail(ErrorCode::kCorrupt, "its mask is not bytes");
  view_.mask = bytes->bytes;
  view_.mask_owner = std::move(bytes->owner);
  std::uint64_t wanted = 0;
  if (view_.dtype.fields_left_out) return {};
  if (__builtin_mul_overflow(view_.count, *size, &wanted) ||
      (bytes->cut ? view_.mask.size() > wanted : view_.mask.size() != wanted)) {
    return fail(ErrorCode::kCorrupt, "its mask has " + std::to_string(view_.mask.size()) + " bytes, needs " +
                                         std::to_string(wanted));
  }
  return {};
}

Result<void> Reader::check_data(bool is_cut) {
  view_.data_is_cut = is_cut;
  const std::uint64_t wanted = view_.count * view_.dtype.size;  // set_order has checked the product
  if (is_cut ? view_.data.size() <= wanted : view_.data.size() == wanted) return {};
  return fail(ErrorCode::kCorrupt, "its data has " + std::to_string(view_.data.size()) + " bytes, " +
                                       std::to_string(view_.count) + " elements of " + std::to_string(view_.dtype.size) +
                                       " bytes need " + std::to_string(wanted));
}

Result<void> Reader::check_objects() {
  if (view_.objects->kind() != Kind::kList) return fail(ErrorCode::kCorrupt, "its objects are no list");
  if (options_.dtype.leave_out_more) return {};
  const std::uint64_t size = view_.objects->size();
  if (size == view_.count) return {};
  return fail(ErrorCode::kCorrupt, "a list of " + std::to_string(size) + " objects for " + std::to_string(view_.count) +
                                       " elements");
}

}  // namespace

Result<ArrayView> array_view(const Value& value, const ArrayOptions& options) { return Reader(options).read(value); }

}  // namespace cppickle
