// numpy array files, written piece by piece.
#ifndef CPPICKLE_CLI_NPY_TEXT_H_
#define CPPICKLE_CLI_NPY_TEXT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cppickle/model.h"

namespace cppickle::cli {

// What the elements of a .npy file are: f8, f4, i8, b1, U12 and so on.
struct NpyType {
  char kind = 'f';       // b, i, u, f, U
  std::size_t size = 8;  // bytes; of U: characters

  static NpyType of(predict::ElementType type);  // of a type of numbers
  // That holds all cells; none for mixtures of texts and others, bytes, None.
  static std::optional<NpyType> of(std::span<const predict::Cell> cells);
  // That holds what both do.
  static std::optional<NpyType> both(NpyType a, NpyType b);

  std::string text() const;  // "<f8"
  void append(std::string& out, const predict::Cell& cell) const;
};

// The header of version 1.0; `columns` is none for an array of one dimension.
std::string npy_header(NpyType type, std::uint64_t rows, std::optional<std::uint64_t> columns);

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_NPY_TEXT_H_
