// The pickle machine: instructions -> stack, marks and memo keys -> calls on a builder, which decides what a value is.
// It runs nothing and resolves no name; it knows what each opcode takes and leaves, and that alone.
//
// The machine lives whole in this header, so that the reader's checks and the builder's steps are compiled into one
// loop for each builder (a call per instruction costs 17 to 66 %).
#ifndef CPPICKLE_PICKLE_MACHINE_H_
#define CPPICKLE_PICKLE_MACHINE_H_

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cppickle/limits.h"
#include "pickle/argument.h"
#include "pickle/cursor.h"
#include "pickle/opcode.h"
#include "pickle/opcode_reader.h"
#include "pickle/stack.h"

namespace cppickle {

// What a consumer of the machine offers. Every step returns false to stop, after it told the reader why (reader.fail)
// or kept an error of its own. Templates take the opcode, so that each builder groups them as it likes:
//   leaf<op>(in, out)                a value made of the instruction alone: numbers, text, empty containers, GLOBAL, EXT...
//   make<op>(in, taken, out)         a value made of others: tuples, REDUCE, NEWOBJ, STACK_GLOBAL, BINPERSID...
//   apply<op>(in, target, taken)     a change of `target`: APPEND(S), SETITEM(S), ADDITEMS, BUILD
//   put<op>(in, target), get<op>(in, out)   the memo, whose keys the builder holds in a MemoIndex
//   duplicate(in, top, out)          DUP
//   discard(in, what, is_frame, below, effects)   POP and POP_MARK. What was discarded may have had effects (it put memo
//        entries, it called a state setter), so a builder may keep it with `below`, the value under it, or, where no
//        value lies under it since the last MARK, in `effects`
//   prefix(effects, first)           `effects` came before `first`, the first value of the frame
//   after_build(in, target)          bytes that are no instructions may follow a BUILD (joblib)
//   protocol(in)                     PROTO
//   finish(in, root, left)           STOP; `left` is what else lay on the stack, with open_mark() for each MARK
// Taken spans are the builder's: it copies or moves the values out before it returns.
template <class B>
concept Builder = requires(B b, const Instruction& in, typename B::Value& v, std::span<typename B::Value> taken) {
  { b.template leaf<Opcode::NONE>(in, v) } -> std::same_as<bool>;
  { b.template make<Opcode::REDUCE>(in, taken, v) } -> std::same_as<bool>;
  { b.template apply<Opcode::BUILD>(in, v, taken) } -> std::same_as<bool>;
  { b.template put<Opcode::BINPUT>(in, v) } -> std::same_as<bool>;
  { b.template get<Opcode::BINGET>(in, v) } -> std::same_as<bool>;
  { b.duplicate(in, v, v) } -> std::same_as<bool>;
  { b.discard(in, taken, true, &v, v) } -> std::same_as<bool>;
  { b.prefix(v, v) } -> std::same_as<bool>;
  { b.after_build(in, v) } -> std::same_as<bool>;
  { b.protocol(in) } -> std::same_as<bool>;
  { b.finish(in, v, taken) } -> std::same_as<bool>;
  { b.open_mark() } -> std::same_as<typename B::Value>;
  { typename B::Value{} == typename B::Value{} } -> std::same_as<bool>;
};

// Runs one pickle, from its first instruction to STOP. Not thread-safe.
//
// A reader other than OpcodeReader has its own rules for lengths, lines and frames. A builder whose values are owned has
// release(value), which is called for what is left on the stack, and may have items_then_build(instance, state, items)
// for SETITEM(S) followed by BUILD: it takes over state and items, or returns false and leaves them to apply(). One that
// has kDropsRemains is not told of what is left at STOP.
template <Builder B, class Reader = OpcodeReader>
class Machine {
 public:
  using Value = typename B::Value;

  Machine(Reader& reader, B& builder, const Limits& limits)
      : reader_(reader), builder_(builder), most_marks_(limits.depth) {}
  ~Machine() {
    if constexpr (requires(Value value) { builder_.release(value); }) {
      while (stack_.size() != 0) {
        const Value value = stack_.top();
        stack_.drop(1);
        builder_.release(value);
      }
    }
  }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // False if the reader or the builder holds an error.
  bool run() {
    Instruction in;
    Cursor<Reader> cursor(reader_);
    while (!stopped_) {
      if (!cursor.fetch(in)) return false;
      switch (in.opcode) {
#define CPPICKLE_OPCODE(name, byte, argument, protocol, takes, leaves, mark)          \
  case Opcode::name:                                                                  \
    if (!cursor.take(ArgumentKind::argument, in) || !run_step<Opcode::name>(in, cursor)) return false; \
    break;
#include "pickle/opcodes.def"
#undef CPPICKLE_OPCODE
        default: return cursor.take(ArgumentKind::kNone, in);  // records the unknown opcode
      }
    }
    return true;
  }

