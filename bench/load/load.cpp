// Load generator for the ingest path: one thread, epoll, keep-alive connections, requests made
// before the clock starts.
//
//   aiml042_load --port 8042 --key K --batch 500 --connections 16 --seconds 10
//     closed loop: as fast as it answers
//   aiml042_load --port 8042 --key K --batch 100 --rate 100000 --seconds 30
//     open loop: latency from the due time
//   aiml042_load … --labels
//     labels for the ids of an earlier run
//
// Events have 630 bytes, 20 features and ids of their own. Prints one line of JSON.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    int port = 8042;
    std::string key;
    std::size_t batch = 500;
    std::size_t connections = 16;
    double seconds = 10;
    double rate = 0;  // Events per second; 0 = closed loop.
    bool labels = false;
    std::uint64_t first_id = 0;
    std::uint64_t items_max = ~std::uint64_t{0};
    std::string deployment = "bench";
    std::size_t deployments = 1;
    std::int64_t begin_ms = 0;  // Event times from here, 0: absent, so the arrival time.
    double step_ms = 1.0;       // Between two events.
};

/// A request whose ids are written in place before each send.
struct Template {
    std::string bytes;
    std::vector<std::size_t> ids;         // Offsets of 12-digit ids.
    std::vector<std::size_t> timestamps;  // Offsets of 13-digit epoch milliseconds.
};

