// POST /v1/ingest/metrics and POST /v1/labels.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/app.h"
#include "ingest/gate.h"

namespace aiml042::api {

/// Of routes that answer with ingest_answer().
inline constexpr std::string_view kTakenSchema = R"({"$ref":"#/components/schemas/Taken"})";
inline constexpr OtherAnswerDoc kNothingTakenDoc = {
    .status = "422",
    .text = "No item was taken.",
    .media_type = "application/problem+json",
    .schema = R"({"$ref":"#/components/schemas/NothingTaken"})"};

[[nodiscard]] std::vector<Route> ingest_routes(const Parts& parts);

/// The answer to a body: 200 when an item was taken now or before; when none was, a problem
/// document with status 422 that has the same counts. The first limits::kRejectionsShownMax
/// rejections, with their total where there are more.
[[nodiscard]] net::Response ingest_answer(const ingest::Outcome& outcome,
                                          std::string_view request_id);

}  // namespace aiml042::api
