/* Division, modulo and powers of decimals: exact wherever 34 digits hold the result, else rounded
 * half even once. What 128-bit integers cannot do goes to decimal_wide.c. */
#include "decimal.h"

#include "decimal_bits.h"

/* Divides by a divisor of at most 64 bits: 34 digits in at most three steps of long division. */
static bool divide_small(bool negative, coefficient digits, uint64_t divisor, int exponent,
                         struct decimal *ret_number) {
    int ideal = exponent, places;
    int zeros = decimal_bits_digits(divisor) - 1;
    if (divisor == (uint64_t)decimal_powers[zeros]) { /* per cent and the like: shift the point */
        exponent -= zeros;
        digits = decimal_bits_strip(digits, ideal, &exponent);
        return decimal_bits_put(negative, digits, exponent, ret_number);
    }
    if (digits < divisor) {
        int lift = decimal_bits_digits(divisor) - decimal_bits_digits(digits);
        if (digits * decimal_powers[lift] < divisor)
            lift++;
        digits *= decimal_powers[lift];
        exponent -= lift;
    }
    coefficient quotient, rest;
    if (digits >> 64 == 0) {
        quotient = (uint64_t)digits / divisor;
        rest = (uint64_t)digits % divisor;
    } else {
        quotient = digits / divisor;
        rest = digits - quotient * divisor;
    }
    places = DECIMAL_DIGITS_MAX - decimal_bits_digits(quotient);
    while (rest != 0 && places > 0) {
        int step = places > 19 ? 17 : places; /* the rest is below 2^64: 19 digits fit 128 bits */
        coefficient wide = rest * decimal_powers[step], part = wide / divisor;
        rest = wide - part * divisor;
        quotient = quotient * decimal_powers[step] + part;
        exponent -= step;
        places -= step;
    }
    if (rest == 0) {
        /* Exact: as few digits as hold it, but none less than the ideal exponent asks for. */
        quotient = decimal_bits_strip(quotient, ideal, &exponent);
    } else if (rest > divisor - rest || (rest == divisor - rest && (uint64_t)quotient & 1)) {
        quotient++;
        if (quotient == decimal_powers[DECIMAL_DIGITS_MAX]) {
            quotient = decimal_powers[DECIMAL_DIGITS_MAX - 1];
            exponent++;
        }
    }
    return decimal_bits_put(negative, quotient, exponent, ret_number);
}

bool decimal_divide(struct decimal a, struct decimal b, struct decimal *ret_number) {
    if (decimal_bits_zero(b))
        return false;
    bool negative = decimal_bits_negative(a) != decimal_bits_negative(b);
    int exponent = decimal_bits_exponent(a) - decimal_bits_exponent(b);
    if (decimal_bits_zero(a))
        return decimal_bits_put(false, 0, exponent, ret_number);
    if (decimal_bits_small(b))
        return divide_small(negative, decimal_bits_coefficient(a), b.low, exponent, ret_number);
    return decimal_wide_divide(a, b, ret_number);
}

bool decimal_modulo(struct decimal a, struct decimal b, struct decimal *ret_number) {
    if (decimal_bits_zero(b))
        return false;
    coefficient digits_a = decimal_bits_coefficient(a), digits_b = decimal_bits_coefficient(b);
    int exponent_a = decimal_bits_exponent(a), exponent_b = decimal_bits_exponent(b);
    int exponent = exponent_a < exponent_b ? exponent_a : exponent_b;
    int lift_a = exponent_a - exponent, lift_b = exponent_b - exponent;
    struct decimal remainder;
    if (lift_a < DECIMAL_DIGITS_MAX && lift_b < DECIMAL_DIGITS_MAX &&
        digits_a < decimal_powers[DECIMAL_DIGITS_MAX - lift_a] &&
        digits_b < decimal_powers[DECIMAL_DIGITS_MAX - lift_b]) {
        coefficient rest =
            digits_a * decimal_powers[lift_a] % (digits_b * decimal_powers[lift_b]);
        remainder = decimal_bits_make(decimal_bits_negative(a) && rest != 0, rest, exponent);
    } else if (!decimal_wide_remainder(a, b, &remainder)) {
        return false;
    }
    if (!decimal_bits_zero(remainder) &&
        decimal_bits_negative(remainder) != decimal_bits_negative(b))
        return decimal_add(remainder, b, ret_number);
    *ret_number = remainder;
    return true;
}

/* a * b when 34 digits hold it exactly. */
static bool multiply_exactly(struct decimal a, struct decimal b, struct decimal *ret_number) {
    coefficient digits_a = decimal_bits_coefficient(a), digits_b = decimal_bits_coefficient(b);
    if (digits_b >= digits_a) {
        coefficient swap = digits_a;
        digits_a = digits_b;
        digits_b = swap;
    }
    if (digits_b != 0 && digits_a > (decimal_powers[DECIMAL_DIGITS_MAX] - 1) / digits_b)
        return false;
    return decimal_multiply(a, b, ret_number);
}

/* a to the power `count` when 34 digits hold it exactly, by repeated squaring. */
static bool power_exactly(struct decimal a, uint64_t count, struct decimal *ret_number) {
    struct decimal power = decimal_from_int64(1), square = a;
    for (;;) {
        if (count & 1 && !multiply_exactly(power, square, &power))
            return false;
        count >>= 1;
        if (count == 0)
            break;
        if (!multiply_exactly(square, square, &square))
            return false;
    }
    *ret_number = power;
    return true;
}

bool decimal_power(struct decimal a, struct decimal b, struct decimal *ret_number) {
    int64_t count;
    if (decimal_bits_zero(b)) {
        *ret_number = decimal_from_int64(1);
        return true;
    }
    if (decimal_bits_zero(a)) {
        if (decimal_sign(b) < 0)
            return false;
        *ret_number = decimal_from_int64(0);
        return true;
    }
    if (decimal_to_int64(b, &count)) {
        struct decimal power;
        uint64_t magnitude = count < 0 ? 0 - (uint64_t)count : (uint64_t)count;
        if (power_exactly(a, magnitude, &power) ||
            power_exactly(decimal_canonical(a), magnitude, &power)) {
            if (count < 0)
                return decimal_divide(decimal_from_int64(1), power, ret_number);
            *ret_number = power;
            return true;
        }
    }
    return decimal_wide_power(a, b, ret_number);
}