void put_digits(std::string& bytes, std::size_t offset, std::uint64_t value, int width) {
    for (int i = width - 1; i >= 0; --i) {
        bytes[offset + static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
}

std::string event_line(const Options& options,
                       std::mt19937_64& random,
                       std::size_t& id_at,
                       std::size_t& time_at) {
    std::uniform_real_distribution<double> unit(0.0, 1.0);
    char text[256];
    std::string line = "{\"deployment_id\":\"" + options.deployment;
    if (options.deployments > 1) {
        line += std::to_string(random() % options.deployments);
    }
    line +=
        "\",\"model_version\":\"v" + std::to_string(1 + random() % 2) + "\",\"request_id\":\"r-";
    id_at = line.size();
    line += "000000000000\"";
    time_at = 0;
    if (options.begin_ms != 0) {
        line += ",\"timestamp\":";
        time_at = line.size();
        line += "0000000000000";
    }
    const double score = unit(random);
    std::snprintf(text,
                  sizeof(text),
                  ",\"prediction\":{\"class\":\"%s\",\"score\":%.6f},\"features\":{",
                  score >= 0.5 ? "yes" : "no",
                  score);
    line += text;
    static const char* const kRegions[] = {"NA", "EU", "APAC", "LATAM"};
    static const char* const kDevices[] = {"ios", "android", "web"};
    std::snprintf(
        text,
        sizeof(text),
        "\"age\":%d,\"region\":\"%s\",\"device\":\"%s\",\"is_new\":%s,\"plan\":\"p%d\",\"vip\":%s",
        static_cast<int>(18 + random() % 60),
        kRegions[random() % 4],
        kDevices[random() % 3],
        random() % 2 == 0 ? "true" : "false",
        static_cast<int>(random() % 5),
        random() % 9 == 0 ? "true" : "false");
    line += text;
    for (int i = 0; i < 13; ++i) {
        std::snprintf(
            text, sizeof(text), ",\"feature_number_%02d\":%.3f", i, std::exp(4.0 * unit(random)));
        line += text;
    }
    std::snprintf(text,
                  sizeof(text),
                  ",\"segment\":\"s%02d\"},\"latency_ms\":%.1f,\"metadata\":{\"cohort\":\"%s\","
                  "\"ab_bucket\":\"%c\"}}\n",
                  static_cast<int>(random() % 20),
                  5.0 - 20.0 * std::log(1.0 - unit(random)),
                  kDevices[random() % 3],
                  random() % 2 == 0 ? 'A' : 'B');
    return line + text;
}

std::string label_line(const Options& options, std::mt19937_64& random, std::size_t& id_at) {
    std::string line = "{\"request_id\":\"r-";
    id_at = line.size();
    line +=
        "000000000000\",\"deployment_id\":\"" + options.deployment + "\",\"label\":{\"class\":\"";
    line += random() % 2 == 0 ? "yes" : "no";
    return line + "\"}}\n";
}

Template make_template(const Options& options, std::mt19937_64& random) {
    std::string body;
    Template made;
    for (std::size_t i = 0; i < options.batch; ++i) {
        std::size_t id_at = 0;
        std::size_t time_at = 0;
        const std::string line = options.labels ? label_line(options, random, id_at)
                                                : event_line(options, random, id_at, time_at);
        made.ids.push_back(body.size() + id_at);
        if (time_at != 0) {
            made.timestamps.push_back(body.size() + time_at);
        }
        body += line;
    }
    made.bytes =
        std::string("POST ") + (options.labels ? "/v1/labels" : "/v1/ingest/metrics") +
        " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + options.key +
        "\r\nContent-Type: application/x-ndjson\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n";
    for (std::size_t& offset : made.ids) {
        offset += made.bytes.size();
    }
    for (std::size_t& offset : made.timestamps) {
        offset += made.bytes.size();
    }
    made.bytes += body;
    return made;
}

struct Connection {
    int socket = -1;
    std::string out;
    std::size_t sent = 0;
    std::string in;
    Clock::time_point due;
    bool busy = false;
};

class Load {
  public:
    explicit Load(Options options)
        : options_(std::move(options)), random_(42), epoll_(epoll_create1(0)) {
        for (int i = 0; i < 16; ++i) {
            templates_.push_back(make_template(options_, random_));
        }
        connections_.resize(options_.connections);
        for (std::size_t i = 0; i < connections_.size(); ++i) {
            open(i);
        }
    }

    int run() {
        start_ = Clock::now();
        const auto end = start_ + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(options_.seconds));
        while (true) {
            const auto now = Clock::now();
            const bool more = now < end && next_id_ < options_.items_max;
            if (more) {
                dispatch(now);
            } else if (busy_ == 0 || now > end + std::chrono::seconds(10)) {
                break;
            }
            poll(more);
        }
        report();
        return failed_ == 0 ? 0 : 1;
    }

  private:
    void open(std::size_t i) {
        Connection& connection = connections_[i];
        connection.socket = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int one = 1;
        setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        if (connect(connection.socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) !=
            0) {
            std::perror("connect");
            std::exit(2);
        }
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = i;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event);
        idle_.push_back(i);
    }

    /// Starts requests: all idle connections in a closed loop, what is due in an open one.
    void dispatch(Clock::time_point now) {
        while (!idle_.empty() && next_id_ < options_.items_max) {
            Clock::time_point due = now;
            if (options_.rate > 0) {
                due = next_due();
                if (due > now) {
                    return;
                }
            }
            Connection& connection = connections_[idle_.back()];
            idle_.pop_back();
            Template& chosen = templates_[started_ % templates_.size()];
            for (std::size_t k = 0; k < chosen.ids.size(); ++k) {
                put_digits(chosen.bytes, chosen.ids[k], options_.first_id + next_id_, 12);
                if (!chosen.timestamps.empty()) {
                    const double at = static_cast<double>(options_.begin_ms) +
                                      static_cast<double>(next_id_) * options_.step_ms;
                    put_digits(
                        chosen.bytes, chosen.timestamps[k], static_cast<std::uint64_t>(at), 13);
                }
                ++next_id_;
            }
            connection.out = chosen.bytes;
            connection.sent = 0;
            connection.due = due;
            connection.busy = true;
            ++busy_;
            ++started_;
            push(connection);
        }
    }

    static void push(Connection& connection) {
        while (connection.sent < connection.out.size()) {
            const ssize_t n = send(connection.socket,
                                   connection.out.data() + connection.sent,
                                   connection.out.size() - connection.sent,
                                   MSG_NOSIGNAL);
            if (n <= 0) {
                return;
            }
            connection.sent += static_cast<std::size_t>(n);
        }
    }

    /// When the next request of an open loop is due.
    Clock::time_point next_due() const {
        const double at =
            static_cast<double>(started_) * static_cast<double>(options_.batch) / options_.rate;
        return start_ +
               std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(at));
    }

    /// Sleeps until an answer comes or the next request is due: a generator that spins would take
    /// half of a small machine from the server it measures.
    void poll(bool more) {
        epoll_event events[256];
        auto wait = std::chrono::nanoseconds(100'000'000);
        if (options_.rate > 0 && more && !idle_.empty()) {
            wait = std::clamp(next_due() - Clock::now(), std::chrono::nanoseconds(0), wait);
        }
        timespec timeout{};
        timeout.tv_sec = wait.count() / 1'000'000'000;
        timeout.tv_nsec = wait.count() % 1'000'000'000;
        const int n = epoll_pwait2(epoll_, events, 256, &timeout, nullptr);
        for (int i = 0; i < n; ++i) {
            read(events[i].data.u64);
        }
    }

    void read(std::size_t i) {
        Connection& connection = connections_[i];
        char buffer[16384];
        const ssize_t n = recv(connection.socket, buffer, sizeof(buffer), 0);
        if (n <= 0) {
            ++failed_;
            close(connection.socket);
            busy_ -= connection.busy ? 1 : 0;
            connection = Connection{};
            open(i);
            return;
        }
        connection.in.append(buffer, static_cast<std::size_t>(n));
        const std::size_t head = connection.in.find("\r\n\r\n");
        if (head == std::string::npos) {
            return;
        }
        const std::size_t length_at = connection.in.find("ontent-Length: ");
        const std::size_t length =
            length_at < head ? std::strtoul(connection.in.c_str() + length_at + 15, nullptr, 10)
                             : 0;
        if (connection.in.size() < head + 4 + length) {
            return;
        }
        const int status = std::atoi(connection.in.c_str() + 9);
        ++statuses_[status];
        if (status == 200) {
            const double us =
                std::chrono::duration<double, std::micro>(Clock::now() - connection.due).count();
            latencies_us_.push_back(static_cast<float>(us));
            done_ = Clock::now();
        } else if (statuses_[status] == 1) {
            std::fprintf(stderr, "%s\n", connection.in.substr(0, 600).c_str());
        }
        connection.in.clear();
        connection.busy = false;
        --busy_;
        idle_.push_back(i);
    }

    double quantile(double q) const {
        return latencies_us_.empty() ? 0.0
                                     : static_cast<double>(latencies_us_[static_cast<std::size_t>(
                                           q * static_cast<double>(latencies_us_.size() - 1))]) /
                                           1000.0;
    }

    void report() {
        std::sort(latencies_us_.begin(), latencies_us_.end());
        const double seconds = std::chrono::duration<double>(done_ - start_).count();
        const auto items = static_cast<double>(latencies_us_.size() * options_.batch);
        std::printf(
            "{\"items\":%.0f,\"seconds\":%.3f,\"items_per_s\":%.0f,\"requests\":%zu,\"p50_ms\":%."
            "3f,\"p95_ms\":%.3f,\"p99_ms\":%.3f,"
            "\"p999_ms\":%.3f,\"max_ms\":%.3f,\"failed\":%zu,\"bytes_per_item\":%zu,\"statuses\":{",
            items,
            seconds,
            seconds > 0 ? items / seconds : 0.0,
            latencies_us_.size(),
            quantile(0.5),
            quantile(0.95),
            quantile(0.99),
            quantile(0.999),
            quantile(1.0),
            failed_,
            templates_[0].bytes.size() / options_.batch);
        const char* comma = "";
        for (const auto& [status, count] : statuses_) {
            std::printf("%s\"%d\":%zu", comma, status, count);
            comma = ",";
        }
        std::printf("}}\n");
    }

    Options options_;
    std::mt19937_64 random_;
    int epoll_;
    std::vector<Template> templates_;
    std::vector<Connection> connections_;
    std::vector<std::size_t> idle_;
    std::size_t busy_ = 0;
    std::size_t failed_ = 0;
    std::uint64_t started_ = 0;
    std::uint64_t next_id_ = 0;
    std::map<int, std::size_t> statuses_;
    std::vector<float> latencies_us_;
    Clock::time_point start_;
    Clock::time_point done_;
};

