#include <cstdio>

#include "app/commands.h"
#include "base/status.h"
#include "metrics/metric.h"

namespace aiml042::app {

namespace {

void print_errors() {
    std::printf("| code | status | retry | meaning |\n|---|---|---|---|\n");
#define AIML_ERROR(name, code, http, retry, title) \
    std::printf("| `%s` | %d | %s | %s |\n", code, http, (retry) ? "yes" : "no", title);
#include "base/errors.inc"
#undef AIML_ERROR
}

void print_metrics() {
    std::printf("| metric | unit | formula | source |\n|---|---|---|---|\n");
    for (const metrics::MetricSpec& spec : metrics::catalog()) {
        std::printf("| `%s` | %s | %s | %s |\n",
                    std::string(spec.name).c_str(),
                    std::string(spec.unit).c_str(),
                    std::string(spec.formula).c_str(),
                    std::string(spec.source).c_str());
    }
}

}  // namespace

int describe(const std::string& what) {
    if (what == "config") {
        std::printf("%s", sample_config().c_str());
    } else if (what == "errors") {
        print_errors();
    } else if (what == "metrics") {
        print_metrics();
    } else {
        return complain("describe: expected config, errors or metrics, got \"" + what + "\"");
    }
    return 0;
}

int complain(const std::string& text) {
    std::fprintf(stderr, "aiml042: %s\n", text.c_str());
    return 2;
}

int complain(const Status& status) {
    return complain(status.detail());
}

}  // namespace aiml042::app
