// References: what drift compares with, by name and version.

#include "base/limits.h"
#include "base/log.h"
#include "catalog/catalog_state.h"

namespace aiml042::catalog {

namespace {

constexpr std::string_view kColumns =
    "id, project, deployment, name, version, created_at, source, rows, row_check";

Result<Reference> read_reference(const Statement& row) {
    Reference out{.id = row.integer_at(0),
                  .project = ProjectId{static_cast<std::uint32_t>(row.integer_at(1))},
                  .deployment = row.text_at(2),
                  .name = row.text_at(3),
                  .version = static_cast<std::uint32_t>(row.integer_at(4)),
                  .created_at = row.integer_at(5),
                  .source = row.text_at(6),
                  .rows = static_cast<std::uint64_t>(row.integer_at(7))};
    if (row_check(out) != row.integer_at(8)) {
        return Status(ErrorCode::kCorruptBlock, "a reference of the catalog is damaged");
    }
    return out;
}

std::int64_t column_check(std::int64_t reference, std::string_view name, std::string_view content) {
    return RowCheck().integer(reference).text(name).text(content).value();
}

/// Gives the next version to a reference that may be added.
Status number(Database& database, Reference& reference) {
    Statement all(database, "SELECT count(*) FROM drift_references WHERE project = ?");
    AIML_TRY(all.integer(raw(reference.project)).step().status());
    if (static_cast<std::size_t>(all.integer_at(0)) >= limits::kReferencesPerProjectMax) {
        return {ErrorCode::kCardinalityLimit,
                "the project has " + std::to_string(limits::kReferencesPerProjectMax) +
                    " references and versions of them; delete some",
                "/name"};
    }
    Statement last(database,
                   "SELECT coalesce(max(version), 0) FROM drift_references "
                   "WHERE project = ? AND deployment = ? AND name = ?");
    last.integer(raw(reference.project))
        .text(std::string_view(reference.deployment))
        .text(std::string_view(reference.name));
    AIML_TRY(last.step().status());
    reference.version = static_cast<std::uint32_t>(last.integer_at(0)) + 1;
    return Status::ok();
}

Status insert_columns(Database& database,
                      std::int64_t reference,
                      const std::vector<ReferenceColumnRow>& columns) {
    Statement insert(
        database,
        "INSERT INTO reference_columns (reference, name, content, row_check) VALUES (?, ?, ?, ?)");
    for (const ReferenceColumnRow& column : columns) {
        insert.reset();
        AIML_TRY(insert.integer(reference)
                     .text(std::string_view(column.name))
                     .blob(column.content)
                     .integer(column_check(reference, column.name, column.content))
                     .run());
    }
    return Status::ok();
}

}  // namespace

std::int64_t row_check(const Reference& reference) {  // Without its id, which the database gives.
    return RowCheck()
        .integer(raw(reference.project))
        .text(std::string_view(reference.deployment))
        .text(std::string_view(reference.name))
        .integer(reference.version)
        .integer(reference.created_at)
        .text(std::string_view(reference.source))
        .integer(static_cast<std::int64_t>(reference.rows))
        .value();
}

Result<Reference> Catalog::add_reference(Reference reference,
                                         const std::vector<ReferenceColumnRow>& columns) {
    const MutexLock lock(state_->mutex);
    Transaction transaction(*state_->database);
    AIML_TRY(transaction.status());
    AIML_TRY(number(*state_->database, reference));
    Statement insert(*state_->database,
                     "INSERT INTO drift_references (project, deployment, name, version, "
                     "created_at, source, rows, row_check) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
                     "RETURNING id");
    insert.integer(raw(reference.project))
        .text(std::string_view(reference.deployment))
        .text(std::string_view(reference.name))
        .integer(std::int64_t{reference.version})
        .integer(reference.created_at)
        .text(std::string_view(reference.source))
        .integer(static_cast<std::int64_t>(reference.rows))
        .integer(row_check(reference));
    AIML_TRY(insert.step().status());
    reference.id = insert.integer_at(0);
    AIML_TRY(insert.run());
    AIML_TRY(insert_columns(*state_->database, reference.id, columns));
    AIML_TRY(transaction.commit());
    return reference;
}

Result<std::vector<Reference>> Catalog::references(ProjectId project,
                                                   std::string_view deployment) const {
    const MutexLock lock(state_->mutex);
    Statement rows(*state_->database,
                   "SELECT " + std::string(kColumns) +
                       " FROM drift_references WHERE project = ? AND deployment = ? "
                       "ORDER BY name, version");
    rows.integer(raw(project)).text(deployment);
    std::vector<Reference> out;
    while (true) {
        AIML_ASSIGN(const bool more, rows.step());
        if (!more) {
            return out;
        }
        AIML_ASSIGN(out.emplace_back(), read_reference(rows));
    }
}

Result<std::optional<std::string>> Catalog::reference_column(std::int64_t reference,
                                                             std::string_view name) const {
    const MutexLock lock(state_->mutex);
    Statement rows(
        *state_->database,
        "SELECT content, row_check FROM reference_columns WHERE reference = ? AND name = ?");
    rows.integer(reference).text(name);
    AIML_ASSIGN(const bool found, rows.step());
    if (!found) {
        return std::optional<std::string>();
    }
    std::string content = rows.text_at(0);
    if (column_check(reference, name, content) != rows.integer_at(1)) {
        return Status(ErrorCode::kCorruptBlock, "a column of a reference is damaged");
    }
    return std::optional(std::move(content));
}

Result<std::vector<std::string>> Catalog::reference_columns(std::int64_t reference) const {
    const MutexLock lock(state_->mutex);
    Statement rows(*state_->database,
                   "SELECT name FROM reference_columns WHERE reference = ? ORDER BY name");
    rows.integer(reference);
    std::vector<std::string> out;
    while (true) {
        AIML_ASSIGN(const bool more, rows.step());
        if (!more) {
            return out;
        }
        out.push_back(rows.text_at(0));
    }
}

Result<bool> Catalog::delete_reference(ProjectId project, std::int64_t reference) {
    const MutexLock lock(state_->mutex);
    Transaction transaction(*state_->database);
    AIML_TRY(transaction.status());
    Statement drop_columns(*state_->database,
                           "DELETE FROM reference_columns WHERE reference IN (SELECT id FROM "
                           "drift_references WHERE id = ? AND project = ?)");
    AIML_TRY(drop_columns.integer(reference).integer(raw(project)).run());
    Statement drop(*state_->database, "DELETE FROM drift_references WHERE id = ? AND project = ?");
    AIML_TRY(drop.integer(reference).integer(raw(project)).run());
    const bool deleted = state_->database->changes() > 0;
    AIML_TRY(transaction.commit());
    return deleted;
}

Status Catalog::State::verify_references() {
    Statement rows(*database, "SELECT " + std::string(kColumns) + " FROM drift_references");
    Statement columns(*database,
                      "SELECT name, content, row_check FROM reference_columns WHERE reference = ?");
    while (true) {
        AIML_ASSIGN(const bool more, rows.step());
        if (!more) {
            return Status::ok();
        }
        AIML_ASSIGN(const Reference reference, read_reference(rows));
        columns.reset();
        columns.integer(reference.id);
        while (true) {
            AIML_ASSIGN(const bool another, columns.step());
            if (!another) {
                break;
            }
            if (column_check(reference.id, columns.text_at(0), columns.text_at(1)) !=
                columns.integer_at(2)) {
                return {ErrorCode::kCorruptBlock,
                        "the column " + columns.text_at(0) + " of the reference " + reference.name +
                            " is damaged"};
            }
        }
    }
}

}  // namespace aiml042::catalog
