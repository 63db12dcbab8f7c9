// Who is asking: an API key, or a browser session with its guard against cross-site requests.
//
// Keys are looked up by the SHA-256 of what was presented, so that the time of a look-up tells
// nothing about a secret. A table of them is kept and made anew whenever Catalog::keys_version()
// moves: a revocation holds from the next request. Threads: any. Cost: about 0.5 µs per request.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "access/principal.h"
#include "access/quota.h"
#include "access/secret.h"
#include "access/sessions.h"
#include "access/throttle.h"
#include "base/mutex.h"
#include "base/status.h"
#include "catalog/catalog.h"
#include "os/clock.h"

namespace aiml042::access {

/// What a request brings along. Views live for the call.
struct Credentials {
    std::string_view authorization;  // Value of Authorization.
    std::size_t authorization_count = 0;
    std::string_view api_key;  // Value of X-API-Key.
    std::size_t api_key_count = 0;
    std::string_view session;  // Value of the cookie; empty when there is none.
    std::string_view remote_address;
    bool key_in_query = false;  // A key was found in the query string, where proxies would log it.
    bool changes_things = false;  // Any method but GET and HEAD.
    bool csrf_header = false;  // X-Aiml042-Csrf: 1, which no form and no simple request can carry.
    bool cross_site = false;   // Sec-Fetch-Site or Origin says that another site sent it.
};

/// Rates of one key and when it was last used. Lives on while requests hold it.
struct KeyUse {
    KeyUse(RateLimit requests_limit, RateLimit items_limit)
        : requests(requests_limit), items(items_limit) {}

    Quota requests;
    Quota items;  // Events and labels; charged when they have been counted.
    std::atomic<Timestamp> last_used_at{0};  // 0: not since the start.
};

struct Authentication {
    Status status;  // kUnauthenticated, kForbidden (cross-site), kRateLimited (too many bad ones).
    Principal principal;
    std::shared_ptr<KeyUse> use;
    std::uint32_t retry_after_s = 0;  // With kRateLimited.
};

struct AuthenticatorOptions {
    RateLimit requests;                                        // Per key.
    RateLimit items{.per_second = 1e6, .burst_seconds = 5.0};  // Per key.
};

class Authenticator {
  public:
    Authenticator(const catalog::Catalog& catalog,
                  const os::Clock& clock,
                  AuthenticatorOptions options);
    ~Authenticator();
    Authenticator(const Authenticator&) = delete;
    Authenticator& operator=(const Authenticator&) = delete;

    [[nodiscard]] Authentication authenticate(const Credentials& credentials);

    /// The principal of a key given in a body (sign-in). Throttled like every other credential.
    [[nodiscard]] Authentication authenticate_key(std::string_view secret,
                                                  std::string_view remote_address);

    /// The same for a one-time token.
    [[nodiscard]] Authentication redeem_token(std::string_view token,
                                              std::string_view remote_address);

    /// When the key was last used, since the start; nothing when it was not.
    [[nodiscard]] std::optional<Timestamp> last_used_at(std::string_view key_id) const;

    [[nodiscard]] Sessions& sessions() { return sessions_; }

  private:
    struct Table;
    struct Entry;

    [[nodiscard]] std::shared_ptr<const Table> table();
    [[nodiscard]] const Entry* find_key(const Table& table, std::string_view secret) const;
    [[nodiscard]] Authentication admit_key(std::string_view secret,
                                           std::string_view remote_address);
    [[nodiscard]] Authentication admit_session(const Credentials& credentials);
    [[nodiscard]] Authentication refuse(std::string_view remote_address, std::string detail);

    const catalog::Catalog& catalog_;
    const os::Clock& clock_;
    const AuthenticatorOptions options_;
    Sessions sessions_;
    Throttle throttle_;
    const std::shared_ptr<KeyUse> session_use_;
    mutable SharedMutex mutex_;
    std::shared_ptr<const Table> table_ AIML_GUARDED_BY(mutex_);
};

}  // namespace aiml042::access
