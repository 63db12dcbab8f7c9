#include "query/inputs.h"

#include <algorithm>
#include <span>
#include <string>

#include <fmt/format.h>

#include "model/row.h"
#include "query/column_choice.h"
#include "query/ranking_reader.h"

namespace aiml042::query {

namespace {

using metrics::Input;
using metrics::kNoClass;

bool wants(metrics::Inputs inputs, Input bit) {
    return metrics::reads(inputs, bit);
}

bool is_identity(std::span<const std::uint32_t> map) {
    for (std::uint32_t i = 0; i < map.size(); ++i) {
        if (map[i] != i) {
            return false;
        }
    }
    return true;
}

}  // namespace

static_assert(model::kNullCode == kNoClass,
              "missing stays missing when codes are used as they are");

std::string Understanding::name() const {
    return fmt::format("{}/{}/{}/{}/{}",
                       static_cast<int>(task),
                       positive_class,
                       negative_class,
                       static_cast<int>(score_is),
                       threshold);
}

struct MetricInputs::Builder {
    BlockView& view;
    const Understanding& how;
    ClassRegistry& classes;
    MetricInputs& out;
    std::size_t n = 0;

    std::span<const double> missing() {
        out.missing_.resize(n, model::kMissing);
        return out.missing_;
    }

    Result<std::span<const double>> numbers(ColumnId id) {
        AIML_ASSIGN(const model::ColumnVector* column, view.column(id));
        if (column == nullptr || column->numbers.empty()) {
            return missing();
        }
        return std::span(column->numbers).first(n);
    }

    Result<const model::ColumnVector*> strings(ColumnId id) {
        AIML_ASSIGN(const model::ColumnVector* column, view.column(id));
        return column != nullptr && column->codes.size() >= n ? column : nullptr;
    }

    Status failed() {
        AIML_ASSIGN(const model::ColumnVector* column, strings(model::builtin::kErrorCode));
        out.failed_.assign(n, 0);
        for (std::size_t i = 0; column != nullptr && i < n; ++i) {
            out.failed_[i] = column->codes[i] != model::kNullCode ? 1 : 0;
        }
        out.rows_.failed = out.failed_;
        return Status::ok();
    }

    Status label_delay(const model::LabelColumns& labels, std::span<const Timestamp> timestamps) {
        out.delay_.resize(n);
        for (std::size_t i = 0; i < n; ++i) {
            out.delay_[i] = labels.labelled[i] != 0
                                ? static_cast<double>(labels.label_ts[i] - timestamps[i]) / 1e6
                                : model::kMissing;
        }
        out.rows_.label_delay_s = out.delay_;
        return Status::ok();
    }

    /// Codes of a block as codes of the deployment; as they are where they agree.
    static std::span<const std::uint32_t> translate(std::span<const std::uint32_t> codes,
                                                    std::span<const std::uint32_t> map,
                                                    std::vector<std::uint32_t>& owner) {
        if (is_identity(map)) {
            return codes;
        }
        owner.resize(codes.size());
        for (std::size_t i = 0; i < codes.size(); ++i) {
            owner[i] = codes[i] < map.size() ? map[codes[i]] : kNoClass;
        }
        return owner;
    }

    /// Classes of labels; a label that is a number only names its class by the number's text.
    Status label_class(const model::LabelColumns& labels) {
        AIML_ASSIGN(const std::vector<std::uint32_t> map, classes.codes(labels.classes));
        const auto codes = std::span(labels.class_codes).first(n);
        out.rows_.label_class = translate(codes, map, out.label_class_);
        if (!how.classifies() || labels.labelled_count == 0) {
            return Status::ok();
        }
        double last = model::kMissing;
        std::uint32_t last_code = kNoClass;
        for (std::size_t i = 0; i < n; ++i) {
            if (codes[i] != model::kNullCode || labels.values[i] != labels.values[i]) {
                continue;
            }
            if (out.label_class_.empty()) {
                out.label_class_.assign(codes.begin(), codes.end());
                out.rows_.label_class = out.label_class_;
            }
            if (labels.values[i] != last) {
                last = labels.values[i];
                AIML_ASSIGN(last_code, classes.code(fmt::format("{}", last)));
            }
            out.label_class_[i] = last_code;
        }
        return Status::ok();
    }

