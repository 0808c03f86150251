// A dtype's text, the way numpy's _core/_dtype.py makes it.
#include <string>

#include "base/quote.h"
#include "cppickle/dtype.h"

namespace cppickle {
namespace {

// Names are the file's: what would upset a terminal is escaped.
std::string safe(const std::string& name) {
  const std::string quoted = quote(name, name.size());
  return quoted.substr(1, quoted.size() - 2);
}

std::string unit_text(const DType& type) {
  if (type.unit.empty() || type.unit == "generic") return {};
  std::string text = "[";
  if (type.multiplier != 1) text += std::to_string(type.multiplier);
  text += type.unit;
  return text += ']';
}

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i != 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  if (shape.size() == 1) text += ',';
  return text += ')';
}

std::string number_of(std::uint64_t size) { return size == 0 ? std::string{} : std::to_string(size); }

// '<f8', 'S3', '?', as one would write it to make the type; without quotes.
std::string code_text(const DType& type) {
  const std::string order = type.order == '|' ? std::string{} : std::string(1, type.order);
  switch (type.kind) {
    case 'b': return "?";
    case 'O': return "O";
    case 'T': return "T";
    case 'U': return order + 'U' + number_of(type.size / 4);
    case 'S':
    case 'V': return type.kind + number_of(type.size);
    case 'm':
    case 'M': return order + type.kind + std::to_string(type.size) + unit_text(type);
    default: return order + type.kind + std::to_string(type.size);
  }
}

std::string parenthesized(std::string_view first, std::string_view second) {
  std::string text = "(";
  return text.append(first).append(", ").append(second) += ')';
}

std::string structure_text(const DType& type);

// Nested types; read_dtype bounds how deep they go.
std::string nested_text(const DType& type) {
  if (type.is_struct) return structure_text(type);
  if (type.base) return parenthesized(nested_text(*type.base), shape_text(type.base_shape));
  if (type.type) return safe(std::string(type.type->qualname));
  return quote(code_text(type));
}

bool is_packed(const DType& type) {
  std::uint64_t offset = 0;
  for (const DType::Field& field : type.fields) {
    if (field.offset != offset) return false;
    offset += field.type->size;
  }
  return offset == type.size;
}

std::string list_text(const DType& type) {
  std::string text = "[";
  for (const DType::Field& field : type.fields) {
    if (text.size() > 1) text += ", ";
    const std::string name = quote(field.name, field.name.size());
    text += '(';
    text += field.title.empty() ? name : parenthesized(quote(field.title, field.title.size()), name);
    text += ", ";
    if (field.type->base && !field.type->is_struct) {
      text += nested_text(*field.type->base) + ", " + shape_text(field.type->base_shape);
    } else {
      text += nested_text(*field.type);
    }
    text += ')';
  }
  return text += ']';
}

std::string dict_text(const DType& type) {
  std::string names;
  std::string formats;
  std::string offsets;
  std::string titles;
  bool has_titles = false;
  for (const DType::Field& field : type.fields) {
    const std::string_view comma = names.empty() ? "" : ", ";
    names.append(comma) += quote(field.name, field.name.size());
    formats.append(comma) += nested_text(*field.type);
    offsets.append(comma) += std::to_string(field.offset);
    titles.append(comma) += field.title.empty() ? "None" : quote(field.title, field.title.size());
    has_titles |= !field.title.empty();
  }
  std::string text = "{'names': [" + names + "], 'formats': [" + formats + "], 'offsets': [" + offsets + "]";
  if (has_titles) text += ", 'titles': [" + titles + "]";
  text += ", 'itemsize': " + std::to_string(type.size);
  if (type.aligned_struct) text += ", 'aligned': True";
  return text += '}';
}

std::string structure_text(const DType& type) {
  std::string text = "[...]";
  if (!type.fields_left_out) text = !type.aligned_struct && is_packed(type) ? list_text(type) : dict_text(type);
  return type.type ? parenthesized(safe(type.type->to_string()), text) : text;
}

std::string number_name(const DType& type) {
  const std::string bits = std::to_string(type.size * 8);
  switch (type.kind) {
    case 'b': return "bool";
    case 'i': return "int" + bits;
    case 'u': return "uint" + bits;
    case 'f': return "float" + bits;
    case 'c': return "complex" + bits;
    case 'm': return "timedelta64" + unit_text(type);
    case 'M': return "datetime64" + unit_text(type);
    default: return {};
  }
}

}  // namespace

std::string DType::to_string() const {
  if (is_struct || base) return nested_text(*this);
  if (type) return safe(type->to_string());
  switch (kind) {
    case 'O': return "object";
    case 'T': return "StringDType()";
    case 'U': return order + std::string("U") + std::to_string(size / 4);
    case 'S':
    case 'V': return std::string("|") + kind + std::to_string(size);
    default: return order == '>' ? code_text(*this) : number_name(*this);
  }
}

}  // namespace cppickle
