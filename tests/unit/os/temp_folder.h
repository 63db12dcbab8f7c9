// A folder of its own for a test, gone afterwards.

#pragma once

#include <filesystem>
#include <string>

#include <stdlib.h>

namespace aiml042::test {

class TempFolder {
  public:
    TempFolder() {
        path_ = (std::filesystem::temp_directory_path() / "aiml042_test_XXXXXX").string();
        if (::mkdtemp(path_.data()) == nullptr) {
            std::abort();
        }
    }

    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

}  // namespace aiml042::test
