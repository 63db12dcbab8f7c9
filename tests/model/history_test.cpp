// Random histories of events, labels, replacements, seals, restarts and crashes: after any of them the store holds exactly
// what one pass over the raw log says, and the index refuses exactly the repeats.

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "../unit/fold/fixture.h"
#include "../unit/fold/items.h"

using namespace aiml042;              // NOLINT(google-build-using-namespace)
using namespace aiml042::fold::test;  // NOLINT(google-build-using-namespace)
using codec::BatchKind;

namespace {

constexpr Timestamp kHorizon = 2 * kHour;

class History {
  public:
    explicit History(std::uint64_t seed) : random_(seed) { open(); }

    void step() {
        now_ += static_cast<Timestamp>(below(90)) * kSecond;
        engine_->now = now_;
        const std::uint64_t dice = below(1'000);
        if (dice < 450) {
            send_events();
        } else if (dice < 900) {
            send_labels();
        } else if (dice < 940) {
            const Timestamp age = static_cast<Timestamp>(below(4)) * 10 * kMinute;
            REQUIRE(engine_->fold->run([&](store::Store& s) { return s.seal(now_, age); }).is_ok());
        } else if (dice < 970) {
            REQUIRE(engine_->identities->seal(now_ - static_cast<Timestamp>(below(3)) * kHour).is_ok());
        } else if (dice < 985) {
            restart();
        } else {
            crash();
        }
    }

    void check() const { CHECK(content_of(*engine_->store) == expected_content(log_, log_.records.size())); }

    void restart() {
        engine_.reset();
        open();
        check();
    }

  private:
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

    [[nodiscard]] std::string folder() const { return folder_.path("life" + std::to_string(life_)); }

    void open() {
        engine_ = std::make_unique<Engine>(folder(), kHorizon);
        engine_->now = now_;
        engine_->recover(log_);
        engine_->start();
    }

    /// What is in the folder while the engine runs is what a crash would leave; the log is whole.
    void crash() {
        const std::string before = folder();
        ++life_;
        std::filesystem::copy(before, folder(), std::filesystem::copy_options::recursive);
        engine_.reset();
        std::filesystem::remove_all(before);
        open();
        check();
    }

    std::string deployment() { return std::string(1, static_cast<char>('a' + below(3))); }

    std::string request() { return "r" + std::to_string(below(400)); }

    void send_events() {
        std::vector<std::string> items;
        std::uint32_t expected = 0;
        for (std::uint64_t i = 0, count = 1 + below(8); i < count; ++i) {
            const std::string name = deployment();
            const std::string id = request();
            std::string features = R"("n":)" + std::to_string(below(10));
            if (below(2) == 0) {
                features += R"(,"f)" + std::to_string(below(30)) + R"(":)" + (below(2) == 0 ? "true" : R"("text")");
            }
            const Timestamp time = now_ - static_cast<Timestamp>(below(4)) * kDay;
            items.push_back(event_json(name, id, time, features));
            const auto known = arrivals_.find({name, id});
            if (known == arrivals_.end() || (now_ - known->second) / kSecond > kHorizon / kSecond) {
                arrivals_[{name, id}] = now_;
                ++expected;
            }
        }
        const std::size_t before = log_.records.size();
        submit(BatchKind::kEvents, items);
        CHECK((log_.records.size() == before ? 0 : log_.records.back().count) == expected);
    }

    void send_labels() {
        std::vector<std::string> items;
        for (std::uint64_t i = 0, count = 1 + below(6); i < count; ++i) {
            items.push_back(label_json(below(4) == 0 ? "" : deployment(), request(), "c" + std::to_string(below(5))));
        }
        submit(BatchKind::kLabels, items);
    }

    void submit(BatchKind kind, const std::vector<std::string>& items) {
        if (gate_.submit(kind, array_json(items), now_, *engine_->identities, log_) != 0) {
            engine_->sink(log_.records.back());
        }
    }

    std::mt19937_64 random_;
    TemporaryFolder folder_;
    int life_ = 0;
    Timestamp now_ = kStart;
    MemoryLog log_;
    MiniGate gate_;
    std::map<std::pair<std::string, std::string>, Timestamp> arrivals_;  // Of the last event taken.
    std::unique_ptr<Engine> engine_;
};

}  // namespace

TEST_CASE("model: random histories end as a recomputation from the raw log says") {
    const std::uint64_t seed = GENERATE(1, 2, 3, 4);
    CAPTURE(seed);
    History history(seed);
    for (int step = 0; step < 400; ++step) {
        history.step();
        if (step % 50 == 0) {
            history.check();
        }
    }
    history.check();
    history.restart();
}
