// Whole streams as listings of instructions, and with fewer of them.
#ifndef CPPICKLE_CONVERT_LISTING_H_
#define CPPICKLE_CONVERT_LISTING_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "cppickle/disassemble.h"
#include "cppickle/document.h"
#include "cppickle/error.h"
#include "cppickle/source.h"

namespace cppickle {

// Every pickle of one stream, one after the other, as pickletools.dis lists it; joblib's arrays between
// instructions are stepped over. With `annotate`, what each instruction does, and faults are lines in place
// of the error. Where the sink wants no more, that is no error.
Result<void> list_stream(const Source& source, std::size_t stream, const ReadOptions& reading, bool annotate,
                         const TextSink& sink);

// All pickles of a document that was read from `bytes`, without memo entries that nobody fetches.
// kUnsupported where one cannot leave out entries of one pickle without a look at others, or where arrays lie
// at fixed places.
Result<std::string> optimized(const Document& document, std::string_view bytes, const Limits& limits);

}  // namespace cppickle

#endif  // CPPICKLE_CONVERT_LISTING_H_