    /// The class as sent, in codes of the deployment; empty when the block has none.
    Result<std::span<const std::uint32_t>> sent_class(std::vector<std::uint32_t>& owner) {
        AIML_ASSIGN(const model::ColumnVector* column, strings(model::builtin::kPredictedClass));
        if (column == nullptr) {
            return std::span<const std::uint32_t>();
        }
        AIML_ASSIGN(const std::vector<std::uint32_t> map, classes.codes(column->strings));
        return translate(std::span(column->codes).first(n), map, owner);
    }

    Status score() {
        AIML_ASSIGN(std::span<const double> sent, numbers(model::builtin::kScore));
        if (how.score_is == model::ScoreIs::kPredictedClass) {
            AIML_TRY(turn_score(sent));
            sent = out.score_;
        }
        if (how.positive_score_column.has_value()) {
            AIML_ASSIGN(const std::span<const double> other, numbers(*how.positive_score_column));
            if (sent.data() == out.missing_.data()) {
                sent = other;
            } else {
                std::vector<double> both(sent.begin(), sent.end());
                for (std::size_t i = 0; i < n; ++i) {
                    both[i] = both[i] == both[i] ? both[i] : other[i];
                }
                out.score_ = std::move(both);
                sent = out.score_;
            }
        }
        out.rows_.score = sent;
        return Status::ok();
    }

    /// Scores of the predicted class become scores of the positive class.
    Status turn_score(std::span<const double> sent) {
        std::vector<std::uint32_t> owner;
        AIML_ASSIGN(const std::span<const std::uint32_t> predicted, sent_class(owner));
        out.score_.assign(sent.begin(), sent.end());
        for (std::size_t i = 0; i < n && !predicted.empty(); ++i) {
            if (predicted[i] != kNoClass && predicted[i] != how.positive_class) {
                out.score_[i] = 1.0 - out.score_[i];
            }
        }
        return Status::ok();
    }

    Status predicted_class() {
        AIML_ASSIGN(std::span<const std::uint32_t> sent, sent_class(out.predicted_class_));
        const bool from_score = how.positive_class != kNoClass;
        const bool from_top = !from_score && !how.class_scores.empty();
        const bool complete = !sent.empty() && std::ranges::find(sent, kNoClass) == sent.end();
        if (complete || (!from_score && !from_top)) {
            out.predicted_class_.resize(sent.empty() ? n : out.predicted_class_.size(), kNoClass);
            out.rows_.predicted_class =
                sent.empty() ? std::span<const std::uint32_t>(out.predicted_class_) : sent;
            return Status::ok();
        }
        if (out.predicted_class_.empty()) {
            out.predicted_class_.assign(sent.begin(), sent.end());
            out.predicted_class_.resize(n, kNoClass);
        }
        return from_score ? class_from_score() : class_from_top();
    }

    Status class_from_score() {
        if (out.rows_.score.empty()) {
            AIML_TRY(score());
        }
        for (std::size_t i = 0; i < n; ++i) {
            const double s = out.rows_.score[i];
            if (out.predicted_class_[i] == kNoClass && s == s) {
                out.predicted_class_[i] =
                    s >= how.threshold ? how.positive_class : how.negative_class;
            }
        }
        out.rows_.predicted_class = out.predicted_class_;
        return Status::ok();
    }

    Status class_from_top() {
        if (out.top_class_.empty()) {
            AIML_TRY(class_scores());
        }
        for (std::size_t i = 0; i < n; ++i) {
            if (out.predicted_class_[i] == kNoClass) {
                out.predicted_class_[i] = out.top_class_[i];
            }
        }
        out.rows_.predicted_class = out.predicted_class_;
        return Status::ok();
    }

    Status predicted_value() {
        AIML_ASSIGN(const std::span<const double> sent, numbers(model::builtin::kPredictedValue));
        out.rows_.predicted_value = sent;
        if (how.median_column.has_value()) {
            AIML_ASSIGN(const std::span<const double> median, numbers(*how.median_column));
            out.predicted_value_.assign(sent.begin(), sent.end());
            for (std::size_t i = 0; i < n; ++i) {
                const double v = out.predicted_value_[i];
                out.predicted_value_[i] = v == v ? v : median[i];
            }
            out.rows_.predicted_value = out.predicted_value_;
        }
        return Status::ok();
    }

