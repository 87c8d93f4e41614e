/* How a decimal is taken apart and put together: shared by the decimal_*.c files only.
 *
 * Sign: bit 63 of `high`. Exponent + 6176: bits 62 to 49. Coefficient: 49 bits of `high`, 64 of
 * `low`, always below 10^34. Kept everywhere: no infinity, no NaN, no negative zero. */
#ifndef KOPPEL_DECIMAL_BITS_H
#define KOPPEL_DECIMAL_BITS_H

#include "decimal.h"

__extension__ typedef unsigned __int128 coefficient;

#define DECIMAL_SIGN_BIT 0x8000000000000000ULL
#define DECIMAL_HIGH_MASK 0x0001FFFFFFFFFFFFULL
enum {
    DECIMAL_EXPONENT_SHIFT = 49,
    DECIMAL_EXPONENT_BIAS = 6176,
    DECIMAL_EXPONENT_MIN = -6176,
    DECIMAL_EXPONENT_MAX = 6111,
    DECIMAL_POWERS_MAX = 38 /* 10^38 is the largest power of ten in 128 bits */
};

extern const coefficient decimal_powers[DECIMAL_POWERS_MAX + 1];

static inline bool decimal_bits_negative(struct decimal number) {
    return (number.high & DECIMAL_SIGN_BIT) != 0;
}

static inline int decimal_bits_exponent(struct decimal number) {
    return (int)(number.high << 1 >> (DECIMAL_EXPONENT_SHIFT + 1)) - DECIMAL_EXPONENT_BIAS;
}

static inline coefficient decimal_bits_coefficient(struct decimal number) {
    return (coefficient)(number.high & DECIMAL_HIGH_MASK) << 64 | number.low;
}

/* Is the coefficient below 2^64? */
static inline bool decimal_bits_small(struct decimal number) {
    return (number.high & DECIMAL_HIGH_MASK) == 0;
}

static inline bool decimal_bits_zero(struct decimal number) {
    return ((number.high & DECIMAL_HIGH_MASK) | number.low) == 0;
}

/* The exponent must be in range, the coefficient below 10^34, and a zero not negative. */
static inline struct decimal decimal_bits_make(bool negative, coefficient digits, int exponent) {
    struct decimal number = {
        (uint64_t)digits,
        (uint64_t)negative << 63 |
            (uint64_t)(exponent + DECIMAL_EXPONENT_BIAS) << DECIMAL_EXPONENT_SHIFT |
            (uint64_t)(digits >> 64)};
    return number;
}

/* Puts a number together whose exponent may be out of range: moves zeros between coefficient and
 * exponent where that is exact, false where it is not. */
bool decimal_bits_fit(bool negative, coefficient digits, int64_t exponent,
                      struct decimal *ret_number);

/* The same, for coefficients below 10^34 whose exponent is nearly always in range. */
static inline bool decimal_bits_put(bool negative, coefficient digits, int exponent,
                                    struct decimal *ret_number) {
    if (exponent < DECIMAL_EXPONENT_MIN || exponent > DECIMAL_EXPONENT_MAX)
        return decimal_bits_fit(negative, digits, exponent, ret_number);
    *ret_number = decimal_bits_make(negative && digits != 0, digits, exponent);
    return true;
}

/* How many decimal digits; 1 for zero. */
static inline int decimal_bits_digits(coefficient digits) {
    uint64_t high = (uint64_t)(digits >> 64), low = (uint64_t)digits;
    int bits = high ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll(low | 1);
    int estimate = bits * 1233 >> 12; /* log10(2), never above the true count */
    return estimate + (digits >= decimal_powers[estimate] || estimate == 0);
}

/* Takes trailing zeros off while the exponent stays at or below `limit`. */
static inline coefficient decimal_bits_strip(coefficient digits, int limit, int *exponent) {
    if (digits == 0)
        return 0;
    while (digits >> 64 != 0 && *exponent < limit) {
        if ((uint64_t)digits & 1 || digits % 10 != 0)
            return digits;
        digits /= 10;
        (*exponent)++;
    }
    if (digits >> 64 != 0)
        return digits;
    uint64_t small = (uint64_t)digits;
    while (*exponent + 8 <= limit && small % 100000000 == 0) {
        small /= 100000000;
        *exponent += 8;
    }
    while (*exponent < limit && small % 10 == 0) {
        small /= 10;
        (*exponent)++;
    }
    return small;
}

/* Operations that need more than 128 bits (decimal_wide.c), by Intel's library. */
bool decimal_wide_add(struct decimal a, struct decimal b, struct decimal *ret_number);
bool decimal_wide_multiply(struct decimal a, struct decimal b, struct decimal *ret_number);
bool decimal_wide_divide(struct decimal a, struct decimal b, struct decimal *ret_number);
/* The remainder of a truncated division: exact, with the sign of `a`. */
bool decimal_wide_remainder(struct decimal a, struct decimal b, struct decimal *ret_number);
bool decimal_wide_power(struct decimal a, struct decimal b, struct decimal *ret_number);

#endif
