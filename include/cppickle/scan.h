// What loading a file would do, told without loading it: every name it imports, every call it makes, and whether all of
// that is known to be harmless. docs/security.md states what the verdicts promise.
#ifndef CPPICKLE_SCAN_H_
#define CPPICKLE_SCAN_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/error.h"
#include "cppickle/limits.h"
#include "cppickle/source.h"

namespace cppickle {

// Of a file, and of each finding; a file's is the worst of its findings, in this order. The tables of allowed names
// ("packs") decide; those of dangerous ones only turn `unknown` into `dangerous`.
enum class Verdict : std::uint8_t {
  kSafe,          // everything it does is listed, with arguments that were checked
  kSafeByPolicy,  // likewise, some of it only in the caller's own policy
  kUnknown,       // it uses something that no pack lists, or in a way that none lists
  kIncomplete,    // not everything was looked at: a limit, an unreadable member
  kMalformed,     // no reader would load it, or readers disagree on what it means
  kDangerous,     // it names something that reaches processes, files, the network, code or other loaders
};

// "safe", "safe-by-policy", "unknown", "incomplete", "malformed", "dangerous".
std::string_view name_of(Verdict verdict);

// How a name or an object is used. Of several uses a finding tells the last in this order.
enum class Use : std::uint8_t {
  kImport,      // named, and so imported
  kValue,       // stored somewhere
  kArgument,    // passed to a call
  kKey,         // hashed and compared: a key of a dict, a member of a set
  kItems,       // given items: append, extend, add, __setitem__
  kBuild,       // given a state: __setstate__, or its __dict__ is updated
  kNew,         // cls.__new__(cls, *args)
  kCall,        // called
  kPersistent,  // a persistent id: what it means is up to the program that loads
  kExtension,   // an extension code: likewise (copyreg.add_extension)
  kNone,        // nothing of these: the bytes themselves
};
std::string_view name_of(Use use);
// Those in a set of bits, 1 << Use, in their order.
std::vector<Use> uses_in(std::uint32_t bits);

// Equal findings are counted, not repeated.
struct Finding {
  Verdict verdict;
  std::string_view rule;   // stable, for suppressions and SARIF: "unlisted-name", "dangerous-name", "arguments"...
  Use use = Use::kNone;
  std::string name = {};       // "os.system"; hostile text is escaped. Empty where no name is meant
  std::string arguments = {};  // of the first such call, shortened
  std::string reason = {};     // one sentence for people
  std::string where = {};      // which stream: as PickleStream::where
  std::uint64_t offset = 0;    // of the first one, in its stream
  std::uint64_t count = 1;
};

// One importable name and everything that is done with it.
struct NameUse {
  std::string name = {};    // "sklearn.linear_model._base.LinearRegression", escaped
  std::uint32_t uses = 0;   // 1 << Use
  std::uint64_t count = 0;  // how often it is named
  std::string pack = {};    // which pack lists it: "scikit-learn 0.18..1.9"; empty if none
  Verdict verdict = Verdict::kSafe;
};

// Where the bytes of the file's contents went, after decompression.
struct Coverage {
  std::uint64_t file = 0;         // the file's size
  std::uint64_t pickles = 0;      // instructions, which were all followed
  std::uint64_t arrays = 0;       // raw array data between instructions
  std::uint64_t data = 0;         // members and ranges that are no pickles: arrays, tensors, texts
  std::uint64_t padding = 0;      // zero bytes after a pickle
  std::uint64_t unexplained = 0;  // bytes after a pickle that are nothing we know
};

struct ScanReport {
  Verdict verdict = Verdict::kSafe;
  std::string container;  // as Source::container()
  std::vector<Finding> findings;  // the worst first, then by place
  std::vector<NameUse> names;     // sorted
  // What is harmless to load and may not be to use: sentences for people, hostile text in them escaped.
  std::vector<std::string> latent;
  Coverage coverage;
  std::uint64_t pickles = 0;
  std::uint64_t instructions = 0;
  std::uint64_t findings_dropped = 0;  // beyond the most that are kept; the verdict counts them
};

// The caller's own table of allowed names, in the form of the packs (src/scan/packs/README.md).
class ScanPolicy {
 public:
  // An error names the line.
  [[nodiscard]] static Result<ScanPolicy> parse(std::string_view text);
  struct Table;
  const Table* table() const { return table_.get(); }

 private:
  std::shared_ptr<const Table> table_;
};

struct ScanOptions {
  Limits limits;
  const ScanPolicy* policy = nullptr;
  // Whether scan_file() maps large files, of which it then reads only what matters. One that somebody cuts meanwhile is a
  // SIGBUS, which the caller must be ready for; one that is changed is `incomplete`, mapped or not.
  bool map = false;
  // Told by scan_file() of each file that it opens, or cannot: the one asked for first, then those beside it that it
  // reads. raw() is what the verdict is about: whoever keeps verdicts by checksum takes it there.
  std::function<void(const Result<Source>&)> on_open = {};
};

// Looks at every pickle in the source. If that maps a file, see to it that nobody changes it. May be called by many threads. Throws std::bad_alloc only.
[[nodiscard]] ScanReport scan_source(const Source& source, const ScanOptions& options = {});

// Likewise of bytes in memory, which are borrowed for the call.
[[nodiscard]] ScanReport scan_bytes(std::string_view bytes, const ScanOptions& options = {});

// Opens and scans. A file that cannot be opened or is no pickle gives a report too: malformed or incomplete.
[[nodiscard]] ScanReport scan_file(const std::string& path, const ScanOptions& options = {});

}  // namespace cppickle

#endif  // CPPICKLE_SCAN_H_
