// Bytes of a file or of standard input, inflated on the way.

#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "codec/inflate_stream.h"

namespace aiml042::app {

class ByteSource {
  public:
    /// "-" is standard input.
    static Result<ByteSource> open(const std::string& path);

    /// Appends up to 1 MiB to `out`, without a byte order mark at the beginning; false at the end.
    Result<bool> append_to(std::string& out);

    [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }

    /// 0 where it is not known.
    [[nodiscard]] std::uint64_t bytes_total() const { return bytes_total_; }

  private:
    using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

    ByteSource(std::string path, File file);

    std::string path_;
    File file_;
    std::unique_ptr<codec::InflateStream> inflate_ = std::make_unique<codec::InflateStream>();
    std::string raw_;
    std::size_t taken_ = 0;  // Of raw_.
    bool begun_ = false;
    std::uint64_t bytes_read_ = 0;
    std::uint64_t bytes_total_ = 0;
};

}  // namespace aiml042::app
