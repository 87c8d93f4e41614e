/* Decimal operations that need more than 128 bits, by Intel's decimal floating-point library.
 *
 * The library's encoding is ours, so a number crosses by copying 16 bytes. It is linked in the
 * variant that takes arguments by value and the rounding direction and the flags as arguments
 * (libbidgcc000: by reference 0, global rounding 0, global flags 0), so that there is no state
 * outside a call. Nothing else may include its header. */
#define DECIMAL_CALL_BY_REFERENCE 0
#define DECIMAL_GLOBAL_ROUNDING 0
#define DECIMAL_GLOBAL_EXCEPTION_FLAGS 0
#include <bid_conf.h>
#include <bid_functions.h>

#include "decimal_bits.h"

#define INFINITE_OR_NAN 0x7800000000000000ULL

static BID_UINT128 to_library(struct decimal number) {
    BID_UINT128 library_number;
    library_number.w[0] = number.low;
    library_number.w[1] = number.high;
    return library_number;
}

/* Takes a result over: false when it is not finite or fell below the smallest normal number. */
static bool from_library(BID_UINT128 library_number, unsigned flags, struct decimal *ret_number) {
    struct decimal number = {library_number.w[0], library_number.w[1]};
    if ((number.high & INFINITE_OR_NAN) == INFINITE_OR_NAN)
        return false;
    if (flags & (BID_INVALID_EXCEPTION | BID_OVERFLOW_EXCEPTION | BID_UNDERFLOW_EXCEPTION |
                 BID_ZERO_DIVIDE_EXCEPTION))
        return false;
    if (decimal_bits_zero(number))
        number = decimal_absolute(number);
    *ret_number = number;
    return true;
}

bool decimal_wide_add(struct decimal a, struct decimal b, struct decimal *ret_number) {
    unsigned flags = 0;
    BID_UINT128 sum = bid128_add(to_library(a), to_library(b), BID_ROUNDING_TO_NEAREST, &flags);
    return from_library(sum, flags, ret_number);
}

bool decimal_wide_multiply(struct decimal a, struct decimal b, struct decimal *ret_number) {
    unsigned flags = 0;
    BID_UINT128 product =
        bid128_mul(to_library(a), to_library(b), BID_ROUNDING_TO_NEAREST, &flags);
    return from_library(product, flags, ret_number);
}

bool decimal_wide_divide(struct decimal a, struct decimal b, struct decimal *ret_number) {
    unsigned flags = 0;
    BID_UINT128 quotient =
        bid128_div(to_library(a), to_library(b), BID_ROUNDING_TO_NEAREST, &flags);
    return from_library(quotient, flags, ret_number);
}

bool decimal_wide_remainder(struct decimal a, struct decimal b, struct decimal *ret_number) {
    unsigned flags = 0;
    BID_UINT128 remainder = bid128_fmod(to_library(a), to_library(b), &flags);
    return from_library(remainder, flags, ret_number);
}

bool decimal_wide_power(struct decimal a, struct decimal b, struct decimal *ret_number) {
    unsigned flags = 0;
    BID_UINT128 power = bid128_pow(to_library(a), to_library(b), BID_ROUNDING_TO_NEAREST, &flags);
    return from_library(power, flags, ret_number);
}

bool decimal_square_root(struct decimal number, struct decimal *ret_number) {
    unsigned flags = 0;
    BID_UINT128 root = bid128_sqrt(to_library(number), BID_ROUNDING_TO_NEAREST, &flags);
    return from_library(root, flags, ret_number);
}

bool decimal_exponential(struct decimal number, struct decimal *ret_number) {
    unsigned flags = 0;
    BID_UINT128 power = bid128_exp(to_library(number), BID_ROUNDING_TO_NEAREST, &flags);
    return from_library(power, flags, ret_number);
}

bool decimal_logarithm(struct decimal number, struct decimal *ret_number) {
    unsigned flags = 0;
    BID_UINT128 logarithm = bid128_log(to_library(number), BID_ROUNDING_TO_NEAREST, &flags);
    return from_library(logarithm, flags, ret_number);
}
