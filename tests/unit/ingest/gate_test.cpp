#include "ingest/gate.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "../os/temp_folder.h"

namespace aiml042::ingest {
namespace {

constexpr Timestamp kNow = 1'764'000'000LL * kSecond;

/// One answer of the gate.
struct Seen {
    ErrorCode code = ErrorCode::kOk;
    std::uint32_t ingested = 0;
    std::uint32_t duplicates = 0;
};

/// A gate on a log whose writes a test can have refused, as on a disk that is full.
class Fixture {
  public:
    Fixture() {
        catalog_ = std::move(*catalog::Catalog::open(folder_.path() + "/catalog.db"));
        identities_ = std::move(*identity::Index::open({.folder = folder_.path() + "/ids"}));
        wal::WriterOptions options;
        options.folder = folder_.path() + "/log";
        options.segment_bytes = 256 * limits::kSectorBytes;
        options.idle_seal = std::chrono::hours(1);
        options.free_bytes_min = 0;
        options.write_fault = [this](std::uint64_t /*offset*/, std::size_t /*size*/) {
            return on_write();
        };
        log_ = std::move(*wal::Writer::open(std::move(options), 1, [](wal::CommittedGroup) {}));
        gate_ = std::make_unique<Gate>(*log_, *identities_, *catalog_, [](ProjectId) {
            return std::vector<KnownDeployment>();
        });
    }

    ~Fixture() { log_->close(); }

    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;

    /// Sends events with these request ids in one request; its answer comes later.
    void send(const std::vector<std::string>& ids) {
        std::string body;
        for (const std::string& id : ids) {
            body += R"({"deployment_id":"d","model_version":"v","prediction":1,"request_id":")" +
                    id + "\"}\n";
        }
        const std::size_t size = body.size();
        body.append(codec::ItemParser::kPadding, '\0');
        gate_->submit({.project = ProjectId{1},
                       .form = codec::BodyForm::kNdjson,
                       .body = std::string_view(body).substr(0, size),
                       .arrival = kNow},
                      [this](const Result<Outcome>& outcome) {
                          const std::lock_guard lock(mutex_);
                          seen_.push_back(
                              outcome ? Seen{ErrorCode::kOk, outcome->ingested, outcome->duplicates}
                                      : Seen{outcome.status().code()});
                          arrived_.notify_all();
                      });
    }

    /// The first `count` answers, in the order they came.
    std::vector<Seen> answers(std::size_t count) {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [&] { return seen_.size() >= count; });
        return seen_;
    }

    /// Has the next write refused for want of space; `meanwhile` runs on the committer's thread
    /// just before.
    void refuse_next(std::function<void()> meanwhile = {}) {
        const std::lock_guard lock(mutex_);
        refuse_ = true;
        meanwhile_ = std::move(meanwhile);
    }

  private:
    Status on_write() {
        std::function<void()> meanwhile;
        {
            const std::lock_guard lock(mutex_);
            if (!refuse_) {
                return {};
            }
            refuse_ = false;
            meanwhile = std::move(meanwhile_);
        }
        if (meanwhile) {
            meanwhile();
        }
        return {ErrorCode::kDiskFull, "no space"};
    }

    aiml042::test::TempFolder folder_;
    std::unique_ptr<catalog::Catalog> catalog_;
    std::unique_ptr<identity::Index> identities_;
    std::unique_ptr<wal::Writer> log_;
    std::unique_ptr<Gate> gate_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<Seen> seen_;
    bool refuse_ = false;
    std::function<void()> meanwhile_;
};

TEST_CASE("an id is stored once and counted as a duplicate then", "[ingest]") {
    Fixture fixture;
    fixture.send({"a", "b", "a"});
    fixture.send({"b", "c"});
    const std::vector<Seen> seen = fixture.answers(2);
    CHECK(seen[0].ingested == 2);
    CHECK(seen[0].duplicates == 1);
    CHECK(seen[1].ingested == 1);
    CHECK(seen[1].duplicates == 1);
}

TEST_CASE("what a full disk refused at the commit is new when it is sent again", "[ingest]") {
    Fixture fixture;
    fixture.send({"first"});
    fixture.answers(1);
    fixture.refuse_next();
    fixture.send({"a", "first"});
    CHECK(fixture.answers(2)[1].code == ErrorCode::kDiskFull);
    fixture.send({"a", "first"});
    const Seen again = fixture.answers(3)[2];
    CHECK(again.code == ErrorCode::kOk);
    CHECK(again.ingested == 1);
    CHECK(again.duplicates == 1);
}

TEST_CASE("a twin of what a full disk refuses is refused too, never called a duplicate",
          "[ingest]") {
    Fixture fixture;
    fixture.send({"first"});
    fixture.answers(1);
    // The twins come when the original is about to be refused: they find its id, and are queued
    // behind it.
    fixture.refuse_next([&] {
        fixture.send({"a"});
        fixture.send({"a", "b"});
    });
    fixture.send({"a"});
    const std::vector<Seen> seen = fixture.answers(4);
    CHECK(seen[1].code == ErrorCode::kDiskFull);
    CHECK(seen[2].code == ErrorCode::kDiskFull);
    CHECK(seen[3].code == ErrorCode::kDiskFull);
    fixture.send({"a", "b"});
    const Seen again = fixture.answers(5)[4];
    CHECK(again.ingested == 1);  // b came with a twin: in doubt for its sender, but stored.
    CHECK(again.duplicates == 1);
}

}  // namespace
}  // namespace aiml042::ingest
