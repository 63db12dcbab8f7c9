#include "query/ranking_reader.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <functional>

#include "base/hash.h"
#include "query/stored_json.h"

namespace aiml042::query {

namespace {

double number_of(std::string_view text) {
    double value = 0.0;  // What is beyond the doubles does not get past the codec.
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

bool RankingReader::read(std::string_view event_remainder, std::string_view label_remainder) {
    documents_.clear();
    judgements_.clear();
    texts_.clear();
    ranked_.clear();
    judged_.clear();
    read_judgements(stored_member(label_remainder, "relevance"));
    if (judgements_.empty()) {
        return false;
    }
    read_documents(stored_member(event_remainder, "ranking"));
    if (documents_.empty()) {
        return false;
    }
    std::ranges::sort(documents_, [](const Document& a, const Document& b) {
        return a.score != b.score ? a.score > b.score : a.id > b.id;
    });
    index_judgements();
    for (std::size_t i = 0; i < documents_.size(); ++i) {
        Judgement* const judgement = judgement_of(documents_[i].id);
        if (judgement != nullptr && !judgement->used && judgement->grade > 0.0) {
            judgement->used = true;
            ranked_.resize(i + 1);
            ranked_[i] = judgement->grade;
        }
    }
    for (const Judgement& judgement : judgements_) {
        if (judgement.grade > 0.0) {
            judged_.push_back(judgement.grade);
        }
    }
    std::ranges::sort(judged_, std::ranges::greater());
    return true;
}

void RankingReader::read_documents(std::string_view ranking) {
    for_each_stored_item(ranking, [this](std::string_view item) {
        Document document;
        for_each_stored_member(item, [&](std::string_view name, std::string_view value) {
            if (name == "score") {
                document.score = number_of(value);
            } else if (name == "id") {
                document.id =
                    value.starts_with('"') ? keep(value.substr(1, value.size() - 2)) : value;
            }
        });
        documents_.push_back(document);
    });
}

void RankingReader::read_judgements(std::string_view relevance) {
    for_each_stored_member(relevance, [this](std::string_view name, std::string_view value) {
        judgements_.push_back({.id = keep(name), .grade = number_of(value)});
    });
}

void RankingReader::index_judgements() {
    slots_.assign(std::bit_ceil(2 * judgements_.size()), 0);
    for (std::size_t i = 0; i < judgements_.size(); ++i) {
        std::size_t at = hash64(judgements_[i].id) & (slots_.size() - 1);
        while (slots_[at] != 0) {
            at = (at + 1) & (slots_.size() - 1);
        }
        slots_[at] = static_cast<std::uint32_t>(i + 1);
    }
}

RankingReader::Judgement* RankingReader::judgement_of(std::string_view id) {
    std::size_t at = hash64(id) & (slots_.size() - 1);
    for (; slots_[at] != 0; at = (at + 1) & (slots_.size() - 1)) {
        if (judgements_[slots_[at] - 1].id == id) {
            return &judgements_[slots_[at] - 1];
        }
    }
    return nullptr;
}

std::string_view RankingReader::keep(std::string_view between_quotes) {
    std::string owner;
    const std::string_view text = stored_text(between_quotes, owner);
    return text.data() == between_quotes.data() ? text : texts_.emplace_back(std::move(owner));
}

}  // namespace aiml042::query
