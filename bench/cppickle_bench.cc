// Measures the engine on files: cppickle_bench load|scan|dis|optimize|write FILE...
//
// One JSON line per file: {"file", "ms", "bytes", "peak_growth_bytes"}. `ms` is CPU time, the least of at least five
// rounds and of a second's worth of them (CPPICKLE_BENCH_SECONDS says otherwise), freeing included. `bytes` is what came
// out: instructions for scan, the document's memory for load, else text or pickle. peak_growth_bytes is how far one
// round raises the largest resident memory of a process of its own. Files are read before anything is measured.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cppickle/disassemble.h"
#include "cppickle/document.h"
#include "cppickle/optimize.h"
#include "cppickle/pickler.h"
#include "pickle/statistics.h"

namespace {

using cppickle::Error;
using cppickle::Result;

// One round: what came out, in bytes.
using Round = std::function<Result<std::uint64_t>(std::string_view source)>;

constexpr int kLeastRounds = 5;

// `size(value)` of what was made, or why it was not. (GCC 12's std::expected has no transform.)
template <class T, class Size>
Result<std::uint64_t> size_of(const Result<T>& made, Size size) {
  if (!made) return std::unexpected(made.error());
  return size(*made);
}

Result<std::uint64_t> load(std::string_view source) {
  return size_of(cppickle::Document::read(source), [](const cppickle::Document& made) { return made.memory(); });
}

Result<std::uint64_t> scan(std::string_view source) {
  return size_of(cppickle::count_instructions(source), [](const cppickle::Statistics& made) { return made.total(); });
}

Result<std::uint64_t> disassemble(std::string_view source) {
  std::uint64_t bytes = 0;
  const auto count = [&bytes](std::string_view text) {
    bytes += text.size();
    return true;
  };
  return size_of(cppickle::disassemble(source, {}, count), [&bytes](const cppickle::Disassembly&) { return bytes; });
}

Result<std::uint64_t> optimize(std::string_view source) {
  return size_of(cppickle::optimize(source), [](const std::string& made) { return made.size(); });
}

// The document is read once, outside the time that counts.
Round writer() {
  auto document = std::make_shared<std::optional<cppickle::Document>>();
  return [document](std::string_view source) -> Result<std::uint64_t> {
    if (!*document) {
      Result<cppickle::Document> read = cppickle::Document::read(source);
      if (!read) return std::unexpected(read.error());
      document->emplace(std::move(*read));
    }
    return size_of(cppickle::write(**document), [](const std::string& made) { return made.size(); });
  };
}

Round round_of(std::string_view mode) {
  if (mode == "load") return load;
  if (mode == "scan") return scan;
  if (mode == "dis") return disassemble;
  if (mode == "optimize") return optimize;
  if (mode == "write") return writer();
  return {};
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// "VmHWM", "VmRSS": of this process, in bytes.
std::uint64_t status_of_memory(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) return std::strtoull(line.c_str() + name.size() + 1, nullptr, 10) * 1024;
  }
  return 0;
}

// In a child, so that no earlier round's memory is there to be used again.
std::uint64_t peak_growth(const Round& round, std::string_view source) {
  int ends[2];
  if (pipe(ends) != 0) return 0;
  const pid_t child = fork();
  if (child == 0) {
    std::ofstream("/proc/self/clear_refs") << '5';  // the largest resident size begins at the present one
    const std::uint64_t before = status_of_memory("VmHWM");
    static_cast<void>(round(source));
    const std::uint64_t growth = status_of_memory("VmHWM") - before;
    _exit(::write(ends[1], &growth, sizeof growth) == sizeof growth ? 0 : 1);
  }
  close(ends[1]);
  std::uint64_t growth = 0;
  if (::read(ends[0], &growth, sizeof growth) != sizeof growth) growth = 0;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return growth;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  }
  return out + '"';
}

bool measure(std::string_view mode, const char* file, double seconds) {
  std::ifstream stream(file, std::ios::binary);
  const std::string source{std::istreambuf_iterator<char>(stream), {}};
  const Round round = round_of(mode);
  const std::uint64_t growth = peak_growth(round_of(mode), source);
  const Result<std::uint64_t> first = round(source);
  if (!stream || !first) {
    const std::string reason = first ? "cannot be read" : first.error().to_string();
    std::printf("{\"file\": %s, \"error\": %s}\n", quoted(file).c_str(), quoted(reason).c_str());
    return false;
  }
  double least = 1e9;
  double spent = 0;
  for (int n = 0; n < kLeastRounds || spent < seconds; ++n) {
    const double begin = cpu_seconds();
    static_cast<void>(round(source));
    const double taken = cpu_seconds() - begin;
    least = std::min(least, taken);
    spent += taken;
  }
  std::printf("{\"file\": %s, \"ms\": %.6f, \"bytes\": %llu, \"peak_growth_bytes\": %llu}\n", quoted(file).c_str(),
              least * 1e3, static_cast<unsigned long long>(*first), static_cast<unsigned long long>(growth));
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3 || !round_of(arguments[1])) {
    std::fprintf(stderr, "usage: cppickle_bench load|scan|dis|optimize|write FILE...\n");
    return 2;
  }
  const char* seconds = std::getenv("CPPICKLE_BENCH_SECONDS");
  bool good = true;
  for (int n = 2; n < count; ++n) good &= measure(arguments[1], arguments[n], seconds != nullptr ? std::atof(seconds) : 1);
  return good ? 0 : 1;
}
