// What a detector on a stream says when the stream's level has changed.

#pragma once

namespace aiml042::stats {

struct Change {
    double before = 0.0;  // Mean of the values that the detector holds to be of before …
    double after = 0.0;   // … and of those of after.
};

}  // namespace aiml042::stats
