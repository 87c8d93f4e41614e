/* Decimal numbers: the operations that rating is made of, in 128-bit integers.
 *
 * Each operation first tries the case that nearly all money is: coefficients that fit 64 or 128
 * bits and a result that needs no rounding. What needs more bits goes to decimal_wide.c. Reading
 * and writing is in decimal_text.c, division, powers and the like in decimal_math.c. */
#include "decimal.h"

#include "decimal_bits.h"

#define E19 ((coefficient)10000000000000000000ULL)
const coefficient decimal_powers[DECIMAL_POWERS_MAX + 1] = {
    1ULL, 10ULL, 100ULL, 1000ULL, 10000ULL, 100000ULL, 1000000ULL, 10000000ULL, 100000000ULL,
    1000000000ULL, 10000000000ULL, 100000000000ULL, 1000000000000ULL, 10000000000000ULL,
    100000000000000ULL, 1000000000000000ULL, 10000000000000000ULL, 100000000000000000ULL,
    1000000000000000000ULL, E19, E19 * 10, E19 * 100, E19 * 1000, E19 * 10000, E19 * 100000,
    E19 * 1000000, E19 * 10000000, E19 * 100000000, E19 * 1000000000, E19 * 10000000000ULL,
    E19 * 100000000000ULL, E19 * 1000000000000ULL, E19 * 10000000000000ULL,
    E19 * 100000000000000ULL, E19 * 1000000000000000ULL, E19 * 10000000000000000ULL,
    E19 * 100000000000000000ULL, E19 * 1000000000000000000ULL, E19 * E19};

bool decimal_bits_fit(bool negative, coefficient digits, int64_t exponent,
                      struct decimal *ret_number) {
    if (digits == 0) {
        negative = false;
        if (exponent < DECIMAL_EXPONENT_MIN)
            exponent = DECIMAL_EXPONENT_MIN;
        if (exponent > DECIMAL_EXPONENT_MAX)
            exponent = DECIMAL_EXPONENT_MAX;
    }
    while (exponent > DECIMAL_EXPONENT_MAX && digits < decimal_powers[DECIMAL_DIGITS_MAX - 1]) {
        digits *= 10;
        exponent--;
    }
    while (exponent < DECIMAL_EXPONENT_MIN && digits % 10 == 0) {
        digits /= 10;
        exponent++;
    }
    if (exponent < DECIMAL_EXPONENT_MIN || exponent > DECIMAL_EXPONENT_MAX)
        return false;
    *ret_number = decimal_bits_make(negative, digits, (int)exponent);
    return true;
}

struct decimal decimal_from_int64(int64_t value) {
    return decimal_from_scaled(value, 0);
}

struct decimal decimal_from_scaled(int64_t value, int scale) {
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    return decimal_bits_make(value < 0, magnitude, -scale);
}

bool decimal_to_int64(struct decimal number, int64_t *ret_value) {
    return decimal_to_scaled(number, 0, ret_value);
}

/* digits / 10^places for 1 <= places <= 19. The constants let the compiler multiply instead of
 * divide, which is several times as fast as a division by a table's entry. */
static inline uint64_t shift_right(uint64_t digits, int places) {
    switch (places) {
    case 1: return digits / 10ULL;
    case 2: return digits / 100ULL;
    case 3: return digits / 1000ULL;
    case 4: return digits / 10000ULL;
    case 5: return digits / 100000ULL;
    case 6: return digits / 1000000ULL;
    case 7: return digits / 10000000ULL;
    case 8: return digits / 100000000ULL;
    case 9: return digits / 1000000000ULL;
    case 10: return digits / 10000000000ULL;
    case 11: return digits / 100000000000ULL;
    case 12: return digits / 1000000000000ULL;
    case 13: return digits / 10000000000000ULL;
    case 14: return digits / 100000000000000ULL;
    case 15: return digits / 1000000000000000ULL;
    case 16: return digits / 10000000000000000ULL;
    case 17: return digits / 100000000000000000ULL;
    case 18: return digits / 1000000000000000000ULL;
    default: return digits / 10000000000000000000ULL;
    }
}

/* digits / 10^places, with the rest, for 1 <= places <= DECIMAL_POWERS_MAX. */
static inline coefficient shift_right_wide(coefficient digits, int places, coefficient *rest) {
    coefficient power = decimal_powers[places], quotient;
    if (digits >> 64 == 0)
        quotient = places <= 19 ? shift_right((uint64_t)digits, places) : 0;
    else
        quotient = digits / power;
    *rest = digits - quotient * power;
    return quotient;
}

