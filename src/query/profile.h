// What a deployment is: its task, its positive class and how its columns are to be understood;
// declared where it was declared, else inferred from its events and labels and said to be so. Never
// a silent guess: where a positive class is needed and cannot be told, the query fails and says how
// to declare it.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "model/deployment.h"
#include "query/class_registry.h"
#include "query/inputs.h"
#include "query/left_out.h"
#include "query/summary.h"
#include "store/directory.h"
#include "store/store.h"

namespace aiml042::query {

struct Profile {
    model::DeploymentSettings settings;
    model::TaskType task = model::TaskType::kUnknown;
    bool task_declared = false;
    std::optional<std::string> positive_class;
    bool positive_declared = false;
    bool has_labels = false;           // In the blocks that were looked at.
    std::vector<std::string> classes;  // Seen as label or prediction.
    BlockSummary seen;                 // Of the blocks that were looked at.
};

/// Looks at the newest blocks: 64 at least, and on until one with labels was found. With `left_out`
/// damaged ones are passed over and counted there.
Result<Profile> make_profile(const std::vector<std::shared_ptr<const store::Block>>& blocks,
                             const store::Schema& schema,
                             model::DeploymentSettings settings,
                             Summaries& summaries,
                             LeftOut* left_out = nullptr);

/// The task told from what was seen.
[[nodiscard]] model::TaskType infer_task(const BlockSummary& seen, const store::Schema& schema);

/// "1" of {"0","1"}, "true" of {"false","true"}, "yes" of {"no","yes"}, in the case that was seen;
/// also when only one of the two was. Nothing for any other set.
[[nodiscard]] std::optional<std::string> infer_positive_class(
    const std::vector<std::string>& classes);

/// `multiclass_positive`: keep the declared positive class although there are more than two classes
/// (average=binary).
Result<Understanding> understand(const Profile& profile,
                                 const store::Schema& schema,
                                 ClassRegistry& classes,
                                 bool multiclass_positive);

/// The failure of a metric that needs a positive class.
[[nodiscard]] Status positive_class_unknown(const Profile& profile,
                                            std::string_view metric,
                                            std::string_view deployment);

/// Keys to slice by and their values: the declared cohort keys, else metadata keys with at most 64
/// values.
[[nodiscard]] std::vector<std::pair<std::string, std::vector<std::string>>> slices_of(
    const Profile& profile);

}  // namespace aiml042::query
