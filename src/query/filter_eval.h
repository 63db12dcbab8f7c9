// A filter bound to a deployment, and which rows of a block it selects.
//
// Cost: about 1 ns per row and test on number columns; string tests are decided once per distinct
// value of the block. Blocks whose value ranges rule a filter out are not read.
//
// How types meet: a number and a text compare as numbers when the text is one; true and false
// compare with booleans as themselves, with numbers as 1 and 0, with texts as "true" and "false".
// Values that cannot be compared are not equal and in no order: "=" is false, "!=" is true, "<" is
// false. Times compare with RFC 3339 text or epoch milliseconds.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "query/block_view.h"
#include "query/field.h"
#include "query/filter.h"
#include "store/directory.h"

namespace aiml042::query {

/// Immutable; from any thread.
class BoundFilter {
  public:
    /// Fails with kInvalidArgument where a name is not known or a time is not readable.
    static Result<BoundFilter> bind(const Expression& expression, const store::Schema& schema);

    BoundFilter();
    BoundFilter(const BoundFilter&) = delete;
    BoundFilter& operator=(const BoundFilter&) = delete;
    BoundFilter(BoundFilter&&) noexcept;
    BoundFilter& operator=(BoundFilter&&) noexcept;
    ~BoundFilter();

    /// True when it selects every row of every block.
    [[nodiscard]] bool selects_all() const;

    /// Whether a label can change what it selects.
    [[nodiscard]] bool uses_labels() const;

    /// False only when no row of the block can match, told from value ranges alone.
    [[nodiscard]] bool may_match(const store::Block& block) const;

    /// Replaces `selection` with the indexes of the selected rows, ascending.
    Status select(BlockView& view, std::vector<std::uint32_t>& selection) const;

    /// Named by the canonical text of the expression it was bound from.
    [[nodiscard]] const std::string& text() const { return text_; }

    struct Node;

  private:
    std::unique_ptr<Node> root_;
    std::string text_;
};

}  // namespace aiml042::query