bool decimal_to_scaled(struct decimal number, int scale, int64_t *ret_value) {
    coefficient digits = decimal_bits_coefficient(number);
    int64_t exponent = (int64_t)decimal_bits_exponent(number) + scale;
    if (digits == 0) {
        *ret_value = 0;
        return true;
    }
    if (exponent > 0) {
        if (exponent > 18 || digits > (coefficient)INT64_MAX + 1)
            return false;
        digits *= decimal_powers[exponent];
    } else if (exponent < 0) {
        coefficient rest;
        if (exponent < -DECIMAL_DIGITS_MAX)
            return false;
        digits = shift_right_wide(digits, (int)-exponent, &rest);
        if (rest != 0)
            return false;
    }
    bool negative = decimal_bits_negative(number);
    if (digits > (coefficient)INT64_MAX + negative)
        return false;
    *ret_value = negative ? (int64_t)(0 - (uint64_t)digits) : (int64_t)digits;
    return true;
}

/* Writes the coefficient with the higher exponent at the lower exponent; false when it would pass
 * 34 digits. `a` is the one with the higher exponent. */
static inline bool align(coefficient *a, int distance) {
    if (distance >= DECIMAL_DIGITS_MAX || *a >= decimal_powers[DECIMAL_DIGITS_MAX - distance])
        return false;
    *a *= decimal_powers[distance];
    return true;
}

bool decimal_add(struct decimal a, struct decimal b, struct decimal *ret_number) {
    uint64_t carry;
    if (a.high == b.high && decimal_bits_small(a)) {
        /* Same sign, same exponent, 64 bits each: the carry lands in the coefficient's high part */
        struct decimal sum = {a.low + b.low, a.high};
        carry = sum.low < a.low;
        sum.high += carry;
        *ret_number = sum;
        return true;
    }
    coefficient digits_a = decimal_bits_coefficient(a), digits_b = decimal_bits_coefficient(b);
    int exponent_a = decimal_bits_exponent(a), exponent_b = decimal_bits_exponent(b);
    if (exponent_a > exponent_b) {
        if (!align(&digits_a, exponent_a - exponent_b))
            return decimal_wide_add(a, b, ret_number);
        exponent_a = exponent_b;
    } else if (exponent_b > exponent_a) {
        if (!align(&digits_b, exponent_b - exponent_a))
            return decimal_wide_add(a, b, ret_number);
    }
    bool negative = decimal_bits_negative(a);
    if (negative == decimal_bits_negative(b)) {
        digits_a += digits_b;
        if (digits_a >= decimal_powers[DECIMAL_DIGITS_MAX])
            return decimal_wide_add(a, b, ret_number);
    } else if (digits_a >= digits_b) {
        digits_a -= digits_b;
    } else {
        digits_a = digits_b - digits_a;
        negative = !negative;
    }
    *ret_number = decimal_bits_make(negative && digits_a != 0, digits_a, exponent_a);
    return true;
}

bool decimal_subtract(struct decimal a, struct decimal b, struct decimal *ret_number) {
    return decimal_add(a, decimal_negate(b), ret_number);
}

/* The product of a coefficient of more than 64 bits and one of at most 64; false when it does not
 * fit 127 bits. */
static inline bool multiply_mixed(struct decimal wide, uint64_t small, coefficient *ret_product) {
    coefficient low = (coefficient)wide.low * small;
    coefficient high = (coefficient)(wide.high & DECIMAL_HIGH_MASK) * small + (low >> 64);
    if (high >> 63 != 0)
        return false;
    *ret_product = high << 64 | (uint64_t)low;
    return true;
}

bool decimal_multiply(struct decimal a, struct decimal b, struct decimal *ret_number) {
    coefficient product;
    bool fits = true;
    if (decimal_bits_small(a) && decimal_bits_small(b))
        product = (coefficient)a.low * b.low;
    else if (decimal_bits_small(b))
        fits = multiply_mixed(a, b.low, &product);
    else
        fits = decimal_bits_small(a) && multiply_mixed(b, a.low, &product);
    if (!fits || product >= decimal_powers[DECIMAL_DIGITS_MAX])
        return decimal_wide_multiply(a, b, ret_number);
    return decimal_bits_put((int64_t)(a.high ^ b.high) < 0, product,
                            decimal_bits_exponent(a) + decimal_bits_exponent(b), ret_number);
}

struct decimal decimal_negate(struct decimal number) {
    if (!decimal_bits_zero(number))
        number.high ^= DECIMAL_SIGN_BIT;
    return number;
}

struct decimal decimal_absolute(struct decimal number) {
    number.high &= ~DECIMAL_SIGN_BIT;
    return number;
}

/* Does rounding go away from zero? `half` is the order of what is dropped against a half of the
 * last place kept; something is dropped. */
