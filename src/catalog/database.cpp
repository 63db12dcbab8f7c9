#include "catalog/database.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

namespace aiml042::catalog {

// --- Statement ---------------------------------------------------------------------------------

Statement::Statement(Database& database, std::string_view sql) : database_(&database) {
    note(sqlite3_prepare_v2(
        database.handle(), sql.data(), static_cast<int>(sql.size()), &statement_, nullptr));
}

Statement::~Statement() {
    sqlite3_finalize(statement_);
}

void Statement::note(int result) {
    if (result != SQLITE_OK && failure_ == SQLITE_OK) {
        failure_ = result;
    }
}

Statement& Statement::integer(std::int64_t value) {
    note(sqlite3_bind_int64(statement_, ++bound_, value));
    return *this;
}

Statement& Statement::integer(std::optional<std::int64_t> value) {
    if (value) {
        return integer(*value);
    }
    note(sqlite3_bind_null(statement_, ++bound_));
    return *this;
}

Statement& Statement::real(std::optional<double> value) {
    ++bound_;
    note(value ? sqlite3_bind_double(statement_, bound_, *value)
               : sqlite3_bind_null(statement_, bound_));
    return *this;
}

Statement& Statement::text(std::string_view value) {
    // Not from data() alone: an empty view may have none, which would bind NULL.
    const char* bytes = value.empty() ? "" : value.data();
    note(sqlite3_bind_text64(
        statement_, ++bound_, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
    return *this;
}

Statement& Statement::text(const std::optional<std::string>& value) {
    if (value) {
        return text(std::string_view(*value));
    }
    note(sqlite3_bind_null(statement_, ++bound_));
    return *this;
}

Statement& Statement::blob(std::string_view value) {
    const char* bytes = value.empty() ? "" : value.data();
    note(sqlite3_bind_blob64(statement_, ++bound_, bytes, value.size(), SQLITE_TRANSIENT));
    return *this;
}

Result<bool> Statement::step() {
    if (failure_ != SQLITE_OK) {
        return database_->failure(failure_);
    }
    const int result = sqlite3_step(statement_);
    if (result == SQLITE_ROW) {
        return true;
    }
    if (result == SQLITE_DONE) {
        return false;
    }
    return database_->failure(result);
}

Status Statement::run() {
    return step().status();
}

void Statement::reset() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    bound_ = 0;
}

std::int64_t Statement::integer_at(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::optional<std::int64_t> Statement::optional_integer_at(int column) const {
    if (sqlite3_column_type(statement_, column) == SQLITE_NULL) {
        return std::nullopt;
    }
    return sqlite3_column_int64(statement_, column);
}

std::optional<double> Statement::optional_real_at(int column) const {
    if (sqlite3_column_type(statement_, column) == SQLITE_NULL) {
        return std::nullopt;
    }
    return sqlite3_column_double(statement_, column);
}

std::string Statement::text_at(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return bytes == nullptr ? std::string() : std::string(bytes, size);
}

std::optional<std::string> Statement::optional_text_at(int column) const {
    if (sqlite3_column_type(statement_, column) == SQLITE_NULL) {
        return std::nullopt;
    }
    return text_at(column);
}

// --- Database ----------------------------------------------------------------------------------

Result<std::unique_ptr<Database>> Database::open(const std::string& path) {
    // Made by hand first, for the mode: SQLite gives its -wal and -shm files the mode of the
    // database.
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        return Status(
            ErrorCode::kStorageFailed,
            "cannot open " + path + ": " + std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
    }
    ::close(file);
    sqlite3* handle = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    const int result = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
    std::unique_ptr<Database> database(
        new Database(handle));  // NOLINT: the constructor is private.
    if (result != SQLITE_OK) {
        return database->failure(result).with_context(path);
    }
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, 5'000);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    const Status set = database->execute(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA "
        "trusted_schema=OFF;"
        "PRAGMA cell_size_check=ON; PRAGMA secure_delete=ON; PRAGMA wal_autocheckpoint=1000;");
    if (!set.is_ok()) {
        return Status(set).with_context(path);
    }
    return database;
}

Database::~Database() {
    sqlite3_close_v2(handle_);
}

Status Database::failure(int result) const {
    const int kind = result & 0xFF;
    const std::string detail =
        std::string("catalog: ") + sqlite3_errstr(result) + ": " + sqlite3_errmsg(handle_);
    switch (kind) {
        case SQLITE_CONSTRAINT:
            return {ErrorCode::kConflict, detail};
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return {ErrorCode::kCorruptBlock, detail};
        case SQLITE_FULL:
            return {ErrorCode::kDiskFull, detail};
        default:
            return {ErrorCode::kStorageFailed, detail};
    }
}

Status Database::execute(const char* sql) {
    const int result = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    return result == SQLITE_OK ? Status::ok() : failure(result);
}

Result<std::int64_t> Database::query_integer(std::string_view sql) {
    Statement statement(*this, sql);
    AIML_ASSIGN(const bool row, statement.step());
    return row ? statement.integer_at(0) : std::int64_t{0};
}

std::int64_t Database::changes() const {
    return sqlite3_changes64(handle_);
}

Status Database::checkpoint() {
    const int result =
        sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    return result == SQLITE_OK ? Status::ok() : failure(result);
}

// --- Transaction -------------------------------------------------------------------------------

Transaction::Transaction(Database& database)
    : database_(&database), status_(database.execute("BEGIN IMMEDIATE")) {
    open_ = status_.is_ok();
}

Transaction::~Transaction() {
    if (open_) {
        static_cast<void>(database_->execute("ROLLBACK"));
    }
}

Status Transaction::commit() {
    Status committed = database_->execute("COMMIT");
    open_ = !committed.is_ok();
    return committed;
}

}  // namespace aiml042::catalog
