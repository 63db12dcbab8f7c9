#include "fold/name_cache.h"

#include "base/counter.h"
#include "base/limits.h"

namespace aiml042::fold {

std::size_t TextHash::operator()(std::string_view text) const {
    return hash64(text);
}

void CachedDeployment::select(const Hash128& table) {
    for (std::size_t i = 0; i < tables_.size(); ++i) {
        if (tables_[i].hash == table) {
            recent_ = i;
            return;
        }
    }
    recent_ = (recent_ + 1) % tables_.size();
    tables_[recent_].hash = table;
    tables_[recent_].ids.clear();
}

ColumnId CachedDeployment::find_column(store::Store& store, const model::FieldView& field) {
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
    if (field.name_index < limits::kFoldColumnMemoMax) {
        std::vector<ColumnId>& ids = tables_[recent_].ids;
        if (field.name_index >= ids.size()) {
            ids.resize(field.name_index + 1, kUnknown);
        }
        ids[field.name_index] = id;
    }
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
