// A folder that is empty at first and gone at the end.

#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

#include "base/log.h"

namespace aiml042::identity {

class Folder {
  public:
    Folder() {
        static std::atomic<int> next{0};
        path_ = std::filesystem::temp_directory_path() /
                ("aiml042_identity_" + std::to_string(::getpid()) + "_" + std::to_string(next++));
        std::filesystem::remove_all(path_);
        std::filesystem::create_directories(path_);
        set_log_level(LogLevel::kError);
    }

    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    ~Folder() { std::filesystem::remove_all(path_); }

    [[nodiscard]] std::string path() const { return path_.string(); }

    [[nodiscard]] std::vector<std::filesystem::path> files(const std::string& extension) const {
        std::vector<std::filesystem::path> out;
        for (const auto& entry : std::filesystem::directory_iterator(path_)) {
            if (entry.path().extension() == extension) {
                out.push_back(entry.path());
            }
        }
        return out;
    }

  private:
    std::filesystem::path path_;
};

}  // namespace aiml042::identity
