// A pickle without the memo entries that nobody fetches: the same values in fewer bytes.
#ifndef CPPICKLE_OPTIMIZE_H_
#define CPPICKLE_OPTIMIZE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "cppickle/error.h"
#include "cppickle/limits.h"

namespace cppickle {

// The pickle at the beginning of `stream`, without the PUTs that no GET asks for, the others numbered from 0 on, frames
// put where pickletools.optimize of CPython 3.11 puts them. Whenever that succeeds on a pickle whose frames are right,
// these are its bytes.
//
// Only layout, frames and memo keys are looked at, no value is. An error where an instruction is cut or unknown, where a
// frame ends amid instructions, where a GET comes before its PUT. What follows the pickle is left out; later pickles that
// fetch this one's memo entries would miss them.
// Takes linear time, and memory for the answer and a few bytes per memo entry. Throws std::bad_alloc.
Result<std::string> optimize(std::string_view stream, const Limits& limits = {});

// As above; appends to `out`, which an error leaves as it was, and returns the size of the pickle that was read: a next
// one begins there.
Result<std::uint64_t> optimize_into(std::string_view stream, std::string& out, const Limits& limits = {});

}  // namespace cppickle

#endif  // CPPICKLE_OPTIMIZE_H_
