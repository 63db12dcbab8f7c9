// The shapes of answers that routes share, for /openapi.json: one JSON schema per name, referred to
// as "#/components/schemas/<name>".

#pragma once

#include <span>
#include <string_view>

namespace aiml042::api {

struct NamedSchema {
    std::string_view name;
    std::string_view schema;  // JSON text.
};

[[nodiscard]] std::span<const NamedSchema> component_schemas();

}  // namespace aiml042::api
