// Browser sessions and the one-time tokens that begin them.
//
// In memory: a restart signs everybody out. Only hashes of ids and tokens are kept. A session ends
// after 12 quiet hours, after 24 hours, at sign-out, or when the key it was begun with ends (the
// Authenticator asks). Threads: any. Bound: limits::kSessionsMax and kSignInTokensMax; beyond, the
// oldest gives way.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "access/principal.h"
#include "access/secret.h"
#include "base/mutex.h"
#include "base/time.h"
#include "os/clock.h"

namespace aiml042::access {

class Sessions {
  public:
    static constexpr Timestamp kTokenLife = 10 * kMinute;
    static constexpr Timestamp kIdleLife = 12 * kHour;
    static constexpr Timestamp kLife = 24 * kHour;

    explicit Sessions(const os::Clock& clock) : clock_(clock) {}

    /// A token for a sign-in link: good once, within kTokenLife. The session will have `scopes` of
    /// `project`.
    std::string make_token(ProjectId project, std::uint32_t scopes);

    /// What the token stood for, and it is used up; nothing when it is not (or no longer) good.
    std::optional<Principal> redeem(std::string_view token);

    /// Begins a session as `who`. Returns its id, for the cookie.
    std::string begin(Principal who);

    /// Who the session belongs to; nothing when it has ended. Counts as use.
    std::optional<Principal> find(std::string_view id);

    void end(std::string_view id);

  private:
    struct Token {
        Principal who;
        Timestamp made_at = 0;
    };

    struct Session {
        Principal who;
        Timestamp begun_at = 0;
        Timestamp used_at = 0;
    };

    const os::Clock& clock_;
    Mutex mutex_;
    std::map<Digest, Token> tokens_ AIML_GUARDED_BY(mutex_);      // By hash.
    std::map<Digest, Session> sessions_ AIML_GUARDED_BY(mutex_);  // By hash.
};

}  // namespace aiml042::access
