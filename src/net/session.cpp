#include "net/session.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include "base/check.h"
#include "base/log.h"
#include "net/head_parser.h"
#include "os/clock.h"

namespace aiml042::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::string_view kServedMethods = "GET, HEAD, POST, PUT, DELETE, OPTIONS";
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::int64_t kBodyGraceMs = 5'000;         // Before the minimum rate of a body counts.
constexpr std::size_t kSkippedBytesMax = 64 * 1024;  // Larger refused bodies cost the connection.

/// The way of an answer back to its session, from any thread and for any time.
class SessionSink final : public Reply::Sink {
  public:
    SessionSink(std::shared_ptr<Inbox> inbox, Session* session)
        : inbox_(std::move(inbox)), session_(session) {}

    void send(Response response) override { inbox_->push(session_, std::move(response)); }

  private:
    const std::shared_ptr<Inbox> inbox_;
    Session* const session_;
};

std::int64_t steady_us() {
    return os::SystemClock().steady();
}

}  // namespace

Session::Session(asio::ip::tcp::socket socket, Worker& worker, std::string address)
    : socket_(std::move(socket)),
      worker_(worker),
      shared_(worker.shared()),
      address_(std::move(address)),
      sink_(std::make_shared<SessionSink>(worker.inbox(), this)) {}

void Session::start() {
    error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    since_ms_ = Worker::steady_ms();
    head_begun_ =
        true;  // The first header has the header's deadline from the start, not the idle one.
    pump();
}

void Session::pump() {
    if (pumping_) {
        return;
    }
    const auto self = shared_from_this();
    pumping_ = true;
    while (advance()) {
    }
    pumping_ = false;
}

bool Session::advance() {
    switch (state_) {
        case State::kHead:
            return advance_head();
        case State::kBody:
            return advance_body();
        case State::kChunks:
            return advance_chunks();
        case State::kHandling:
            if (!answered_) {
                return false;
            }
            begin_answer();
            return true;
        case State::kWriting:
            return advance_writing();
        case State::kSkipping:
            return advance_skipping();
        case State::kLingering:
            return advance_lingering();
        case State::kClosed:
            break;
    }
    return false;
}

void Session::deliver(Response response) {
    response_ = std::move(response);
    answered_ = true;
    if (state_ == State::kClosed) {
        worker_.forget(*this);
        return;
    }
    pump();
}

// --- The header --------------------------------------------------------------------------------

bool Session::advance_head() {
    const std::string_view bytes = buffered();
    const HeadEnd end = find_head_end(bytes, scanned_);
    switch (end.state) {
        case HeadEnd::State::kMore:
            break;
        case HeadEnd::State::kRefused:
            head_ = GuardedHead{};
            worker_.make_request_id(request_id_);
            request_began_us_ = steady_us();
            refuse_framing(end.refusal);
            return true;
        case HeadEnd::State::kComplete:
            if (turn_ >= limits::kPipelinedPerTurn) {
                turn_ = 0;
                asio::post(worker_.io(), [self = shared_from_this()] { self->pump(); });
                return false;
            }
            ++turn_;
            begin_request(end.length);
            return true;
    }
    scanned_ = bytes.size();
    if (!bytes.empty() && !head_begun_) {
        head_begun_ = true;
        since_ms_ = Worker::steady_ms();
    }
    turn_ = 0;
    read_more();
    return false;
}

void Session::begin_request(std::size_t head_bytes) {
    request_ = worker_.requests()->take();
    worker_.make_request_id(request_id_);
    request_began_us_ = steady_us();
    body_bytes_ = 0;
    skip_bytes_ = 0;
    const std::string_view head = buffered().substr(0, head_bytes);
    if (!judge_head(head)) {
        return;
    }
    consume(head_bytes);
    request_->remote_address = address_;
    request_->request_id = request_id_;
    Admission admission;
    try {
        admission = shared_.admit(*request_);
    } catch (const std::exception& error) {
        log_error("admit_failed", {{"request_id", request_id_}, {"error", error.what()}});
        admission.refusal =
            problem(Status(ErrorCode::kInternal, "The request could not be judged."), request_id_);
    }
    request_->ticket = std::move(admission.ticket);
    body_bytes_max_ = admission.body_bytes_max;
    if (admission.refusal) {
        refuse_body(std::move(*admission.refusal));
        return;
    }
    begin_body();
}

bool Session::judge_head(std::string_view head) {
    Refusal refusal = guard_head(head, head_);
    if (refusal.code == ErrorCode::kOk && !shared_.host_allowed(head_.host)) {
        refusal = {ErrorCode::kMisdirected,
                   "This server is not reached by that host name (see server.allowed_hosts)."};
    }
    if (refusal.code == ErrorCode::kOk) {
        refusal = parse_head(head, head_, *request_);
    }
    if (refusal.code == ErrorCode::kOk) {
        return true;
    }
    refuse_framing(refusal);
    return false;
}

