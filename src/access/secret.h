// Secrets as text, and what is stored of them.
//
// Keys have 190 bits of randomness, so one SHA-256 is enough: there is nothing to guess that a slow hash would protect.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "catalog/catalog.h"

namespace aiml042::access {

inline constexpr std::string_view kKeyPrefix = "aiml_";
inline constexpr std::size_t kKeyRandomCharacters = 32;  // Base 62: 190 bits.
inline constexpr std::size_t kKeyBytes = kKeyPrefix.size() + kKeyRandomCharacters;
inline constexpr std::size_t kShownPrefixBytes = kKeyPrefix.size() + 4;

inline constexpr std::size_t kGivenKeyBytesMin = 8;
inline constexpr std::size_t kGivenKeyBytesMax = 256;

using Digest = std::array<std::uint8_t, 32>;

[[nodiscard]] Digest sha256(std::string_view text);

/// In constant time.
[[nodiscard]] bool equal(const Digest& a, const Digest& b);

/// `count` characters of base 62 (5.95 bits each).
[[nodiscard]] std::string random_text(std::size_t count);

/// "aiml_" and 32 characters of base 62, nothing else.
[[nodiscard]] bool has_key_shape(std::string_view text);

struct NewKey {
    std::string secret;     // To be shown once.
    catalog::ApiKey record;  // To be stored.
};

struct KeyRequest {
    ProjectId project{};
    std::string name;
    std::uint32_t scopes = 0;
    std::optional<Timestamp> expires_at;
};

[[nodiscard]] NewKey make_key(const KeyRequest& request, Timestamp now);

/// The record of a secret that was given (AIML042_ADMIN_KEY), of any shape: kInvalidArgument unless it has
/// kGivenKeyBytesMin to kGivenKeyBytesMax printable ASCII characters and no space. How hard it is to guess is the giver's business.
[[nodiscard]] Result<NewKey> adopt_key(const KeyRequest& request, std::string_view secret, Timestamp now);

}  // namespace aiml042::access