static inline bool rounds_away(enum decimal_rounding rounding, bool negative, bool odd, int half) {
    switch (rounding) {
    case DECIMAL_HALF_EVEN: return half > -odd;
    case DECIMAL_HALF_UP: return half >= 0;
    case DECIMAL_HALF_DOWN: return half > 0;
    case DECIMAL_UP: return true;
    case DECIMAL_CEILING: return !negative;
    case DECIMAL_FLOOR: return negative;
    case DECIMAL_DOWN:
    default: return false;
    }
}

bool decimal_round(struct decimal number, int scale, enum decimal_rounding rounding,
                   struct decimal *ret_number) {
    if (scale < DECIMAL_SCALE_MIN || scale > DECIMAL_SCALE_MAX)
        return false;
    int drop = -decimal_bits_exponent(number) - scale;
    if (drop <= 0) {
        *ret_number = number;
        return true;
    }
    bool negative = decimal_bits_negative(number);
    if (decimal_bits_small(number) && drop <= 19) {
        uint64_t power = (uint64_t)decimal_powers[drop];
        uint64_t kept = shift_right(number.low, drop), rest = number.low - kept * power;
        int half = rest < power - rest ? -1 : rest > power - rest;
        if (rest != 0)
            kept += rounds_away(rounding, negative, kept & 1, half);
        return decimal_bits_put(negative, kept, -scale, ret_number);
    }
    if (drop > DECIMAL_POWERS_MAX)
        drop = DECIMAL_POWERS_MAX; /* 34 digits are below half of this unit and of any larger */
    coefficient rest, power = decimal_powers[drop];
    coefficient kept = shift_right_wide(decimal_bits_coefficient(number), drop, &rest);
    int half = rest < power - rest ? -1 : rest > power - rest;
    if (rest != 0)
        kept += rounds_away(rounding, negative, (uint64_t)kept & 1, half);
    return decimal_bits_put(negative, kept, -scale, ret_number);
}

/* Orders the magnitudes of two numbers that are not zero. */
static int compare_magnitudes(struct decimal a, struct decimal b) {
    coefficient digits_a = decimal_bits_coefficient(a), digits_b = decimal_bits_coefficient(b);
    int exponent_a = decimal_bits_exponent(a), exponent_b = decimal_bits_exponent(b);
    if (exponent_a != exponent_b) {
        int size_a = decimal_bits_digits(digits_a) + exponent_a;
        int size_b = decimal_bits_digits(digits_b) + exponent_b;
        if (size_a != size_b)
            return size_a < size_b ? -1 : 1;
        /* Equal sizes: the aligned coefficients have equally many digits, so both fit. */
        if (exponent_a > exponent_b)
            digits_a *= decimal_powers[exponent_a - exponent_b];
        else
            digits_b *= decimal_powers[exponent_b - exponent_a];
    }
    return digits_a < digits_b ? -1 : digits_a > digits_b;
}

int decimal_compare(struct decimal a, struct decimal b) {
    if (a.high == b.high) { /* same sign and exponent, and mostly small: only `low` differs */
        int order = a.low < b.low ? -1 : a.low > b.low;
        return decimal_bits_negative(a) ? -order : order;
    }
    int sign_a = decimal_sign(a), sign_b = decimal_sign(b);
    if (sign_a != sign_b)
        return sign_a < sign_b ? -1 : 1;
    if (sign_a == 0)
        return 0;
    return sign_a * compare_magnitudes(a, b);
}

bool decimal_equal(struct decimal a, struct decimal b) {
    if (a.high == b.high)
        return a.low == b.low;
    return decimal_compare(a, b) == 0;
}

int decimal_sign(struct decimal number) {
    if (decimal_bits_zero(number))
        return 0;
    return decimal_bits_negative(number) ? -1 : 1;
}

bool decimal_is_whole(struct decimal number) {
    int exponent = decimal_bits_exponent(number);
    coefficient digits = decimal_bits_coefficient(number), rest;
    if (exponent >= 0 || digits == 0)
        return true;
    if (exponent < -DECIMAL_DIGITS_MAX)
        return false;
    (void)shift_right_wide(digits, -exponent, &rest);
    return rest == 0;
}

struct decimal decimal_canonical(struct decimal number) {
    int exponent = decimal_bits_exponent(number);
    coefficient digits = decimal_bits_coefficient(number);
    if (digits == 0)
        return decimal_from_int64(0);
    if (decimal_bits_small(number) && number.low % 10 != 0)
        return number;
    digits = decimal_bits_strip(digits, DECIMAL_EXPONENT_MAX, &exponent);
    return decimal_bits_make(decimal_bits_negative(number), digits, exponent);
}

uint64_t decimal_hash(struct decimal number) {
    number = decimal_canonical(number);
    uint64_t hash = (number.low ^ number.high * 0x9E3779B97F4A7C15ULL) * 0xD6E8FEB86659FD93ULL;
    hash ^= hash >> 32;
    hash *= 0xD6E8FEB86659FD93ULL;
    return hash ^ hash >> 32;
}