/// Where a header is not acceptable nobody knows where the next one begins: answer, and close.
void Session::refuse_framing(const Refusal& refusal) {
    shared_.counters.refused_heads->add();
    response_ = problem(Status(refusal.code, std::string(refusal.reason)), request_id_);
    if (response_.status == 405 || response_.status == 501) {
        response_.headers.emplace_back("Allow", kServedMethods);
    }
    must_close_ = true;
    linger_ = true;
    begin_answer();
}

/// Answers instead of reading the body. A small one on its way is read over; otherwise the
/// connection is closed.
void Session::refuse_body(Response response) {
    response_ = std::move(response);
    const bool small =
        head_.framing == Framing::kLength && head_.content_length <= kSkippedBytesMax;
    if (small && !head_.expects_continue) {
        skip_bytes_ = head_.content_length;
    } else if (head_.framing != Framing::kNone) {
        must_close_ = true;
        linger_ = true;
    }
    begin_answer();
}

// --- The body ----------------------------------------------------------------------------------

void Session::begin_body() {
    since_ms_ = Worker::steady_ms();
    if (head_.framing == Framing::kNone) {
        dispatch();
        return;
    }
    const bool chunked = head_.framing == Framing::kChunked;
    if (chunked ? body_bytes_max_ == 0 : head_.content_length > body_bytes_max_) {
        const std::string detail =
            body_bytes_max_ == 0
                ? std::string("No body is taken here.")
                : "The body may have " + std::to_string(body_bytes_max_) + " bytes at most.";
        refuse_body(problem(Status(ErrorCode::kTooLarge, detail), request_id_));
        return;
    }
    const std::size_t length = chunked ? 0 : head_.content_length;
    if (!worker_.requests()->reserve(*request_, length)) {
        refuse_body(
            problem(Status(ErrorCode::kOverloaded, "Too many bytes of bodies are on their way."),
                    request_id_));
        return;
    }
    if (head_.expects_continue && !head_.http_1_0 &&
        buffered().size() < std::max<std::size_t>(length, 1)) {
        send_continue();
    }
    if (chunked) {
        chunks_ = ChunkDecoder();
        state_ = State::kChunks;
        return;
    }
    const std::size_t first =
        std::min(length, limits::kBodyFirstAllocationBytes) + RequestPool::kPadding;
    if (request_->body_storage.size() < first) {
        request_->body_storage.resize(first);
    }
    state_ = State::kBody;
}

bool Session::advance_body() {
    const std::size_t length = head_.content_length;
    std::string& storage = request_->body_storage;
    const std::size_t taken = std::min(length - body_bytes_, buffered().size());
    if (taken > 0) {
        AIML_CHECK(storage.size() >= body_bytes_ + taken + RequestPool::kPadding);
        std::copy_n(buffered().data(), taken, storage.data() + body_bytes_);
        consume(taken);
        body_bytes_ += taken;
    }
    if (body_bytes_ == length) {
        dispatch();
        return true;
    }
    if (body_bytes_ + RequestPool::kPadding == storage.size()) {
        storage.resize(std::min(length, body_bytes_ * 2) + RequestPool::kPadding);
    }
    read_body_more();
    return false;
}

bool Session::store_payload(std::string_view payload) {
    const std::size_t needed = body_bytes_ + payload.size();
    if (needed > body_bytes_max_) {
        response_ = problem(
            Status(ErrorCode::kTooLarge,
                   "The body may have " + std::to_string(body_bytes_max_) + " bytes at most."),
            request_id_);
        return false;
    }
    if (!worker_.requests()->reserve(*request_, payload.size())) {
        response_ =
            problem(Status(ErrorCode::kOverloaded, "Too many bytes of bodies are on their way."),
                    request_id_);
        return false;
    }
    std::string& storage = request_->body_storage;
    if (storage.size() < needed + RequestPool::kPadding) {
        storage.resize(std::max(needed, std::min(body_bytes_max_, storage.size() * 2)) +
                       RequestPool::kPadding);
    }
    std::ranges::copy(payload, storage.begin() + static_cast<std::ptrdiff_t>(body_bytes_));
    body_bytes_ = needed;
    return true;
}

