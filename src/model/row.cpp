#include "model/row.h"

#include <cstring>
#include <string>

namespace aiml042::model {

Hash128 identity_of(ProjectId project,
                    std::string_view deployment,
                    std::string_view request_id,
                    std::uint64_t seed) {
    // The length of the deployment goes in first: ("ab", "c") and ("a", "bc") differ.
    char small[600];
    const std::size_t size = 8 + deployment.size() + request_id.size();
    std::string large;
    char* out = small;
    if (size > sizeof(small)) {
        large.resize(size);
        out = large.data();
    }
    const std::uint32_t head[2] = {raw(project), static_cast<std::uint32_t>(deployment.size())};
    std::memcpy(out, head, sizeof(head));
    if (!deployment.empty()) {
        std::memcpy(out + 8, deployment.data(), deployment.size());
    }
    if (!request_id.empty()) {
        std::memcpy(out + 8 + deployment.size(), request_id.data(), request_id.size());
    }
    return hash128({out, size}, seed);
}

}  // namespace aiml042::model
