// Inside of net: one connection. Reads a head, lets it be judged, reads the body into a padded
// buffer, hands the request over, writes the answer, begins again. One request at a time: what a
// client pipelines waits in the kernel.
//
// Threads: the worker's only.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "base/limits.h"
#include "base/scratch.h"
#include "net/chunk_decoder.h"
#include "net/guard.h"
#include "net/worker.h"

namespace aiml042::net {

class Session : public std::enable_shared_from_this<Session> {
  public:
    Session(boost::asio::ip::tcp::socket socket, Worker& worker, std::string address);

    void start();
    /// The answer to the request that is being handled.
    void deliver(Response response);
    /// Cuts the connection when it is overdue.
    void tick(std::int64_t now_ms);
    /// Closes it when no request is on its way.
    void drain();
    void close();

    [[nodiscard]] const std::string& address() const { return address_; }

    std::size_t index = 0;  // Of the worker's list.

  private:
    enum class State : std::uint8_t {
        kHead,       // Waiting for, or in the middle of, a header.
        kBody,       // A body with a length.
        kChunks,     // A chunked body.
        kHandling,   // The handler has the request.
        kWriting,    // The answer is being sent.
        kSkipping,   // A small refused body is read over, so that the connection can live on.
        kLingering,  // The answer is sent and nothing more will be; reading until the client has
                     // seen it.
        kClosed,
    };

    void pump();
    /// One step. True when there is more to do now; false when an event was asked for.
    bool advance();
    bool advance_head();
    bool advance_body();
    bool advance_chunks();
    bool advance_writing();
    bool advance_skipping();
    bool advance_lingering();

    void begin_request(std::size_t head_bytes);
    /// False when the head was refused (and answered).
    bool judge_head(std::string_view head);
    void begin_body();
    bool store_payload(std::string_view payload);
    void dispatch();
    void refuse_framing(const Refusal& refusal);
    void refuse_body(Response response);
    void begin_answer();
    void finish_answer();

    void send_continue();
    void read_more();
    void read_body_more();
    void wait_writable();
    void on_read(const boost::system::error_code& error, std::size_t bytes);

    [[nodiscard]] std::string_view buffered() const {
        return {buffer_.data() + begin_, end_ - begin_};
    }

    void consume(std::size_t bytes);
    [[nodiscard]] bool overdue(std::int64_t now_ms) const;

    boost::asio::ip::tcp::socket socket_;
    Worker& worker_;
    Shared& shared_;
    const std::string address_;
    const std::shared_ptr<Reply::Sink> sink_;

    State state_ = State::kHead;
    bool pumping_ = false;
    bool linger_ = false;        // Close by lingering once the answer is out.
    bool must_close_ = false;    // Close once the answer is out.
    bool head_begun_ = false;    // A byte of the header has come.
    bool answered_ = false;      // `response_` is there.
    bool receiving_ = false;     // A read is under way.
    unsigned turn_ = 0;          // Requests since other connections had their turn.
    std::int64_t since_ms_ = 0;  // When the state began, for its deadline.
    std::int64_t request_began_us_ = 0;

    GuardedHead head_;  // Of the current request; views are dead after begin_request().
    std::shared_ptr<PooledRequest> request_;
    std::string request_id_;
    ChunkDecoder chunks_;
    std::size_t body_bytes_max_ = 0;
    std::size_t body_bytes_ = 0;
    std::uint64_t skip_bytes_ = 0;  // Of a refused body, still to be read over.
    std::size_t lingered_bytes_ = 0;

    Response response_;
    std::string answer_head_;
    std::string_view answer_body_;
    std::size_t written_ = 0;

    std::size_t begin_ = 0;  // Of what is buffered and not consumed.
    std::size_t end_ = 0;
    std::size_t scanned_ = 0;  // Of buffered(), by find_head_end().
    Scratch<char, limits::kReceiveBufferBytes> buffer_;
};

}  // namespace aiml042::net
