// Where the tokens of a JSON text begin: simdjson's first stage, chosen for the machine at run
// time.
//
// The index holds the offset of every bracket, colon and comma outside of strings, of every opening
// quote, and of the first byte of every other token. Building it also checks the whole text for
// valid UTF-8, for control characters inside strings and for a string without an end, visited or
// not; what the tokens say is for the walker to check.
//
// State: four bytes per byte of the largest text seen. Cost: about 8 GB/s. Threads: one owner.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace aiml042::codec {

class StructuralIndex {
  public:
    enum class Fault : std::uint8_t { kNone, kEmpty, kUtf8, kUnclosedString, kControlCharacter };

    StructuralIndex();
    ~StructuralIndex();
    StructuralIndex(const StructuralIndex&) = delete;
    StructuralIndex& operator=(const StructuralIndex&) = delete;

    /// Indexes `text`, which need not be followed by anything. kEmpty: no token at all.
    [[nodiscard]] Fault build(std::string_view text);

    /// Offsets of the text given last, rising; the one behind the last is the size of the text.
    [[nodiscard]] const std::uint32_t* begin() const;
    [[nodiscard]] const std::uint32_t* end() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// What a Fault means, as fixed text for people.
[[nodiscard]] std::string_view describe(StructuralIndex::Fault fault);

/// Offset of the byte that made build() fail with `fault` (the first bad byte, or the quote of the
/// open string). Cost: one byte at a time, for refusals only.
[[nodiscard]] std::size_t locate(StructuralIndex::Fault fault, std::string_view text);

}  // namespace aiml042::codec
