// The smallest program around the log, for the crash harness: what it acknowledges on standard
// output must survive.
//
//   wal_probe serve FOLDER    reads "a ID BYTES" and "b ID" (a barrier) lines, prints "ok ID LSN"
//   or "no ID CODE" wal_probe dump FOLDER     prints "r LSN ID good|bad" for every record, "d FILE
//   AFTER UNTIL" for damage
//
// serve prints "ready NEXT" once it takes commands, and lets go of everything but the last records
// with "t LSN". A failed log ends it with exit code 70, as the server.

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "wal/replay.h"
#include "wal/writer.h"

namespace {

namespace wal = aiml042::wal;
using aiml042::ByteView;
using aiml042::Lsn;
using aiml042::Status;

constexpr int kExitLogFailed = 70;
constexpr std::uint64_t kSegmentBytes = 2 * 1024 * 1024;  // Small, so that a short run sees many.

/// One write: lines of the committer and of main do not mix.
void say(const std::string& line) {
    std::string_view rest = line;
    while (!rest.empty()) {
        const ssize_t n = ::write(STDOUT_FILENO, rest.data(), rest.size());
        if (n <= 0) {
            std::_Exit(1);
        }
        rest.remove_prefix(static_cast<std::size_t>(n));
    }
}

/// "ID:" and then bytes that follow from the id.
std::string payload_of(std::string_view id, std::size_t bytes) {
    std::string text(id);
    text.push_back(':');
    std::uint64_t state = 1469598103934665603ULL;
    for (const char c : id) {
        state = (state ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    while (text.size() < bytes) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        text.push_back(static_cast<char>(state >> 56));
    }
    return text;
}

int fail(const Status& status) {
    fmt::print(stderr, "{}\n", status.to_string());
    return 1;
}

int dump(const std::string& folder) {
    std::string out;
    const auto report = wal::replay(folder, 1, false, [&](const wal::Record& record) {
        const std::string_view id = record.payload.substr(0, record.payload.find(':'));
        const bool good = record.payload == payload_of(id, record.payload.size());
        out += fmt::format("r {} {} {}\n", record.first, id, good ? "good" : "bad");
        return Status();
    });
    if (!report) {
        return fail(report.status());
    }
    for (const wal::Damage& damage : report->damages) {
        out += fmt::format("d {} {} {}\n", damage.file, damage.after, damage.until);
    }
    say(out + fmt::format("end {} {}\n", report->head, report->next));
    return 0;
}

std::vector<std::string> words_of(const std::string& line) {
    std::vector<std::string> words(1);
    for (const char c : line) {
        if (c == ' ') {
            words.emplace_back();
        } else if (c != '\n') {
            words.back().push_back(c);
        }
    }
    return words;
}

std::uint64_t number_in(const std::string& text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

void run(wal::Writer& writer) {
    std::array<char, 4096> buffer{};
    while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), stdin) != nullptr) {
        const auto words = words_of(buffer.data());
        if (words[0] == "t" && words.size() == 2) {
            writer.truncate_before(number_in(words[1]));
            continue;
        }
        if (words.size() < 2) {
            continue;
        }
        const bool barrier = words[0] == "b";
        const std::string& id = words[1];
        const std::string text = barrier ? std::string() : payload_of(id, number_in(words.back()));
        const std::array<ByteView, 1> pieces{text};
        const Status refused =
            writer.append(pieces, barrier ? 0 : 1, [id](const Status& status, Lsn first) {
                say(status
                        ? fmt::format("ok {} {}\n", id, first)
                        : fmt::format("no {} {}\n", id, aiml042::error_info(status.code()).code));
            });
        if (!refused) {
            say(fmt::format("refused {} {}\n", id, aiml042::error_info(refused.code()).code));
        }
    }
}

int serve(const std::string& folder) {
    const auto report = wal::replay(folder, 1, true, [](const wal::Record&) { return Status(); });
    if (!report) {
        return fail(report.status());
    }
    wal::WriterOptions options;
    options.folder = folder;
    options.segment_bytes = kSegmentBytes;
    options.idle_seal = std::chrono::milliseconds(20);
    const char* free_min =
        std::getenv("PROBE_FREE_BYTES_MIN");  // NOLINT(concurrency-mt-unsafe): one thread yet.
    options.free_bytes_min = free_min == nullptr ? 0 : number_in(free_min);
    options.on_fatal = [](const Status&) { std::_Exit(kExitLogFailed); };
    auto writer = wal::Writer::open(options, report->next, {});
    if (!writer) {
        return fail(writer.status());
    }
    say(fmt::format("ready {}\n", report->next));
    run(**writer);
    (*writer)->close();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() == 2 && arguments[0] == "serve") {
        return serve(arguments[1]);
    }
    if (arguments.size() == 2 && arguments[0] == "dump") {
        return dump(arguments[1]);
    }
    fmt::print(stderr, "usage: wal_probe serve|dump FOLDER\n");
    return 2;
}