    /// What the scores of all classes say of the label. A class without a score counts as scored 0.
    Status class_scores() {
        AIML_ASSIGN(const model::LabelColumns* labels, view.labels());
        if (out.rows_.label_class.empty()) {
            AIML_TRY(label_class(*labels));
        }
        const std::span<const std::uint32_t> label = out.rows_.label_class;
        out.label_class_score_.assign(n, model::kMissing);
        out.top_score_.assign(n, model::kMissing);
        out.top_class_.assign(n, kNoClass);
        out.square_error_.assign(n, model::kMissing);
        for (const Understanding::ScoreColumn& column : how.class_scores) {
            AIML_ASSIGN(const std::span<const double> scores, numbers(column.id));
            add_scores(scores, column.class_code, label);
        }
        for (std::size_t i = 0; i < n; ++i) {
            const double own = out.label_class_score_[i];
            if (label[i] == kNoClass) {
                out.square_error_[i] = model::kMissing;
            } else if (own != own) {
                out.square_error_[i] += 1.0;  // Stays missing where the row has no score at all.
            }
        }
        out.rows_.label_class_score = out.label_class_score_;
        out.rows_.top_score = out.top_score_;
        out.rows_.top_class = out.top_class_;
        out.rows_.class_square_error = out.square_error_;
        return Status::ok();
    }

    Status class_columns() {
        for (const Understanding::ScoreColumn& column : how.class_scores) {
            AIML_ASSIGN(const std::span<const double> scores, numbers(column.id));
            out.class_columns_.push_back({column.class_code, scores});
        }
        out.rows_.class_scores = out.class_columns_;
        return Status::ok();
    }

    Status quantiles() {
        for (const Understanding::QuantileColumn& column : how.quantiles) {
            AIML_ASSIGN(const std::span<const double> values, numbers(column.id));
            out.quantiles_.push_back({column.quantile, values});
        }
        out.rows_.quantiles = out.quantiles_;
        return Status::ok();
    }

    /// Rankings joined with their judgements; rows without a label are not read.
    Status rankings(std::span<const std::uint32_t> selection) {
        out.rankings_.resize(n);
        out.rows_.rankings = out.rankings_;
        AIML_ASSIGN(const model::LabelColumns* labels, view.labels());
        AIML_ASSIGN(const model::ColumnVector* events, strings(model::builtin::kRemainder));
        if (labels->labelled_count == 0 || events == nullptr) {
            return Status::ok();
        }
        AIML_ASSIGN(const model::ColumnVector* judgements, view.label_remainders());
        const auto text_at = [](const model::ColumnVector& column, std::uint32_t row) {
            const std::uint32_t code = column.codes[row];
            return code == model::kNullCode ? std::string_view() : column.strings.at(code);
        };
        RankingReader reader;
        std::vector<std::pair<std::uint32_t, std::size_t>> begins;  // Of the grades of a row.
        for (const std::uint32_t row : selection) {
            if (!reader.read(text_at(*events, row), text_at(*judgements, row))) {
                continue;
            }
            begins.emplace_back(row, out.grades_.size());
            out.grades_.insert(out.grades_.end(), reader.ranked().begin(), reader.ranked().end());
            out.grades_.insert(out.grades_.end(), reader.judged().begin(), reader.judged().end());
            metrics::Rows::Ranking& ranking = out.rankings_[row];
            ranking.counts = true;
            ranking.length = reader.length();
            // Lengths now, places once all grades are where they stay.
            ranking.ranked = std::span<const double>(reader.ranked());
            ranking.judged = std::span<const double>(reader.judged());
        }
        for (const auto& [row, begin] : begins) {
            metrics::Rows::Ranking& ranking = out.rankings_[row];
            const auto grades = std::span<const double>(out.grades_).subspan(begin);
            const std::size_t ranked = ranking.ranked.size();
            ranking.judged = grades.subspan(ranked, ranking.judged.size());
            ranking.ranked = grades.first(ranked);
        }
        return Status::ok();
    }

