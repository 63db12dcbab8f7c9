#include "app/byte_source.h"

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace aiml042::app {

namespace {

constexpr std::size_t kRawBytes = 256 * 1024;
constexpr std::size_t kStepBytes = 1 << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

int leave_open(std::FILE* /*file*/) {
    return 0;
}

}  // namespace

ByteSource::ByteSource(std::string path, File file)
    : path_(std::move(path)), file_(std::move(file)) {}

Result<ByteSource> ByteSource::open(const std::string& path) {
    if (path == "-") {
        return ByteSource("standard input", File(stdin, leave_open));
    }
    std::error_code error;
    File file(std::fopen(path.c_str(), "rb"), std::fclose);
    if (!file || std::filesystem::is_directory(path, error)) {
        return Status(ErrorCode::kInvalidArgument, path + ": cannot be read");
    }
    ByteSource source(path, std::move(file));
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    source.bytes_total_ = error ? 0 : size;
    return source;
}

Result<bool> ByteSource::append_to(std::string& out) {
    const std::size_t before = out.size();
    while (out.size() == before) {
        if (taken_ == raw_.size()) {
            raw_.resize(kRawBytes);
            raw_.resize(std::fread(raw_.data(), 1, kRawBytes, file_.get()));
            taken_ = 0;
            bytes_read_ += raw_.size();
            if (std::ferror(file_.get()) != 0) {
                return Status(ErrorCode::kInvalidArgument, path_ + ": cannot be read to its end");
            }
        }
        const bool at_end = raw_.empty();
        ByteView in = ByteView(raw_).substr(taken_);
        out.resize(before + kStepBytes);
        auto made = inflate_->inflate(in, out.data() + before, kStepBytes);
        out.resize(before + (made.is_ok() ? *made : 0));
        if (!made.is_ok()) {
            Status status = made.status();
            return std::move(status).with_context(path_);
        }
        taken_ = raw_.size() - in.size();
        if (at_end && *made == 0) {
            AIML_TRY(inflate_->finish().with_context(path_));
            return false;
        }
    }
    if (!std::exchange(begun_, true) &&
        std::string_view(out).substr(before).starts_with(kByteOrderMark)) {
        out.erase(before, kByteOrderMark.size());
    }
    return true;
}

}  // namespace aiml042::app
