// JSON of events and labels for tests.

#pragma once

#include <string>
#include <vector>

#include "base/time.h"

namespace aiml042::fold::test {

inline std::string event_json(const std::string& deployment,
                              const std::string& request,
                              Timestamp time,
                              const std::string& features = R"("x":1.5,"c":"red")") {
    return R"({"deployment_id":")" + deployment + R"(","model_version":"v1","request_id":")" +
           request + R"(","timestamp":)" + std::to_string(time / kMillisecond) +
           R"(,"features":{)" + features + R"(},"prediction":{"score":0.25}})";
}

/// `deployment` empty: for all of them.
inline std::string label_json(const std::string& deployment,
                              const std::string& request,
                              const std::string& name) {
    const std::string target =
        deployment.empty() ? "" : R"("deployment_id":")" + deployment + R"(",)";
    return "{" + target + R"("request_id":")" + request + R"(","label":{"class":")" + name +
           R"("}})";
}

inline std::string array_json(const std::vector<std::string>& items) {
    std::string out = "[";
    for (const std::string& item : items) {
        out += out.size() > 1 ? "," : "";
        out += item;
    }
    return out + "]";
}

}  // namespace aiml042::fold::test
