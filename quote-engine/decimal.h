/* Exact decimal numbers of 34 digits: IEEE 754-2008 decimal128, binary-integer encoding.
 *
 * A decimal is 16 bytes, passed by value in two registers. Numbers whose coefficients fit 64 or
 * 128 bits are computed here with integers; all else goes to Intel's decimal library, which uses
 * the same encoding, so nothing is converted on the way.
 *
 * FEEL (DMN 1.5, 10.3.2.3.1) defines its numbers as decimal128 with rounding half even. There is
 * no NaN and no infinity above this header: an operation with no finite result returns false and
 * leaves its output untouched. */
#ifndef KOPPEL_DECIMAL_H
#define KOPPEL_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The encoding: sign (1 bit), exponent + 6176 (14 bits), coefficient (113 bits) in high:low. */
struct decimal {
    uint64_t low, high;
};

enum {
    DECIMAL_DIGITS_MAX = 34,
    DECIMAL_SCALE_MIN = -6111, /* scales of rounding, DMN 1.5 table 77: [-6111..6176] */
    DECIMAL_SCALE_MAX = 6176,
    DECIMAL_TEXT_MAX = 6224 /* longest plain text of decimal_format, with its NUL */
};

enum decimal_rounding {
    DECIMAL_HALF_EVEN, /* ties to the even neighbour */
    DECIMAL_HALF_UP,   /* ties away from zero */
    DECIMAL_HALF_DOWN, /* ties towards zero */
    DECIMAL_UP,        /* away from zero */
    DECIMAL_DOWN,      /* towards zero */
    DECIMAL_CEILING,   /* towards positive infinity */
    DECIMAL_FLOOR      /* towards negative infinity */
};

/* Whole numbers. */
struct decimal decimal_from_int64(int64_t value);
/* value * 10^-scale, exactly: decimal_from_scaled(12345, 2) is 123.45. */
struct decimal decimal_from_scaled(int64_t value, int scale);
/* True, with the value, when `number` is whole and fits. */
bool decimal_to_int64(struct decimal number, int64_t *ret_value);
/* True, with number * 10^scale, when that product is whole and fits: 123.45 at 2 is 12345. */
bool decimal_to_scaled(struct decimal number, int scale, int64_t *ret_value);

/* Reads [+-]digits[.digits][(e|E)[+-]digits] and nothing else; also ".5". More than 34
 * significant digits round half even. False when it is no number or out of range. */
bool decimal_parse(const char *text, size_t length, struct decimal *ret_number);
/* Like decimal_parse, but refuses what 34 digits cannot hold exactly. */
bool decimal_parse_exact(const char *text, size_t length, struct decimal *ret_number);
/* Writes plain digits without exponent, as FEEL's string(): trailing zeros of the fraction are
 * kept only when `keep_scale`. Returns the length; needs DECIMAL_TEXT_MAX bytes at `ret_text`. */
size_t decimal_format(struct decimal number, bool keep_scale, char *ret_text);
/* Writes with exactly `scale` (0..34) digits behind the point, rounding half up where needed. */
size_t decimal_format_scale(struct decimal number, int scale, char *ret_text);

bool decimal_add(struct decimal a, struct decimal b, struct decimal *ret_number);
bool decimal_subtract(struct decimal a, struct decimal b, struct decimal *ret_number);
bool decimal_multiply(struct decimal a, struct decimal b, struct decimal *ret_number);
/* False for a zero divisor. */
bool decimal_divide(struct decimal a, struct decimal b, struct decimal *ret_number);
struct decimal decimal_negate(struct decimal number);
struct decimal decimal_absolute(struct decimal number);
/* FEEL modulo: a - b * floor(a / b); the sign of b. False for b zero. */
bool decimal_modulo(struct decimal a, struct decimal b, struct decimal *ret_number);
/* a to the power b: exact by repeated multiplication for small whole b. */
bool decimal_power(struct decimal a, struct decimal b, struct decimal *ret_number);
bool decimal_square_root(struct decimal number, struct decimal *ret_number);
bool decimal_exponential(struct decimal number, struct decimal *ret_number);
bool decimal_logarithm(struct decimal number, struct decimal *ret_number); /* natural */

/* Rounds to `scale` digits behind the point (negative: before it). */
bool decimal_round(struct decimal number, int scale, enum decimal_rounding rounding,
                   struct decimal *ret_number);

/* -1, 0 or 1 by value: 1.0 equals 1.00. */
int decimal_compare(struct decimal a, struct decimal b);
bool decimal_equal(struct decimal a, struct decimal b);
int decimal_sign(struct decimal number); /* -1, 0, 1 */
bool decimal_is_whole(struct decimal number);
/* The same number with its trailing zeros removed: equal numbers become equal bytes. */
struct decimal decimal_canonical(struct decimal number);
/* Equal numbers hash alike. */
uint64_t decimal_hash(struct decimal number);

#endif
