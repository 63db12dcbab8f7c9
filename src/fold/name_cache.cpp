#include "fold/name_cache.h"

#include "base/counter.h"
#include "base/hash.h"
#include "base/limits.h"

namespace aiml042::fold {

std::size_t TextHash::operator()(std::string_view text) const {
    return hash64(text);
}

ColumnId CachedDeployment::find_column(store::Store& store,
                                       const model::FieldView& field,
                                       std::uint64_t batch) {
    key_.assign({static_cast<char>(field.kind), static_cast<char>(field.type)});
    key_ += field.name;
    ColumnId id = store::Store::kNoColumn;
    if (const auto found = columns_.find(std::string_view(key_)); found != columns_.end()) {
        id = found->second;
    } else {
        const auto made = store.intern_column(
            id_, {.kind = field.kind, .type = field.type, .name = std::string(field.name)});
        if (made) {
            id = *made;
            columns_.emplace(key_, id);
        } else {
            static Counter& dropped = counter("aiml042_fold_columns_dropped_total",
                                              "Names not stored: the deployment has too many");
            dropped.add();
        }
    }
    if (field.name_index >= limits::kFoldColumnMemoMax) {
        return id;
    }
    if (field.name_index >= memo_.size()) {
        memo_.resize(field.name_index + 1);
    }
    memo_[field.name_index] = {.name = std::string(field.name),
                               .batch = batch,
                               .id = id,
                               .kind = field.kind,
                               .type = field.type};
    return id;
}

NameCache::Project& NameCache::project(ProjectId id) {
    const auto [it, fresh] = projects_.try_emplace(id);
    if (fresh) {
        for (const store::DeploymentInfo& info : store_->deployments(id)) {
            add(it->second, info.name, info.id);
        }
    }
    return it->second;
}

CachedDeployment& NameCache::add(Project& project, std::string_view name, DeploymentId id) {
    auto made = std::make_unique<CachedDeployment>(std::string(name), id);
    CachedDeployment& deployment = *made;
    project.all.push_back(&deployment);
    project.by_name.emplace(std::string(name), std::move(made));
    return deployment;
}

CachedDeployment& NameCache::intern(ProjectId id, std::string_view name) {
    Project& known = project(id);
    const auto found = known.by_name.find(name);
    return found != known.by_name.end() ? *found->second
                                        : add(known, name, store_->intern_deployment(id, name));
}

const CachedDeployment* NameCache::find(ProjectId id, std::string_view name) {
    const Project& known = project(id);
    const auto found = known.by_name.find(name);
    return found == known.by_name.end() ? nullptr : found->second.get();
}

const std::vector<CachedDeployment*>& NameCache::all(ProjectId id) {
    return project(id).all;
}

}  // namespace aiml042::fold