 private:
  // A step that leaves the reader alone with any builder: it runs no code that could read on.
  template <Opcode kOp>
  static constexpr bool kStays =
      kOp == Opcode::MARK || kOp == Opcode::NONE || kOp == Opcode::NEWTRUE || kOp == Opcode::NEWFALSE ||
      kOp == Opcode::BININT1 || kOp == Opcode::BININT2 || kOp == Opcode::BININT || kOp == Opcode::BINFLOAT ||
      kOp == Opcode::SHORT_BINUNICODE || kOp == Opcode::BINUNICODE;

  template <Opcode kOp>
  [[gnu::always_inline]] bool run_step(const Instruction& in, Cursor<Reader>& cursor) {
    if constexpr (kStays<kOp>) {
      if (step<kOp>(in, cursor)) [[likely]] return true;
      cursor.save();
      return false;
    } else {
      cursor.save();
      if (!step<kOp>(in, cursor)) return false;
      cursor.follow();
      return true;
    }
  }

  template <Opcode kOp>
  [[gnu::always_inline]] bool step(const Instruction& in, Cursor<Reader>& cursor) {
    if constexpr (kOp != Opcode::FRAME) reader_.count_instruction();
    if constexpr (kOp == Opcode::FRAME) {
      return reader_.open_frame(in);
    } else if constexpr (kOp == Opcode::MARK) {
      return mark(in);
    } else if constexpr (kOp == Opcode::POP) {
      return pop(in);
    } else if constexpr (kOp == Opcode::POP_MARK) {
      return pop_mark(in);
    } else if constexpr (kOp == Opcode::DUP) {
      return duplicate(in);
    } else if constexpr (kOp == Opcode::PROTO) {
      return check_argument(in, reader_) && builder_.protocol(in);
    } else if constexpr (kOp == Opcode::STOP) {
      return stop(in);
    } else if constexpr (kOp == Opcode::PUT || kOp == Opcode::BINPUT || kOp == Opcode::LONG_BINPUT ||
                         kOp == Opcode::MEMOIZE) {
      return has(1, in) && builder_.template put<kOp>(in, stack_.top());
    } else if constexpr (kOp == Opcode::GET || kOp == Opcode::BINGET || kOp == Opcode::LONG_BINGET) {
      return builder_.template get<kOp>(in, stack_.push());
    } else if constexpr (kOp == Opcode::APPEND || kOp == Opcode::SETITEM || kOp == Opcode::BUILD) {
      return apply_fixed<kOp, kOp == Opcode::SETITEM ? 2 : 1>(in, cursor);
    } else if constexpr (kOp == Opcode::APPENDS || kOp == Opcode::SETITEMS || kOp == Opcode::ADDITEMS) {
      return apply_frame<kOp>(in, cursor);
    } else if constexpr (kOpcodeTakes<kOp>.mark) {
      return make_of_frame<kOp>(in);
    } else if constexpr (kOpcodeTakes<kOp>.takes > 0) {
      return make_of_fixed<kOp, kOpcodeTakes<kOp>.takes>(in);
    } else {
      return builder_.template leaf<kOp>(in, stack_.push());
    }
  }

  struct Takes {
    std::size_t takes;
    bool mark;
  };
  template <Opcode kOp>
  static constexpr Takes takes_of() {
    switch (kOp) {
#define CPPICKLE_OPCODE(name, byte, argument, protocol, takes, leaves, mark) \
  case Opcode::name: return {takes, mark};
#include "pickle/opcodes.def"
#undef CPPICKLE_OPCODE
    }
    return {};
  }
  template <Opcode kOp>
  static constexpr Takes kOpcodeTakes = takes_of<kOp>();

  [[gnu::always_inline]] bool has(std::size_t count, const Instruction& in) {
    return stack_.has(count) || underflow(count, in);
  }

  [[gnu::cold, gnu::noinline]] bool underflow(std::size_t count, const Instruction& in) {
    return reader_.fail(ErrorCode::kStackUnderflow, in,
                        "the stack holds " + std::to_string(stack_.count()) +
                            (stack_.has_mark() ? " values since the last MARK" : " values") + ", and " +
                            std::to_string(count) + " are needed");
  }

  bool has_mark(const Instruction& in) {
    return stack_.has_mark() || reader_.fail(ErrorCode::kNoMark, in, "there is no MARK on the stack");
  }

  bool mark(const Instruction& in) {
    if (stack_.marks() >= most_marks_) {
      return reader_.fail(ErrorCode::kLimit, in, "more open MARKs than the limit depth=" + std::to_string(most_marks_));
    }
    stack_.mark();
    return true;
  }

  // Takes the values above the last MARK, with what was discarded before them tied to the first.
  [[gnu::always_inline]] bool take_frame(std::span<Value>& taken) {
    const Value effects = stack_.effects();
    taken = stack_.take_frame();
    if (effects == Value{}) [[likely]] return true;
    return tie_effects(effects, taken);
  }

  [[gnu::cold, gnu::noinline]] bool tie_effects(Value effects, std::span<Value> taken) {
    if (!taken.empty()) return builder_.prefix(effects, taken[0]);
    // `MARK x POP close` means the same as `x POP MARK close`: the effects move below the MARK.
    Value moved = effects;
    const Instruction none{Opcode::POP, reader_.position(), reader_.position(), reader_.position()};
    return builder_.discard(none, {&moved, 1}, false, stack_.count() ? &stack_.top() : nullptr, stack_.effects());
  }

