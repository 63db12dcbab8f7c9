#include "net/head_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "base/limits.h"
#include "net/target.h"

namespace aiml042::net {

namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

/// Beast's parser with fields going straight into the request. It is given headers only, never a
/// body.
class HeadParser final : public http::basic_parser<true> {
  public:
    explicit HeadParser(Request& out) : out_(&out) {
        header_limit(static_cast<std::uint32_t>(limits::kHeaderBytesMax));
        body_limit(boost::none);
    }

    [[nodiscard]] std::string_view method() const { return method_; }

  private:
    void on_request_impl(http::verb /*verb*/,
                         string_view method,
                         string_view /*target*/,
                         int /*version*/,
                         error_code& error) override {
        method_ = {method.data(), method.size()};
        error = {};
    }

    void on_response_impl(int /*code*/,
                          string_view /*reason*/,
                          int /*version*/,
                          error_code& error) override {
        error = http::error::bad_version;
    }

    void on_field_impl(http::field /*field*/,
                       string_view name,
                       string_view value,
                       error_code& error) override {
        auto& [lower_name, text] = out_->headers.emplace_back();
        lower_name.assign(name.data(), name.size());
        for (char& c : lower_name) {
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        }
        text.assign(value.data(), value.size());
        error = {};
    }

    void on_header_impl(error_code& error) override { error = {}; }

    void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/,
                           error_code& error) override {
        error = {};
    }

    std::size_t on_body_impl(string_view /*body*/, error_code& error) override {
        return unexpected(error);
    }

    void on_chunk_header_impl(std::uint64_t /*size*/,
                              string_view /*extensions*/,
                              error_code& error) override {
        unexpected(error);
    }

    std::size_t on_chunk_body_impl(std::uint64_t /*remaining*/,
                                   string_view /*body*/,
                                   error_code& error) override {
        return unexpected(error);
    }

    void on_finish_impl(error_code& error) override { error = {}; }

    static std::size_t unexpected(error_code& error) {
        error = http::error::unexpected_body;
        return 0;
    }

    Request* out_;
    std::string_view method_;
};

}  // namespace

Refusal parse_head(std::string_view head, const GuardedHead& guarded, Request& out) {
    out.method = guarded.method;
    out.headers.clear();
    if (!read_target(guarded.target, out)) {
        return {ErrorCode::kMalformedRequest, "The request target cannot be decoded."};
    }
    HeadParser parser(out);
    error_code error;
    const std::size_t used = parser.put(boost::asio::const_buffer(head.data(), head.size()), error);
    if (error || used != head.size() || !parser.is_header_done()) {
        return {ErrorCode::kMalformedRequest, "The request header cannot be parsed."};
    }
    const boost::optional<std::uint64_t> length = parser.content_length();
    const std::uint64_t length_or_zero = length ? *length : 0;
    if (parser.chunked() != (guarded.framing == Framing::kChunked) ||
        length_or_zero != guarded.content_length || !head.starts_with(parser.method())) {
        return {ErrorCode::kMalformedRequest, "The request header can be read in two ways."};
    }
    return {};
}

}  // namespace aiml042::net
