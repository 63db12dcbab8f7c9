// Metrics from shared objects: include/aiml042/plugin.h says what a plugin is.

#pragma once

#include <string>

#include "aiml042/plugin.h"
#include "base/status.h"

namespace aiml042::plugin {

/// Loads the shared object and adds its metrics to the catalogue. At start only, before other
/// threads. kInvalidArgument, naming the file and what is wrong, when it cannot be loaded, is of
/// another interface version, or brings a metric that is incomplete or has the name of another;
/// then it added nothing.
Status load(const std::string& path);

/// The same for a plugin that is in memory already; it must live as long as the process.
Status add(const aiml042_plugin& plugin);

}  // namespace aiml042::plugin
