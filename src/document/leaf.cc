#include "document/leaf.h"

#include <cstring>

#include "document/document_builder.h"
#include "pickle/argument.h"

namespace cppickle {

std::string_view argument_bytes(const Graph& graph, Cell cell) {
  const std::uint8_t* argument = cell.argument();
  if (cell.has(Cell::kDecoded)) argument = reinterpret_cast<const DecodedText*>(argument)->argument;
  const std::uint8_t* bound = graph.bound(argument);
  const auto view = [argument](std::size_t size) {
    return std::string_view(reinterpret_cast<const char*>(argument), size);
  };
  switch (info(cell.opcode()).argument) {
    case ArgumentKind::kNone: return {};
    case ArgumentKind::kU1: return view(1);
    case ArgumentKind::kU2: return view(2);
    case ArgumentKind::kI4:
    case ArgumentKind::kU4: return view(4);
    case ArgumentKind::kU8:
    case ArgumentKind::kF8: return view(8);
    case ArgumentKind::kLinePair: {
      const auto [first, second] = line_pair(argument, bound);
      return view(first.size() + second.size() + 2);
    }
    case ArgumentKind::kCounted1:
    case ArgumentKind::kCountedU4:
    case ArgumentKind::kCountedI4:
    case ArgumentKind::kCountedU8: {
      const std::string_view payload = payload_again(cell.opcode(), argument, bound);
      const auto prefix = reinterpret_cast<const std::uint8_t*>(payload.data()) - argument;
      return view(static_cast<std::size_t>(prefix) + payload.size());
    }
    default: return view(payload_again(cell.opcode(), argument, bound).size() + 1);  // lines
  }
}

namespace {

// One leaf instruction through the builder that reads streams, so that its checks hold here too.
bool build_leaf(DocumentBuilder& builder, OpcodeReader& reader, const Instruction& in, Cell& out) {
  switch (in.opcode) {
#define CPPICKLE_OPCODE(name, byte, argument, protocol, takes, leaves, mark)            \
  case Opcode::name:                                                                    \
    if constexpr (takes == 0 && leaves == 1 && byte != '(' && byte != 'g' && byte != 'h' && byte != 'j') \
      return builder.leaf<Opcode::name>(in, out);                                       \
    break;
#include "pickle/opcodes.def"
#undef CPPICKLE_OPCODE
  }
  return reader.fail(ErrorCode::kBadArgument, in, "this opcode makes no value by itself");
}

}  // namespace

Result<Cell> leaf_of(Graph& graph, std::string_view instruction) {
  auto* copy = static_cast<std::uint8_t*>(graph.arena.allocate(instruction.size()));
  std::memcpy(copy, instruction.data(), instruction.size());
  OpcodeReader reader(copy, copy, copy + instruction.size());
  MemoIndex memo;
  const Limits limits;
  if (graph.streams.empty()) graph.streams.emplace_back();
  DocumentBuilder builder(graph, 0, memo, reader, limits, 0);
  Instruction in;
  Cell leaf;
  if (!reader.next(in) || !build_leaf(builder, reader, in, leaf)) return std::unexpected(reader.error());
  if (reader.position() != reader.end()) {
    return std::unexpected(Error{ErrorCode::kBadArgument, "bytes are left after the instruction"});
  }
  return leaf;
}

}  // namespace cppickle
