#include "base/nearest.h"

#include <array>

#include <catch2/catch.hpp>

using namespace aiml042;  // NOLINT(google-build-using-namespace)

TEST_CASE("nearest: close names come first, far ones not at all") {
    constexpr std::array<std::string_view, 4> kNames = {"roc_auc", "pr_auc", "accuracy", "brier"};
    CHECK(nearest("roc_acu", kNames) == std::vector<std::string_view>{"roc_auc"});
    CHECK(nearest("x_auc", kNames) == std::vector<std::string_view>{"pr_auc"});
    CHECK(nearest("temperature", kNames).empty());
    CHECK(nearest(std::string(1000, 'a'), kNames).empty());
    CHECK(did_you_mean("acuracy", kNames) == " (did you mean accuracy?)");
    CHECK(did_you_mean("zzzz", kNames).empty());
}
