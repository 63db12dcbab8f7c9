#include <bit>

#include "catalog/catalog_state.h"

namespace aiml042::catalog {

RowCheck& RowCheck::integer(std::optional<std::int64_t> value) {
    ByteWriter writer(bytes_);
    writer.u8(value ? 'i' : 'n');
    writer.fixed(value.value_or(0));
    return *this;
}

RowCheck& RowCheck::real(std::optional<double> value) {
    ByteWriter writer(bytes_);
    writer.u8(value ? 'r' : 'n');
    writer.fixed(std::bit_cast<std::uint64_t>(value.value_or(0.0)));
    return *this;
}

RowCheck& RowCheck::text(std::string_view value) {
    ByteWriter writer(bytes_);
    writer.u8('t');
    writer.string(value);
    return *this;
}

RowCheck& RowCheck::text(const std::optional<std::string>& value) {
    return value ? text(std::string_view(*value)) : integer(std::nullopt);
}

std::int64_t row_check(const Project& project) {
    return RowCheck()
        .integer(raw(project.id))
        .text(std::string_view(project.public_id))
        .text(std::string_view(project.name))
        .integer(project.created_at)
        .value();
}

std::int64_t row_check(const ApiKey& key) {
    return RowCheck()
        .text(std::string_view(key.key_id))
        .integer(raw(key.project))
        .text(std::string_view(key.name))
        .integer(key.scopes)
        .text(std::string_view(key.prefix))
        .text(std::string_view(key.hash))
        .integer(key.created_at)
        .integer(key.expires_at)
        .integer(key.revoked ? 1 : 0)
        .value();
}

std::int64_t row_check(ProjectId project,
                       std::string_view deployment,
                       const model::DeploymentSettings& settings) {
    return RowCheck()
        .integer(raw(project))
        .text(deployment)
        .integer(settings.task_type
                     ? std::optional<std::int64_t>(static_cast<std::int64_t>(*settings.task_type))
                     : std::nullopt)
        .text(settings.positive_class)
        .real(settings.threshold)
        .text(std::string_view(pack_strings(settings.cohort_keys)))
        .integer(static_cast<std::int64_t>(settings.score_is))
        .value();
}

std::int64_t row_check(ProjectId project, const Retention& retention) {
    const auto signed_bytes =
        retention.bytes ? std::optional<std::int64_t>(static_cast<std::int64_t>(*retention.bytes))
                        : std::nullopt;
    return RowCheck().integer(raw(project)).integer(retention.days).integer(signed_bytes).value();
}

std::int64_t row_check(const DeadLetter& letter) {  // Without its id, which the database gives.
    return RowCheck()
        .integer(raw(letter.project))
        .integer(letter.received_at)
        .text(std::string_view(letter.kind))
        .text(std::string_view(letter.code))
        .text(std::string_view(letter.detail))
        .text(std::string_view(letter.pointer))
        .text(std::string_view(letter.item))
        .integer(letter.replayed ? 1 : 0)
        .value();
}

std::string pack_strings(const std::vector<std::string>& strings) {
    std::string packed;
    ByteWriter writer(packed);
    for (const std::string& text : strings) {
        writer.string(text);
    }
    return packed;
}

std::vector<std::string> unpack_strings(ByteView packed) {
    std::vector<std::string> strings;
    ByteReader reader(packed);
    while (!reader.done()) {
        strings.emplace_back(reader.string());
    }
    if (!reader.ok()) {
        strings.pop_back();
    }
    return strings;
}

DeadLetter read_dead_letter(const Statement& row) {
    return {.id = row.integer_at(0),
            .project = ProjectId{static_cast<std::uint32_t>(row.integer_at(1))},
            .received_at = row.integer_at(2),
            .kind = row.text_at(3),
            .code = row.text_at(4),
            .detail = row.text_at(5),
            .pointer = row.text_at(6),
            .item = row.text_at(7),
            .replayed = row.integer_at(8) != 0};
}

}  // namespace aiml042::catalog
