#include "access/secret.h"

#include <algorithm>
#include <memory>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/check.h"
#include "base/per_thread.h"
#include "os/entropy.h"

namespace aiml042::access {

namespace {

constexpr std::string_view kBase62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

struct FreeDigest {
    void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};

NewKey record_of(const KeyRequest& request, std::string secret, Timestamp now) {
    const Digest digest = sha256(secret);
    NewKey key{.secret = std::move(secret),
               .record = {.key_id = "key_" + random_text(12),
                          .project = request.project,
                          .name = request.name,
                          .scopes = request.scopes,
                          .prefix = {},
                          .hash = std::string(digest.begin(), digest.end()),
                          .created_at = now,
                          .expires_at = request.expires_at,
                          .revoked = false}};
    // Of a short secret that was given, a quarter at most: what is shown must not help to guess the
    // rest.
    key.record.prefix = key.secret.substr(0, std::min(kShownPrefixBytes, key.secret.size() / 4));
    return key;
}

}  // namespace

Digest sha256(std::string_view text) {
    // Looking the algorithm up costs more than the hash itself: once per thread.
    AIML_PER_THREAD(const std::unique_ptr<EVP_MD, FreeDigest> kSha256(
        EVP_MD_fetch(nullptr, "SHA256", nullptr)));
    AIML_PER_THREAD(const std::unique_ptr<EVP_MD_CTX, FreeContext> kContext(EVP_MD_CTX_new()));
    Digest digest{};
    unsigned length = 0;
    const bool done = EVP_DigestInit_ex2(kContext.get(), kSha256.get(), nullptr) == 1 &&
                      EVP_DigestUpdate(kContext.get(), text.data(), text.size()) == 1 &&
                      EVP_DigestFinal_ex(kContext.get(), digest.data(), &length) == 1;
    AIML_CHECK(done && length == digest.size());
    return digest;
}

bool equal(const Digest& a, const Digest& b) {
    return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_text(std::size_t count) {
    std::string text;
    text.reserve(count);
    std::array<char, 64> bytes{};
    while (text.size() < count) {
        os::random_bytes(bytes);
        for (const char byte : bytes) {
            // 248 = 4 × 62: taking only those below keeps all characters equally likely.
            const auto value = static_cast<unsigned char>(byte);
            if (value < 248 && text.size() < count) {
                text.push_back(kBase62[value % kBase62.size()]);
            }
        }
    }
    return text;
}

bool has_key_shape(std::string_view text) {
    return text.size() == kKeyBytes && text.starts_with(kKeyPrefix) &&
           text.find_first_not_of(kBase62, kKeyPrefix.size()) == std::string_view::npos;
}

NewKey make_key(const KeyRequest& request, Timestamp now) {
    return record_of(request, std::string(kKeyPrefix) + random_text(kKeyRandomCharacters), now);
}

Result<NewKey> adopt_key(const KeyRequest& request, std::string_view secret, Timestamp now) {
    const bool printable = std::ranges::all_of(secret, [](char c) { return c > ' ' && c <= '~'; });
    if (secret.size() < kGivenKeyBytesMin || secret.size() > kGivenKeyBytesMax || !printable) {
        return Status(ErrorCode::kInvalidArgument,
                      "a key that is given must have " + std::to_string(kGivenKeyBytesMin) +
                          " to " + std::to_string(kGivenKeyBytesMax) +
                          " printable ASCII characters and no space");
    }
    return record_of(request, std::string(secret), now);
}

}  // namespace aiml042::access
