// 128-bit integers under one name: both compilers have them, ISO C++ has not.

#pragma once

namespace aiml042::stats {

__extension__ typedef __int128 Int128;  // NOLINT(modernize-use-using): the attribute needs it.
__extension__ typedef unsigned __int128 UInt128;  // NOLINT(modernize-use-using)

}  // namespace aiml042::stats
