#include "app/demo_data.h"

#include <array>

// The assembler reads the files: no generated source of megabytes, no array for the compiler to
// chew.
#define AIML_PACK(symbol, file)                \
    __asm__(                                   \
        ".pushsection .rodata\n"               \
        ".global " #symbol "_begin\n" #symbol  \
        "_begin:\n"                            \
        ".incbin \"" AIML_DEMO_FOLDER "/" file \
        "\"\n"                                 \
        ".global " #symbol "_end\n" #symbol    \
        "_end:\n"                              \
        ".popsection\n");                      \
    extern "C" const char symbol##_begin[];    \
    extern "C" const char symbol##_end[]

AIML_PACK(aiml_demo_flights_events, "flights/events.ndjson.gz");
AIML_PACK(aiml_demo_flights_labels, "flights/labels.ndjson.gz");
AIML_PACK(aiml_demo_mortgage_events, "mortgage/events.ndjson.gz");
AIML_PACK(aiml_demo_mortgage_labels, "mortgage/labels.ndjson.gz");
AIML_PACK(aiml_demo_ridership_events, "ridership/events.ndjson.gz");
AIML_PACK(aiml_demo_ridership_labels, "ridership/labels.ndjson.gz");
AIML_PACK(aiml_demo_wages_events, "wages/events.ndjson.gz");
AIML_PACK(aiml_demo_wages_labels, "wages/labels.ndjson.gz");

#define AIML_PACKED(symbol) \
    std::string_view(symbol##_begin, static_cast<std::size_t>(symbol##_end - symbol##_begin))

namespace aiml042::app {

std::span<const DemoReplay> demo_replays() {
    static const std::array<DemoReplay, 4> kReplays = {{
        {"flight_delay",
         "binary",
         "late",
         "origin",
         AIML_PACKED(aiml_demo_flights_events),
         AIML_PACKED(aiml_demo_flights_labels)},
        {"mortgage_denial",
         "binary",
         "deny",
         "race,single",
         AIML_PACKED(aiml_demo_mortgage_events),
         AIML_PACKED(aiml_demo_mortgage_labels)},
        {"l_ridership",
         "regression",
         "",
         "weekday,season",
         AIML_PACKED(aiml_demo_ridership_events),
         AIML_PACKED(aiml_demo_ridership_labels)},
        {"wage_over_20",
         "binary",
         "yes",
         "gender,age_band,region",
         AIML_PACKED(aiml_demo_wages_events),
         AIML_PACKED(aiml_demo_wages_labels)},
    }};
    return kReplays;
}

}  // namespace aiml042::app
