// Weights of features: shares, ranks and how far their order moved.

#include "query/attributions.h"

#include <cmath>

#include <catch2/catch.hpp>

using namespace aiml042::query;  // NOLINT(google-build-using-namespace)

TEST_CASE("attributions: the same order is no drift, another one is what its gain lacks") {
    Attributions same{{{"a", 3.0, 30.0}, {"b", 1.0, 10.0}}};
    CHECK(same.drift() == 0.0);
    CHECK(same.share(same.features[0], true) == 0.75);
    Attributions turned{{{"a", 3.0, 1.0}, {"b", 1.0, 2.0}}};
    const double second = 1.0 / std::log2(3.0);
    CHECK(*turned.drift() == Approx(1.0 - (1.0 + 3.0 * second) / (3.0 + second)));
}

TEST_CASE("attributions: what is missing is left out of the order and said to be missing") {
    Attributions one{{{"a", 3.0, std::nullopt}, {"b", 1.0, 2.0}, {"c", std::nullopt, 5.0}}};
    CHECK_FALSE(one.drift().has_value());
    CHECK_FALSE(one.share(one.features[0], false).has_value());
    aiml042::codec::JsonWriter writer;
    one.write(writer);
    CHECK(writer.take().find(
              R"({"feature":"c","reference":null,"current":5,"reference_share":null,)") !=
          std::string::npos);
    const Attributions nothing{{{"a", 0.0, 0.0}, {"b", 0.0, 0.0}}};
    CHECK_FALSE(nothing.drift().has_value());
    CHECK_FALSE(nothing.share(nothing.features[0], true).has_value());
}