  template <Opcode kOp, std::size_t kCount>
  [[gnu::always_inline]] bool apply_fixed(const Instruction& in, Cursor<Reader>& cursor) {
    if (!has(kCount + 1, in)) return false;
    Value& target = stack_.top(kCount);
    const std::span<Value> taken(&target + 1, kCount);
    stack_.drop(kCount);
    if constexpr (kOp == Opcode::SETITEM) {
      if (fused_with_build(taken, cursor)) return true;
    }
    if (!builder_.template apply<kOp>(in, target, taken)) return false;
    if constexpr (kOp == Opcode::BUILD) return builder_.after_build(in, target);
    return true;
  }

  template <Opcode kOp>
  [[gnu::always_inline]] bool apply_frame(const Instruction& in, Cursor<Reader>& cursor) {
    std::span<Value> taken;
    if (!has_mark(in) || !take_frame(taken)) return false;
    if (!has(1, in)) return give_back(taken);
    if (kOp == Opcode::SETITEMS && !even(taken.size(), in)) return give_back(taken);
    if constexpr (kOp == Opcode::SETITEMS) {
      if (fused_with_build(taken, cursor)) return true;
    }
    return builder_.template apply<kOp>(in, stack_.top(), taken);
  }

  // Whether `items` of the value on top went straight into the value below, as the BUILD that comes next would do.
  [[gnu::always_inline]] bool fused_with_build(std::span<Value> items, Cursor<Reader>& cursor) {
    if constexpr (requires { builder_.items_then_build(stack_.top(), stack_.top(), items); }) {
      if (!cursor.next_is(Opcode::BUILD) || !stack_.has(2)) return false;
      if (!builder_.items_then_build(stack_.top(1), stack_.top(), items)) return false;
      cursor.skip_opcode();
      stack_.drop(1);
      return true;
    }
    return false;
  }

  template <Opcode kOp, std::size_t kCount>
  bool make_of_fixed(const Instruction& in) {
    if (!has(kCount, in)) return false;
    const std::span<Value> taken(&stack_.top(kCount - 1), kCount);
    stack_.drop(kCount);
    Value made;
    if (!builder_.template make<kOp>(in, taken, made)) return false;
    stack_.push() = made;
    return true;
  }

  template <Opcode kOp>
  bool make_of_frame(const Instruction& in) {
    std::span<Value> taken;
    if (!has_mark(in) || !take_frame(taken)) return false;
    if (kOp == Opcode::DICT && !even(taken.size(), in)) return give_back(taken);
    if (kOp == Opcode::OBJ && taken.empty()) {
      return reader_.fail(ErrorCode::kStackUnderflow, in, "no class between the MARK and OBJ");
    }
    Value made;
    if (!builder_.template make<kOp>(in, taken, made)) return false;
    stack_.push() = made;
    return true;
  }

  // What was taken goes back, to be released with the rest of the stack. Returns false.
  bool give_back(std::span<Value> taken) {
    stack_.undrop(taken.size());
    return false;
  }

  bool even(std::size_t count, const Instruction& in) {
    return count % 2 == 0 || reader_.fail(ErrorCode::kOddItems, in,
                                          "an odd number of keys and values: " + std::to_string(count));
  }

  bool duplicate(const Instruction& in) {
    if (!has(1, in)) return false;
    Value copy;
    if (!builder_.duplicate(in, stack_.top(), copy)) return false;
    stack_.push() = copy;
    return true;
  }

  bool pop(const Instruction& in) {
    if (stack_.count() == 0 && stack_.has_mark()) return pop_mark(in);  // as _pickle.c and pickle.py do
    if (!has(1, in)) return false;
    Value what = stack_.top();
    stack_.drop(1);
    return builder_.discard(in, {&what, 1}, false, stack_.count() ? &stack_.top() : nullptr, stack_.effects());
  }

  bool pop_mark(const Instruction& in) {
    std::span<Value> taken;
    if (!has_mark(in)) return false;
    Value effects = stack_.effects();
    if (stack_.count() == 0 && effects != Value{}) {
      stack_.take_frame();
      taken = {&effects, 1};  // nothing but effects
    } else if (!take_frame(taken)) {
      return false;
    }
    return builder_.discard(in, taken, true, stack_.count() ? &stack_.top() : nullptr, stack_.effects());
  }

  bool stop(const Instruction& in) {
    if (!has(1, in) || !reader_.close(in)) return false;
    Value root = stack_.top();
    stack_.drop(1);
    stopped_ = true;
    if constexpr (requires { B::kDropsRemains; }) return builder_.finish(in, root, {});
    std::vector<Value> left = stack_.remains(builder_.open_mark());
    if (left.size() == 1 && left[0] == stack_.effects()) return builder_.prefix(left[0], root) && builder_.finish(in, root, {});
    return builder_.finish(in, root, left);
  }

  Reader& reader_;
  B& builder_;
  std::uint64_t most_marks_;
  bool stopped_ = false;
  Stack<Value> stack_;
};

}  // namespace cppickle

#endif  // CPPICKLE_PICKLE_MACHINE_H_
