// The catalog's references, as the query room asks for them.

#pragma once

#include "catalog/catalog.h"
#include "query/engine.h"

namespace aiml042::app {

/// The catalog must outlive it.
[[nodiscard]] query::ReferenceSource stored_references(const catalog::Catalog& catalog);

}  // namespace aiml042::app
