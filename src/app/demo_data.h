// The demo's replays as they lie in configs/demo/replays, packed into the binary.

#pragma once

#include <span>
#include <string_view>

namespace aiml042::app {

struct DemoReplay {
    std::string_view deployment;
    std::string_view task_type;
    std::string_view positive_class;  // Empty where the task has none.
    std::string_view cohort_keys;     // Comma-separated.
    std::string_view events_gz;
    std::string_view labels_gz;
};

[[nodiscard]] std::span<const DemoReplay> demo_replays();

}  // namespace aiml042::app
