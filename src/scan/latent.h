// What is harmless to load and may not be to use: files that are read, folders that are written, functions that are
// called.
#ifndef CPPICKLE_SCAN_LATENT_H_
#define CPPICKLE_SCAN_LATENT_H_

#include "cppickle/limits.h"
#include "cppickle/scan.h"
#include "cppickle/source.h"
#include "scan/names.h"

namespace cppickle::scanning {

// Adds to report.latent, for people and in no fixed words. The names say which classes there are; where one of them
// depends on its attributes, the pickles are read once more, as data, with a bound on their memory: where it does not
// suffice, a sentence says so.
void note_latent(const Source& source, const Names& names, const Limits& limits, ScanReport& report);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_LATENT_H_