    /// What the query chose as its column.
    Status column(const ColumnChoice& choice) {
        using Source = ColumnChoice::Source;
        switch (choice.source) {
            case Source::kField: {
                AIML_ASSIGN(auto values, read_field(choice.field, view, *choice.texts));
                out.column_numbers_ = std::move(values.numbers);
                out.column_codes_ = std::move(values.codes);
                out.rows_.column_number = out.column_numbers_;
                out.rows_.column_class = out.column_codes_;
                return Status::ok();
            }
            case Source::kScore:
                AIML_TRY(score());
                out.rows_.column_number = out.rows_.score;
                return Status::ok();
            case Source::kPredictedClass:
                AIML_TRY(predicted_class());
                out.rows_.column_class = out.rows_.predicted_class;
                return Status::ok();
            case Source::kPredictedValue:
                AIML_TRY(predicted_value());
                out.rows_.column_number = out.rows_.predicted_value;
                return Status::ok();
            case Source::kLabel:
                return label_column();
            case Source::kGroups: {
                AIML_ASSIGN(out.column_codes_, read_groups(choice, view));
                out.rows_.column_class = out.column_codes_;
                return Status::ok();
            }
        }
        return Status::ok();
    }

    Status label_column() {
        AIML_ASSIGN(const model::LabelColumns* labels, view.labels());
        if (how.classifies()) {
            AIML_TRY(label_class(*labels));
            out.rows_.column_class = out.rows_.label_class;
        } else {
            out.rows_.column_number = std::span(labels->values).first(n);
        }
        return Status::ok();
    }

    void add_scores(std::span<const double> scores,
                    std::uint32_t code,
                    std::span<const std::uint32_t> label) {
        for (std::size_t i = 0; i < n; ++i) {
            const double s = scores[i];
            if (s != s) {
                continue;
            }
            if (!(s <= out.top_score_[i])) {
                out.top_score_[i] = s;
                out.top_class_[i] = code;
            }
            const double error = s - (label[i] == code ? 1.0 : 0.0);
            const double sum = out.square_error_[i];
            out.square_error_[i] = (sum == sum ? sum : 0.0) + error * error;
            if (label[i] == code) {
                out.label_class_score_[i] = s;
            }
        }
    }
};

Result<MetricInputs> MetricInputs::make(BlockView& view,
                                        const Understanding& understanding,
                                        ClassRegistry& classes,
                                        metrics::Inputs wanted,
                                        std::span<const std::uint32_t> selection,
                                        const ColumnChoice* column) {
    MetricInputs inputs;
    Builder build{view, understanding, classes, inputs, view.rows()};
    AIML_ASSIGN(inputs.rows_.timestamp, view.timestamps());
    if (wants(wanted, Input::kLatency)) {
        AIML_ASSIGN(inputs.rows_.latency_ms, build.numbers(model::builtin::kLatencyMs));
    }
    if (wants(wanted, Input::kFailed)) {
        AIML_TRY(build.failed());
    }
    constexpr auto kLabelInputs = static_cast<metrics::Inputs>(Input::kLabelled) |
                                  static_cast<metrics::Inputs>(Input::kLabelDelay) |
                                  static_cast<metrics::Inputs>(Input::kLabelClass) |
                                  static_cast<metrics::Inputs>(Input::kLabelValue);
    if ((wanted & kLabelInputs) != 0) {
        AIML_ASSIGN(const model::LabelColumns* labels, view.labels());
        inputs.rows_.labelled = std::span(labels->labelled).first(build.n);
        inputs.rows_.label_value = std::span(labels->values).first(build.n);
        if (wants(wanted, Input::kLabelDelay)) {
            AIML_TRY(build.label_delay(*labels, inputs.rows_.timestamp));
        }
        if (wants(wanted, Input::kLabelClass)) {
            AIML_TRY(build.label_class(*labels));
        }
    }
    if (wants(wanted, Input::kScore)) {
        AIML_TRY(build.score());
    }
    if (wants(wanted, Input::kClassScores)) {
        AIML_TRY(build.class_scores());
    }
    if (wants(wanted, Input::kClassColumns)) {
        AIML_TRY(build.class_columns());
    }
    if (wants(wanted, Input::kPredictedClass)) {
        AIML_TRY(build.predicted_class());
    }
    if (wants(wanted, Input::kPredictedValue)) {
        AIML_TRY(build.predicted_value());
    }
    if (wants(wanted, Input::kQuantiles)) {
        AIML_TRY(build.quantiles());
    }
    if (wants(wanted, Input::kRankings)) {
        AIML_TRY(build.rankings(selection));
    }
    if (wants(wanted, Input::kColumn) && column != nullptr) {
        AIML_TRY(build.column(*column));
    }
    return inputs;
}

}  // namespace aiml042::query
