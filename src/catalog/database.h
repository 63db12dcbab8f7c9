// SQLite, as thin as it can be: a connection, a prepared statement, a transaction; errors as
// Status.
//
// Threads: one at a time; the catalog's mutex sees to it.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

struct sqlite3;
struct sqlite3_stmt;

namespace aiml042::catalog {

class Database;

/// A prepared statement: bind in order, then step. Reads columns by number. A failure shows in
/// step() or run().
class Statement {
  public:
    Statement(Database& database, std::string_view sql);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    // Binds the next parameter. Texts and blobs are copied.
    Statement& integer(std::int64_t value);
    Statement& integer(std::optional<std::int64_t> value);
    Statement& real(std::optional<double> value);
    Statement& text(std::string_view value);
    Statement& text(const std::optional<std::string>& value);
    Statement& blob(std::string_view value);

    /// True: a row is there. False: done. Else why not.
    Result<bool> step();
    /// Steps to the end of a statement that has no rows.
    Status run();
    /// Ready to be bound and stepped again.
    void reset();

    [[nodiscard]] std::int64_t integer_at(int column) const;
    [[nodiscard]] std::optional<std::int64_t> optional_integer_at(int column) const;
    [[nodiscard]] std::optional<double> optional_real_at(int column) const;
    [[nodiscard]] std::string text_at(int column) const;  // Also of a blob.
    [[nodiscard]] std::optional<std::string> optional_text_at(int column) const;

  private:
    void note(int result);

    Database* database_;
    sqlite3_stmt* statement_ = nullptr;
    int bound_ = 0;
    int failure_ = 0;
};

class Database {
  public:
    /// Opens or creates the file (mode 0600): WAL, synchronous=FULL, foreign keys, defensive.
    static Result<std::unique_ptr<Database>> open(const std::string& path);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    Status execute(const char* sql);
    /// First column of the first row of a pragma or query.
    Result<std::int64_t> query_integer(std::string_view sql);
    /// Rows changed by the last statement.
    [[nodiscard]] std::int64_t changes() const;
    /// Moves the WAL into the database file, so that damage in the WAL cannot take a commit back.
    Status checkpoint();

    [[nodiscard]] Status failure(int result) const;

    [[nodiscard]] sqlite3* handle() const { return handle_; }

  private:
    explicit Database(sqlite3* handle) : handle_(handle) {}

    sqlite3* handle_;
};

/// Rolls back unless committed.
class Transaction {
  public:
    explicit Transaction(Database& database);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    /// Whether it could begin.
    [[nodiscard]] const Status& status() const { return status_; }

    Status commit();

  private:
    Database* database_;
    Status status_;
    bool open_ = false;
};

}  // namespace aiml042::catalog
