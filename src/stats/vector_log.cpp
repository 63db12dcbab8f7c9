#include "stats/vector_log.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace aiml042::stats {

namespace {

using Doubles = double __attribute__((vector_size(16)));
using Integers =
    std::uint64_t __attribute__((vector_size(16)));  // Wraps around; shifts are logical.

// x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); log(1 + f) = f - s (f - R) with s = f / (2 +
// f). k becomes a double by adding it to the bits of 2^52 + 2^51, which every instruction set can
// do.
inline void log_pair(double* at) {
    constexpr std::uint64_t kHalfRoot = 0x3FE6'A09E'667F'3BCD;  // Bits of sqrt(1/2).
    constexpr std::uint64_t kMantissa = (1ULL << 52) - 1;
    constexpr std::uint64_t kMagicBits = 0x4338'0000'0000'0000;
    constexpr double kMagic = 0x1.8p52;
    Integers bits;
    std::memcpy(&bits, at, sizeof(bits));
    const Integers shifted = bits - kHalfRoot;
    // An arithmetic shift made of a logical one: SSE2 has no other for 64 bits.
    const Integers k_bits = ((shifted + (1ULL << 62)) >> 52) - (1ULL << 10);
    const Integers one_plus_f = (shifted & kMantissa) + kHalfRoot;
    const Integers magic = k_bits + kMagicBits;
    Doubles k;
    Doubles m;
    std::memcpy(&k, &magic, sizeof(k));
    std::memcpy(&m, &one_plus_f, sizeof(m));
    k -= kMagic;
    const Doubles f = m - 1.0;
    const Doubles s = f / (2.0 + f);
    const Doubles z = s * s;
    const Doubles w = z * z;
    const Doubles t1 = w * (3.999999999940941908e-01 +
                            w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
    const Doubles t2 = z * (6.666666666666735130e-01 +
                            w * (2.857142874366239149e-01 +
                                 w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
    const Doubles r = t1 + t2;
    const Doubles half_square = 0.5 * f * f;
    const Doubles log_value =
        k * 6.93147180369123816490e-01 -
        ((half_square - (s * (half_square + r) + k * 1.90821492927058770002e-10)) - f);
    std::memcpy(at, &log_value, sizeof(log_value));
}

}  // namespace

void log_in_place(std::span<double> values) {
    std::size_t i = 0;
    for (; i + 2 <= values.size(); i += 2) {
        log_pair(values.data() + i);
    }
    if (i < values.size()) {
        double pair[2] = {values[i], 1.0};
        log_pair(pair);
        values[i] = pair[0];
    }
}

}  // namespace aiml042::stats
