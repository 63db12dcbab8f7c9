// The door before the log: parse, dedupe, append, and the answer once it is durable.
//
// Threads: submit() from any I/O thread. Parsing runs in parallel; dedupe and append of one request
// happen under one short lock, so that the order in the identity index is the order in the log.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "catalog/catalog.h"
#include "codec/batch.h"
#include "codec/inflate.h"
#include "codec/item_parser.h"
#include "identity/index.h"
#include "ingest/census.h"
#include "wal/writer.h"

namespace aiml042::ingest {

/// What became of a request, known when everything of it is durable.
struct Outcome {
    std::uint32_t ingested = 0;
    std::uint32_t duplicates = 0;
    std::vector<codec::Rejection> rejected;
    Lsn last = 0;  // Sequence of the last item taken; 0 when none was.
};

using Done = std::function<void(Result<Outcome>)>;

struct Submission {
    ProjectId project{};
    codec::BatchKind kind = codec::BatchKind::kEvents;
    codec::BodyForm form = codec::BodyForm::kJson;
    codec::Encoding encoding = codec::Encoding::kIdentity;
    std::string_view
        body;  // Followed by ItemParser::kPadding readable bytes; needed only during submit().
    Timestamp arrival = 0;
    bool keep_rejected = true;  // In the dead-letter store; false where they lie there already.
};

class Gate {
  public:
    /// Dead letters go to `catalog`, whose identity_seed() is the seed of all identities; `stored`
    /// tells the names that each project has already.
    Gate(wal::Writer& log,
         identity::Index& identities,
         catalog::Catalog& catalog,
         Census::Stored stored);
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    /// `done` is called once: at once when nothing could be taken, else on the log's committer
    /// thread after the sync.
    void submit(const Submission& submission, Done done);

    /// Whether a body would be refused now (log full, disk full, draining); before it is read.
    [[nodiscard]] Status admission() const;

  private:
    struct State;
    const std::uint64_t identity_seed_;
    std::unique_ptr<State> state_;
};

}  // namespace aiml042::ingest
