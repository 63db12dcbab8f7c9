// `aiml042 demo`: the bundled replays, moved in time so that their last full day is today, then
// alive at their own rate.

#pragma once

#include <memory>

#include "app/instance.h"
#include "base/ids.h"
#include "base/status.h"

namespace aiml042::app {

class Demo {
  public:
    /// Declares the demo's deployments in `project` and sends everything that lies before now;
    /// returns when it is stored and visible. About 175,000 items, under two seconds.
    static Result<std::unique_ptr<Demo>> start(Instance& instance, ProjectId project);

    /// Stops the thread that sends what comes later.
    ~Demo();
    Demo(const Demo&) = delete;
    Demo& operator=(const Demo&) = delete;

  private:
    struct State;
    explicit Demo(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace aiml042::app
