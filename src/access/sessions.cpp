#include "access/sessions.h"

#include <algorithm>

#include "base/limits.h"

namespace aiml042::access {

namespace {

constexpr std::size_t kSecretCharacters = 32;  // 190 bits.

}  // namespace

std::string Sessions::make_token(ProjectId project, std::uint32_t scopes) {
    std::string token = random_text(kSecretCharacters);
    const Timestamp now = clock_.steady();
    const MutexLock lock(mutex_);
    std::erase_if(tokens_,
                  [now](const auto& entry) { return now - entry.second.made_at >= kTokenLife; });
    if (tokens_.size() >= limits::kSignInTokensMax) {
        tokens_.erase(std::ranges::min_element(tokens_, [](const auto& a, const auto& b) {
            return a.second.made_at < b.second.made_at;
        }));
    }
    tokens_.emplace(
        sha256(token),
        Token{{.project = project, .scopes = scopes, .key_id = "sign_in", .browser = true}, now});
    return token;
}

std::optional<Principal> Sessions::redeem(std::string_view token) {
    const Digest digest = sha256(token);
    const MutexLock lock(mutex_);
    const auto found = tokens_.find(digest);
    if (found == tokens_.end()) {
        return std::nullopt;
    }
    const Token redeemed = std::move(found->second);
    tokens_.erase(found);
    return clock_.steady() - redeemed.made_at < kTokenLife ? std::optional<Principal>(redeemed.who)
                                                           : std::nullopt;
}

std::string Sessions::begin(Principal who) {
    std::string id = random_text(kSecretCharacters);
    who.browser = true;
    const Timestamp now = clock_.steady();
    const MutexLock lock(mutex_);
    if (sessions_.size() >= limits::kSessionsMax) {
        sessions_.erase(std::ranges::min_element(sessions_, [](const auto& a, const auto& b) {
            return a.second.used_at < b.second.used_at;
        }));
    }
    sessions_.emplace(sha256(id), Session{std::move(who), now, now});
    return id;
}

std::optional<Principal> Sessions::find(std::string_view id) {
    const Digest digest = sha256(id);
    const Timestamp now = clock_.steady();
    const MutexLock lock(mutex_);
    const auto found = sessions_.find(digest);
    if (found == sessions_.end()) {
        return std::nullopt;
    }
    Session& session = found->second;
    if (now - session.begun_at >= kLife || now - session.used_at >= kIdleLife) {
        sessions_.erase(found);
        return std::nullopt;
    }
    session.used_at = now;
    return session.who;
}

void Sessions::end(std::string_view id) {
    const Digest digest = sha256(id);
    const MutexLock lock(mutex_);
    sessions_.erase(digest);
}

}  // namespace aiml042::access
