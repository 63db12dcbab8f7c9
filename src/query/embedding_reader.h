// The vectors of one embedding in one block, read from the JSON that the codec stored.
//
// Cost: about 20 ns per number. Threads: one owner; lives no longer than the view it reads.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/family.h"
#include "model/column.h"

namespace aiml042::query {

/// The numbers of a stored array, rounded to floats.
void read_vector(std::string_view array, std::vector<float>& out);

/// What samples of embeddings choose rows by.
[[nodiscard]] std::uint64_t sample_hash(std::string_view request_id);

class EmbeddingReader final : public metrics::EmbeddingSource {
  public:
    /// Null columns: no row has a vector, or an id.
    EmbeddingReader(const model::ColumnVector* remainders,
                    const model::ColumnVector* request_ids,
                    std::string name)
        : remainders_(remainders), request_ids_(request_ids), name_(std::move(name)) {}

    bool read(std::uint32_t row, std::vector<float>& out) const override;
    [[nodiscard]] std::uint64_t hash(std::uint32_t row) const override;

  private:
    const model::ColumnVector* remainders_;
    const model::ColumnVector* request_ids_;
    std::string name_;
};

}  // namespace aiml042::query
