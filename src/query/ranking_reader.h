// A stored ranking joined with its stored judgements, as the grades that ranking metrics read.
//
// Order: score descending; equal scores by document id, descending by bytes, as trec_eval does.
// Cost: about 50 us for 100 documents and 1,000 judgements (-O2, one core; ranking_reader_test has
// the measurement). Memory: that of the largest ranking so far. Threads: one owner.

#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace aiml042::query {

class RankingReader {
  public:
    /// Whether there are a document and a judgement: only then the grades say something. Both are
    /// what the codec stored of an event and of its label; either may be empty.
    bool read(std::string_view event_remainder, std::string_view label_remainder);

    /// Grade at each rank, 0 where the document was not judged or was ranked before; without the
    /// zeros at the end.
    [[nodiscard]] const std::vector<double>& ranked() const { return ranked_; }

    /// Grades above 0 of all judged documents, descending.
    [[nodiscard]] const std::vector<double>& judged() const { return judged_; }

    /// Documents in the ranking.
    [[nodiscard]] std::uint32_t length() const {
        return static_cast<std::uint32_t>(documents_.size());
    }

  private:
    struct Document {
        double score = 0.0;
        std::string_view id;
    };

    struct Judgement {
        std::string_view id;
        double grade = 0.0;
        bool used = false;
    };

    void read_documents(std::string_view ranking);
    void read_judgements(std::string_view relevance);
    void index_judgements();
    Judgement* judgement_of(std::string_view id);
    std::string_view keep(std::string_view between_quotes);

    std::vector<Document> documents_;
    std::vector<Judgement> judgements_;
    std::vector<std::uint32_t> slots_;  // Index + 1 of a judgement by the hash of its id; 0 = none.
    std::deque<std::string> texts_;     // Ids that had escapes.
    std::vector<double> ranked_;
    std::vector<double> judged_;
};

}  // namespace aiml042::query
