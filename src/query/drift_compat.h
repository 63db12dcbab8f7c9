// What other monitors say of a drift report's columns, written beside our verdicts.

#pragma once

#include <string>

#include "codec/json_writer.h"
#include "query/drift_report.h"

namespace aiml042::query {

/// "compat": one object per monitor; nothing where none was asked for.
void write_compat(codec::JsonWriter& writer, const DriftReport& report, const DriftColumn& column);

/// The same of the whole report.
void write_compat_summary(codec::JsonWriter& writer, const DriftReport& report);

/// Four CSV columns per monitor: method, value, threshold and verdict.
void append_compat_names(std::string& out, const DriftReport& report);
void append_compat_cells(std::string& out, const DriftReport& report, const DriftColumn& column);

}  // namespace aiml042::query
