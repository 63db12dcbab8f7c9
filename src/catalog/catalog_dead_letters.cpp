// Dead letters: items that were not taken, kept to be looked at and sent again.

#include <algorithm>

#include "base/limits.h"
#include "catalog/catalog_state.h"

namespace aiml042::catalog {

namespace {

Status insert_letter(Statement& insert, const DeadLetter& letter) {
    insert.reset();
    insert.integer(raw(letter.project))
        .integer(letter.received_at)
        .text(std::string_view(letter.kind))
        .text(std::string_view(letter.code))
        .text(std::string_view(letter.detail))
        .text(std::string_view(letter.pointer))
        .blob(letter.item)
        .integer(letter.replayed ? 1 : 0)
        .integer(row_check(letter));
    return insert.run();
}

/// Deletes the oldest of a project beyond the bound. Returns how many it has then.
Result<std::uint64_t> trim(Database& database, std::uint32_t project, std::uint64_t count) {
    if (count <= Catalog::kDeadLettersMax) {
        return count;
    }
    Statement drop(database,
                   "DELETE FROM dead_letters WHERE id IN "
                   "(SELECT id FROM dead_letters WHERE project = ? ORDER BY id LIMIT ?)");
    AIML_TRY(drop.integer(project)
                 .integer(static_cast<std::int64_t>(count - Catalog::kDeadLettersMax))
                 .run());
    return std::uint64_t{Catalog::kDeadLettersMax};
}

}  // namespace

Status Catalog::State::load_dead_letter_counts() {
    Statement rows(*database, "SELECT project, count(*) FROM dead_letters GROUP BY project");
    while (true) {
        AIML_ASSIGN(const bool more, rows.step());
        if (!more) {
            return Status::ok();
        }
        dead_letters[static_cast<std::uint32_t>(rows.integer_at(0))] =
            static_cast<std::uint64_t>(rows.integer_at(1));
    }
}

Status Catalog::add_dead_letters(const std::vector<DeadLetter>& letters) {
    if (letters.empty()) {
        return Status::ok();
    }
    const MutexLock lock(state_->mutex);
    std::map<std::uint32_t, std::uint64_t> counts;
    {
        const ReadLock memory(state_->memory_mutex);
        counts = state_->dead_letters;
    }
    Transaction transaction(*state_->database);
    AIML_TRY(transaction.status());
    Statement insert(*state_->database,
                     "INSERT INTO dead_letters (project, received_at, kind, code, detail, pointer, "
                     "item, replayed, "
                     "row_check) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (const DeadLetter& letter : letters) {
        if (letter.item.size() <= limits::kDeadLetterItemBytesMax) {
            AIML_TRY(insert_letter(insert, letter));
        } else {
            DeadLetter cut = letter;
            cut.item.resize(limits::kDeadLetterItemBytesMax);
            AIML_TRY(insert_letter(insert, cut));
        }
        ++counts[raw(letter.project)];
    }
    for (auto& [project, count] : counts) {
        AIML_ASSIGN(count, trim(*state_->database, project, count));
    }
    AIML_TRY(transaction.commit());
    const WriteLock memory(state_->memory_mutex);
    state_->dead_letters = std::move(counts);
    return Status::ok();
}

Result<std::vector<DeadLetter>> Catalog::dead_letters(ProjectId project,
                                                      std::int64_t before,
                                                      std::uint32_t limit) const {
    const MutexLock lock(state_->mutex);
    const std::string sql =
        "SELECT " + std::string(kDeadLetterColumns) +
        " FROM dead_letters WHERE project = ? AND id < ? ORDER BY id DESC LIMIT ?";
    Statement rows(*state_->database, sql);
    rows.integer(raw(project)).integer(before == 0 ? INT64_MAX : before).integer(limit);
    std::vector<DeadLetter> letters;
    while (true) {
        AIML_ASSIGN(const bool more, rows.step());
        if (!more) {
            return letters;
        }
        letters.push_back(read_dead_letter(rows));
    }
}

Result<std::optional<DeadLetter>> Catalog::dead_letter(ProjectId project, std::int64_t id) const {
    const MutexLock lock(state_->mutex);
    const std::string sql = "SELECT " + std::string(kDeadLetterColumns) +
                            " FROM dead_letters WHERE project = ? AND id = ?";
    Statement row(*state_->database, sql);
    AIML_ASSIGN(const bool found, row.integer(raw(project)).integer(id).step());
    return found ? std::optional<DeadLetter>(read_dead_letter(row)) : std::nullopt;
}

Status Catalog::mark_replayed(ProjectId project, std::int64_t id) {
    AIML_ASSIGN(std::optional<DeadLetter> letter, dead_letter(project, id));
    if (!letter) {
        return {ErrorCode::kNotFound, "there is no such dead letter"};
    }
    letter->replayed = true;
    const MutexLock lock(state_->mutex);
    Statement update(
        *state_->database,
        "UPDATE dead_letters SET replayed = 1, row_check = ? WHERE project = ? AND id = ?");
    return update.integer(row_check(*letter)).integer(raw(project)).integer(id).run();
}

Status Catalog::delete_dead_letter(ProjectId project, std::int64_t id) {
    const MutexLock lock(state_->mutex);
    Statement remove(*state_->database, "DELETE FROM dead_letters WHERE project = ? AND id = ?");
    AIML_TRY(remove.integer(raw(project)).integer(id).run());
    if (state_->database->changes() == 0) {
        return {ErrorCode::kNotFound, "there is no such dead letter"};
    }
    const WriteLock memory(state_->memory_mutex);
    --state_->dead_letters[raw(project)];
    return Status::ok();
}

std::uint64_t Catalog::dead_letter_count(ProjectId project) const {
    const ReadLock memory(state_->memory_mutex);
    const auto found = state_->dead_letters.find(raw(project));
    return found == state_->dead_letters.end() ? 0 : found->second;
}

// --- Verify ------------------------------------------------------------------------------------

Status Catalog::verify() const {
    const MutexLock lock(state_->mutex);
    Statement check(*state_->database, "PRAGMA integrity_check(10)");
    AIML_ASSIGN(const bool row, check.step());
    if (row && check.text_at(0) != "ok") {
        return {ErrorCode::kCorruptBlock, "catalog: " + check.text_at(0)};
    }
    // A second reading of every row: what load() tolerates is an error here.
    State fresh;
    fresh.database = std::move(state_->database);
    const Status loaded = [&fresh] {
        const WriteLock memory(fresh.memory_mutex);
        return fresh.load();
    }();
    std::uint64_t stored = 0;
    Status letters = Status::ok();
    const std::string sql = "SELECT " + std::string(kDeadLetterColumns) + " FROM dead_letters";
    {
        Statement rows(*fresh.database, sql);
        while (true) {
            const Result<bool> more = rows.step();
            if (!more.is_ok() || !*more) {
                letters = more.status();
                break;
            }
            ++stored;
            if (row_check(read_dead_letter(rows)) != rows.integer_at(9)) {
                letters = Status(
                    ErrorCode::kCorruptBlock,
                    "catalog: dead letter " + std::to_string(rows.integer_at(0)) + " is damaged");
                break;
            }
        }
    }
    state_->database = std::move(fresh.database);
    AIML_TRY(loaded);
    if (fresh.damaged_rows > 0) {
        return {ErrorCode::kCorruptBlock,
                "catalog: " + std::to_string(fresh.damaged_rows) +
                    " rows are damaged (the log names them)"};
    }
    AIML_TRY(letters);
    return state_->verify_references();
}

}  // namespace aiml042::catalog