bool Session::advance_chunks() {
    while (true) {
        const ChunkDecoder::Step step = chunks_.step(buffered());
        switch (step.state) {
            case ChunkDecoder::State::kPayload:
                if (!store_payload(step.payload)) {
                    must_close_ = true;
                    linger_ = true;
                    begin_answer();
                    return true;
                }
                consume(step.consumed);
                break;
            case ChunkDecoder::State::kMore:
                consume(step.consumed);
                read_more();
                return false;
            case ChunkDecoder::State::kDone:
                consume(step.consumed);
                dispatch();
                return true;
            case ChunkDecoder::State::kMalformed:
                refuse_framing(
                    {ErrorCode::kMalformedRequest, "The chunked body is not acceptable."});
                return true;
        }
    }
}

void Session::dispatch() {
    state_ = State::kHandling;
    answered_ = false;
    request_->body = std::string_view(request_->body_storage).substr(0, body_bytes_);
    shared_.counters.body_bytes->add(body_bytes_);
    Reply reply(sink_);
    try {
        shared_.handler(std::shared_ptr<const Request>(std::move(request_)), std::move(reply));
    } catch (const std::exception& error) {  // The reply answers 500 when it dies.
        log_error("handler_failed", {{"request_id", request_id_}, {"error", error.what()}});
    }
}

// --- The socket --------------------------------------------------------------------------------

void Session::consume(std::size_t bytes) {
    begin_ += bytes;
    scanned_ = 0;
    if (begin_ == end_) {
        begin_ = end_ = 0;
    }
}

/// A client may also go on without it, so nothing depends on these bytes; but half of them would be
/// a broken answer.
void Session::send_continue() {
    error_code error;
    const std::size_t sent =
        socket_.write_some(asio::const_buffer(kContinue.data(), kContinue.size()), error);
    if (sent > 0 && sent < kContinue.size()) {
        error_code ignored;
        socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    }
}

void Session::read_more() {
    if (begin_ > 0) {
        std::copy(buffer_.data() + begin_, buffer_.data() + end_, buffer_.data());
        end_ -= begin_;
        begin_ = 0;
    }
    AIML_CHECK(end_ < buffer_.size());
    socket_.async_read_some(
        asio::buffer(buffer_.data() + end_, buffer_.size() - end_),
        [self = shared_from_this()](const error_code& error, std::size_t bytes) {
            self->end_ += bytes;
            self->on_read(error, 0);
        });
}

void Session::read_body_more() {
    std::string& storage = request_->body_storage;
    const std::size_t length = head_.content_length;
    const std::size_t room = std::min(length, storage.size() - RequestPool::kPadding) - body_bytes_;
    socket_.async_read_some(
        asio::buffer(storage.data() + body_bytes_, room),
        [self = shared_from_this()](const error_code& error, std::size_t bytes) {
            self->on_read(error, bytes);
        });
}

void Session::on_read(const error_code& error, std::size_t bytes) {
    if (state_ == State::kClosed) {
        return;
    }
    if (error) {
        close();
        return;
    }
    body_bytes_ += bytes;
    pump();
}

void Session::wait_writable() {
    socket_.async_wait(asio::ip::tcp::socket::wait_write,
                       [self = shared_from_this()](const error_code& error) {
                           if (error) {
                               self->close();
                           } else {
                               self->pump();
                           }
                       });
}

bool Session::overdue(std::int64_t now_ms) const {
    const std::int64_t age = now_ms - since_ms_;
    const ServerOptions& options = shared_.options;
    switch (state_) {
        case State::kHead:
            return age > (head_begun_ ? options.header_timeout_ms : options.idle_timeout_ms);
        case State::kBody:
        case State::kChunks:
            return age > kBodyGraceMs && static_cast<std::int64_t>(body_bytes_) * 1'000 <
                                             age * std::int64_t{options.body_rate_min};
        case State::kWriting:  // The same rate holds for a client that reads, on top of the time
                               // for a small answer.
            return (age - std::int64_t{options.write_timeout_ms}) *
                       std::int64_t{options.body_rate_min} >
                   static_cast<std::int64_t>(written_) * 1'000;
        case State::kSkipping:
            return age > options.header_timeout_ms;
        case State::kLingering:
            return age > limits::kLingerMs;
        case State::kHandling:
        case State::kClosed:
            break;
    }
    return false;
}

void Session::tick(std::int64_t now_ms) {
    if (overdue(now_ms)) {
        shared_.counters.timeouts->add();
        close();
    }
}

void Session::drain() {
    const bool idle = state_ == State::kHead && buffered().empty();
    if (idle || state_ == State::kLingering) {
        close();
    }
}

void Session::close() {
    if (state_ == State::kClosed) {
        return;
    }
    const bool awaiting = state_ == State::kHandling && !answered_;
    state_ = State::kClosed;
    error_code ignored;
    socket_.close(ignored);
    request_.reset();
    if (!awaiting) {  // Else deliver() does it.
        worker_.forget(*this);
    }
}

}  // namespace aiml042::net
