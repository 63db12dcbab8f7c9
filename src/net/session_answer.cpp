// The second half of a connection's life: sending the answer, and what follows it.

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/buffer.hpp>

#include "net/response_head.h"
#include "net/session.h"
#include "os/clock.h"

namespace aiml042::net {

namespace asio = boost::asio;
using boost::system::error_code;

void Session::begin_answer() {
    request_.reset();
    answered_ = false;
    must_close_ = must_close_ || response_.close || !head_.keep_alive ||
                  shared_.draining.load(std::memory_order_relaxed);
    const auto class_index = static_cast<std::size_t>(std::clamp(response_.status / 100, 0, 5));
    shared_.counters.answers[class_index]->add();
    shared_.counters.duration->observe_us(
        static_cast<std::uint64_t>(os::SystemClock().steady() - request_began_us_));
    answer_head_.clear();
    append_response_head(response_,
                         {.date = worker_.date(),
                          .request_id = request_id_,
                          .keep_alive = !must_close_,
                          .http_1_0 = head_.http_1_0},
                         answer_head_);
    const bool has_body =
        head_.method != Method::kHead && response_.status != 204 && response_.status != 304;
    answer_body_ = has_body ? response_body(response_) : std::string_view();
    written_ = 0;
    since_ms_ = Worker::steady_ms();
    state_ = State::kWriting;
}

bool Session::advance_writing() {
    const std::size_t total = answer_head_.size() + answer_body_.size();
    while (written_ < total) {
        const std::size_t in_head = std::min(written_, answer_head_.size());
        const std::size_t in_body = written_ - in_head;
        const std::array<asio::const_buffer, 2> buffers = {
            asio::const_buffer(answer_head_.data() + in_head, answer_head_.size() - in_head),
            asio::const_buffer(answer_body_.data() + in_body, answer_body_.size() - in_body)};
        error_code error;
        written_ += socket_.write_some(buffers, error);
        if (error == asio::error::would_block) {
            wait_writable();
            return false;
        }
        if (error) {
            close();
            return false;
        }
    }
    finish_answer();
    return true;
}

void Session::finish_answer() {
    response_ = Response();
    answer_body_ = {};
    since_ms_ = Worker::steady_ms();
    if (must_close_) {
        error_code ignored;
        socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
        if (linger_ || !buffered().empty()) {
            begin_ = end_ = 0;
            state_ = State::kLingering;
        } else {
            close();
        }
        return;
    }
    head_begun_ = false;
    scanned_ = 0;
    state_ = skip_bytes_ > 0 ? State::kSkipping : State::kHead;
}

bool Session::advance_skipping() {
    const std::size_t skipped =
        static_cast<std::size_t>(std::min<std::uint64_t>(skip_bytes_, buffered().size()));
    consume(skipped);
    skip_bytes_ -= skipped;
    if (skip_bytes_ == 0) {
        state_ = State::kHead;
        return true;
    }
    read_more();
    return false;
}

bool Session::advance_lingering() {
    lingered_bytes_ += buffered().size();
    begin_ = end_ = 0;
    if (lingered_bytes_ > limits::kLingerBytesMax) {
        close();
        return false;
    }
    read_more();
    return false;
}

}  // namespace aiml042::net
