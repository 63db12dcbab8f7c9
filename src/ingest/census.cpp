#include "ingest/census.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "base/limits.h"
#include "codec/json_walker.h"

namespace aiml042::ingest {

namespace {

std::string_view field_of(model::ColumnKind kind) {
    switch (kind) {
        case model::ColumnKind::kMetadata:
            return "/metadata";
        case model::ColumnKind::kClassScore:
            return "/prediction/scores";
        case model::ColumnKind::kQuantile:
            return "/prediction/quantiles";
        case model::ColumnKind::kAttribution:
            return "/attributions";
        case model::ColumnKind::kFeature:
        case model::ColumnKind::kBuiltin:
            break;
    }
    return "/features";
}

bool contains(const std::vector<std::uint64_t>& sorted, std::uint64_t value) {
    return std::ranges::binary_search(sorted, value);
}

void insert(std::vector<std::uint64_t>& sorted, std::uint64_t value) {
    const auto at = std::ranges::lower_bound(sorted, value);
    if (at == sorted.end() || *at != value) {
        sorted.insert(at, value);
    }
}

}  // namespace

std::uint64_t Census::hash_of(model::ColumnKind kind,
                              model::ValueType type,
                              std::string_view name) const {
    const std::uint64_t what = static_cast<std::uint64_t>(kind) << 8 | static_cast<unsigned>(type);
    return hash64(name, seed_ ^ what);
}

Census::Project& Census::project(ProjectId id) {
    const auto [at, fresh] = projects_.try_emplace(id);
    if (fresh) {
        for (const KnownDeployment& one : stored_(id)) {
            std::vector<std::uint64_t>& columns = at->second[one.name].columns;
            for (const model::ColumnKey& key : one.columns) {
                columns.push_back(hash_of(key.kind, key.type, key.name));
            }
            std::ranges::sort(columns);
        }
    }
    return at->second;
}

/// Whether the batch brings nothing new, as far as its tables tell.
bool Census::admit_all(const Project& known) {
    return std::ranges::all_of(reader_.deployments(), [&, table = table_](std::string_view name) {
        const auto at = known.find(name);
        return at != known.end() &&
               std::ranges::find(at->second.tables, table) != at->second.tables.end();
    });
}

/// Takes the names of row_, or none of them.
Status Census::admit_row(Project& known) {
    auto at = known.find(row_.deployment);
    if (at == known.end() && known.size() >= limits::kDeploymentsPerProjectMax) {
        return {ErrorCode::kCardinalityLimit,
                "the project has " + std::to_string(limits::kDeploymentsPerProjectMax) +
                    " deployments, which is the most it may have",
                "/deployment_id"};
    }
    const std::vector<std::uint64_t> none;
    const std::vector<std::uint64_t>& columns = at == known.end() ? none : at->second.columns;
    fresh_.clear();
    for (const model::FieldView& field : row_.fields) {
        const std::uint64_t hash = hashes_[field.name_index];
        if (contains(columns, hash)) {
            continue;
        }
        if (columns.size() + fresh_.size() >= limits::kColumnsPerDeploymentMax) {
            std::string pointer(field_of(field.kind));
            codec::append_pointer(pointer, field.name);
            return {ErrorCode::kCardinalityLimit,
                    "the deployment has " + std::to_string(limits::kColumnsPerDeploymentMax) +
                        " names of features, metadata, classes and quantiles (one that comes with "
                        "two types counts twice), which is the most it may have",
                    std::move(pointer)};
        }
        fresh_.push_back(hash);
    }
    if (at == known.end()) {
        at = known.try_emplace(std::string(row_.deployment)).first;
    }
    for (const std::uint64_t hash : fresh_) {
        insert(at->second.columns, hash);
    }
    return {};
}

void Census::remember_table(Project& known) {
    for (const std::string_view name : reader_.deployments()) {
        const auto at = known.find(name);
        if (at == known.end()) {
            continue;  // All its items were refused.
        }
        Deployment& deployment = at->second;
        if (std::ranges::find(deployment.tables, table_) == deployment.tables.end() &&
            std::ranges::all_of(
                hashes_, [&](std::uint64_t hash) { return contains(deployment.columns, hash); })) {
            deployment.tables[deployment.next_table++ % deployment.tables.size()] = table_;
        }
    }
}

void Census::admit(std::string_view body, codec::ParsedBatch& batch) {
    const MutexLock lock(mutex_);
    AIML_CHECK(reader_.read(batch.head).is_ok());
    table_ = hash64(reader_.column_table(), seed_);
    Project& known = project(reader_.project());
    if (admit_all(known)) [[likely]] {
        return;
    }
    hashes_.clear();
    for (const model::FieldView& column : reader_.columns()) {
        hashes_.push_back(hash_of(column.kind, column.type, column.name));
    }
    const std::string payload = batch.head + batch.rows;
    AIML_CHECK(reader_.read(payload).is_ok());
    codec::ParsedBatch kept;
    std::vector<codec::Rejection> refused;
    for (codec::RowExtent extent : batch.extents) {
        AIML_CHECK(reader_.next(row_));
        if (Status status = admit_row(known); !status.is_ok()) {
            const std::string_view text = body.substr(extent.text_offset, extent.text_length);
            refused.push_back({extent.index, std::move(status), codec::kept_text(text)});
            continue;
        }
        const std::string_view row =
            std::string_view(batch.rows).substr(extent.offset, extent.length);
        extent.offset = static_cast<std::uint32_t>(kept.rows.size());
        kept.rows += row;
        kept.extents.push_back(extent);
    }
    remember_table(known);
    if (refused.empty()) {
        return;
    }
    batch.rows.swap(kept.rows);
    batch.extents.swap(kept.extents);
    std::ranges::move(refused, std::back_inserter(batch.rejected));
    std::ranges::stable_sort(batch.rejected, {}, &codec::Rejection::index);
}

}  // namespace aiml042::ingest
