// What a value is called.
#include "cppickle/array_view.h"
#include "document/class_names.h"
#include "value_object.h"

namespace cppickle::python {

std::string type_text(const Value& value) {
  const auto object = object_view(value);
  if (!object) return std::string(name_of(value.kind()));
  switch (object->kind) {
    case ObjectKind::kArray:
    case ObjectKind::kMaskedArray:
    case ObjectKind::kArrayScalar: {
      const auto array = array_view(value, ArrayOptions::glance());
      if (!array) break;
      if (array->form == ArrayView::Form::kScalar) return "numpy." + array->dtype.to_string();
      return canonical(array->subclass).to_string();
    }
    case ObjectKind::kDType: return "numpy.dtype";
    default: break;
  }
  if (object->type.qualname.empty()) return "object";
  const Global now = canonical(object->type);
  if (now.module == "builtins") return std::string(now.qualname);
  std::string name = object->type.to_string();
  if (!object->method.empty()) (name += '.') += object->method;
  return name;
}

}  // namespace cppickle::python