bool parse(int argc, char** argv, Options& options) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--labels") {
            options.labels = true;
            continue;
        }
        if (i + 1 == argc) {
            return false;
        }
        const char* value = argv[++i];
        if (name == "--port") {
            options.port = std::atoi(value);
        } else if (name == "--key") {
            options.key = value;
        } else if (name == "--batch") {
            options.batch = std::strtoul(value, nullptr, 10);
        } else if (name == "--connections") {
            options.connections = std::strtoul(value, nullptr, 10);
        } else if (name == "--seconds") {
            options.seconds = std::atof(value);
        } else if (name == "--rate") {
            options.rate = std::atof(value);
        } else if (name == "--first-id") {
            options.first_id = std::strtoull(value, nullptr, 10);
        } else if (name == "--items") {
            options.items_max = std::strtoull(value, nullptr, 10);
        } else if (name == "--deployment") {
            options.deployment = value;
        } else if (name == "--deployments") {
            options.deployments = std::strtoul(value, nullptr, 10);
        } else if (name == "--begin-ms") {
            options.begin_ms = std::atoll(value);
        } else if (name == "--step-ms") {
            options.step_ms = std::atof(value);
        } else {
            return false;
        }
    }
    return options.batch > 0 && options.connections > 0;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    if (!parse(argc, argv, options)) {
        std::fprintf(stderr, "see the head of load.cpp for the flags\n");
        return 2;
    }
    return Load(options).run();
}
