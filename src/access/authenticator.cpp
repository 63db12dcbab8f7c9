#include "access/authenticator.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>

namespace aiml042::access {

namespace {

constexpr std::size_t kAuthorizationBytesMax = 512;

struct DigestHash {
    std::size_t operator()(const Digest& digest) const {  // Bytes of a hash are a hash.
        std::size_t first = 0;
        std::memcpy(&first, digest.data(), sizeof(first));
        return first;
    }
};

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

/// The credential of "Bearer <credential>", or nothing.
std::optional<std::string_view> bearer(std::string_view value) {
    static constexpr std::string_view kScheme = "bearer ";
    if (value.size() <= kScheme.size() || value.size() > kAuthorizationBytesMax ||
        !std::equal(kScheme.begin(), kScheme.end(), value.begin(), [](char a, char b) {
            return a == lower(b);
        })) {
        return std::nullopt;
    }
    value.remove_prefix(kScheme.size());
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return value;
}

Authentication failure(ErrorCode code, std::string detail) {
    return {.status = Status(code, std::move(detail)),
            .principal = {},
            .use = nullptr,
            .retry_after_s = 0};
}

}  // namespace

struct Authenticator::Entry {
    catalog::ApiKey key;
    Digest digest{};
    std::shared_ptr<KeyUse> use;
};

struct Authenticator::Table {
    std::uint64_t version = 0;
    std::unordered_map<Digest, Entry, DigestHash> by_digest;
    std::map<std::string, const Entry*, std::less<>> by_id;
};

Authenticator::Authenticator(const catalog::Catalog& catalog,
                             const os::Clock& clock,
                             AuthenticatorOptions options)
    : catalog_(catalog),
      clock_(clock),
      options_(options),
      sessions_(clock),
      session_use_(std::make_shared<KeyUse>(RateLimit{}, RateLimit{})),
      table_(std::make_shared<Table>()) {}

Authenticator::~Authenticator() = default;

std::shared_ptr<const Authenticator::Table> Authenticator::table() {
    const std::uint64_t version = catalog_.keys_version();
    {
        const ReadLock lock(mutex_);
        if (table_->version == version) {
            return table_;
        }
    }
    const WriteLock lock(mutex_);
    if (table_->version == version) {
        return table_;
    }
    auto made = std::make_shared<Table>();
    made->version =
        version;  // Read before the keys: a change in between is seen at the next request.
    for (catalog::ApiKey& key : catalog_.keys()) {
        Entry entry;
        std::copy_n(key.hash.begin(), entry.digest.size(), entry.digest.begin());
        const auto before = table_->by_id.find(key.key_id);
        entry.use = before != table_->by_id.end()
                        ? before->second->use
                        : std::make_shared<KeyUse>(options_.requests, options_.items);
        entry.key = std::move(key);
        const Digest digest = entry.digest;
        const Entry& stored = made->by_digest.emplace(digest, std::move(entry)).first->second;
        made->by_id.emplace(stored.key.key_id, &stored);
    }
    table_ = made;
    return made;
}

const Authenticator::Entry* Authenticator::find_key(const Table& table,
                                                    std::string_view secret) const {
    if (secret.size() > kGivenKeyBytesMax) {
        return nullptr;
    }
    const Digest digest = sha256(secret);
    const auto found = table.by_digest.find(digest);
    if (found == table.by_digest.end() || !equal(found->second.digest, digest)) {
        return nullptr;
    }
    return &found->second;
}

Authentication Authenticator::refuse(std::string_view remote_address, std::string detail) {
    const auto wait = throttle_.failed(remote_address, clock_.steady());
    if (!wait) {
        return failure(ErrorCode::kUnauthenticated, std::move(detail));
    }
    Authentication refused = failure(ErrorCode::kRateLimited,
                                     "Too many bad credentials came from this address. " + detail);
    refused.retry_after_s = *wait;
    return refused;
}

Authentication Authenticator::admit_key(std::string_view secret, std::string_view remote_address) {
    const auto keys = table();
    const Entry* entry = find_key(*keys, secret);
    if (entry == nullptr) {
        return refuse(remote_address, "This key is not known.");
    }
    const Timestamp now = clock_.now();
    if (entry->key.revoked) {
        return refuse(remote_address, "This key was revoked.");
    }
    if (entry->key.expires_at && *entry->key.expires_at <= now) {
        return refuse(remote_address, "This key has expired.");
    }
    entry->use->last_used_at.store(now, std::memory_order_relaxed);
    return {.status = Status::ok(),
            .principal = {.project = entry->key.project,
                          .scopes = entry->key.scopes,
                          .key_id = entry->key.key_id,
                          .browser = false},
            .use = entry->use,
            .retry_after_s = 0};
}

Authentication Authenticator::admit_session(const Credentials& credentials) {
    std::optional<Principal> who = sessions_.find(credentials.session);
    if (!who) {
        return refuse(credentials.remote_address, "The session has ended: sign in again.");
    }
    const auto keys = table();
    const auto origin = keys->by_id.find(who->key_id);
    if (origin != keys->by_id.end()) {
        const catalog::ApiKey& key = origin->second->key;
        if (key.revoked || (key.expires_at && *key.expires_at <= clock_.now())) {
            sessions_.end(credentials.session);
            return failure(ErrorCode::kUnauthenticated,
                           "The key this session was begun with has ended.");
        }
    }
    if (credentials.cross_site) {
        return failure(ErrorCode::kForbidden, "Another site may not use this session.");
    }
    if (credentials.changes_things && !credentials.csrf_header) {
        return failure(ErrorCode::kForbidden,
                       "With a session cookie the header X-Aiml042-Csrf: 1 is needed.");
    }
    return {.status = Status::ok(),
            .principal = std::move(*who),
            .use = session_use_,
            .retry_after_s = 0};
}

Authentication Authenticator::authenticate(const Credentials& credentials) {
    if (credentials.key_in_query) {
        return refuse(credentials.remote_address,
                      "A key in the query string is not accepted, as it ends up in logs: send "
                      "Authorization: Bearer. "
                      "Consider this key known and revoke it.");
    }
    const std::size_t given = credentials.authorization_count + credentials.api_key_count;
    if (given > 1) {
        return refuse(credentials.remote_address, "More than one credential was given.");
    }
    if (credentials.api_key_count == 1) {
        return admit_key(credentials.api_key, credentials.remote_address);
    }
    if (credentials.authorization_count == 1) {
        const auto secret = bearer(credentials.authorization);
        return secret
                   ? admit_key(*secret, credentials.remote_address)
                   : refuse(credentials.remote_address, "Authorization must be: Bearer <API key>.");
    }
    if (!credentials.session.empty()) {
        return admit_session(credentials);
    }
    return failure(ErrorCode::kUnauthenticated,
                   "Send an API key as Authorization: Bearer, or sign in.");
}

Authentication Authenticator::authenticate_key(std::string_view secret,
                                               std::string_view remote_address) {
    return admit_key(secret, remote_address);
}

Authentication Authenticator::redeem_token(std::string_view token,
                                           std::string_view remote_address) {
    std::optional<Principal> who = sessions_.redeem(token);
    if (!who) {
        return refuse(
            remote_address,
            "This sign-in link was used already, is older than 10 minutes, or is not ours.");
    }
    return {.status = Status::ok(),
            .principal = std::move(*who),
            .use = session_use_,
            .retry_after_s = 0};
}

std::optional<Timestamp> Authenticator::last_used_at(std::string_view key_id) const {
    const ReadLock lock(mutex_);
    const auto found = table_->by_id.find(key_id);
    if (found == table_->by_id.end()) {
        return std::nullopt;
    }
    const Timestamp last = found->second->use->last_used_at.load(std::memory_order_relaxed);
    return last == 0 ? std::nullopt : std::optional<Timestamp>(last);
}

}  // namespace aiml042::access
