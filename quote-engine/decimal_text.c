/* Decimals from and to text. */
#include "decimal.h"

#include "decimal_bits.h"

#include <string.h>

/* ---- reading ------------------------------------------------------------------------------- */

enum { EXPONENT_DIGITS_LIMIT = 1000000 }; /* far outside the range; keeps sums in an int64 */

/* What is read so far: up to 34 digits, what was dropped behind them, and where the point is. */
struct reading {
    coefficient digits;
    int count;        /* of significant digits in `digits` */
    int64_t exponent;
    int first_dropped; /* -1: none was dropped */
    bool more_dropped; /* one that is not 0, behind the first */
};

static void read_digit(struct reading *reading, int digit, bool fraction) {
    if (reading->count < DECIMAL_DIGITS_MAX) {
        reading->digits = reading->digits * 10 + (unsigned)digit;
        if (reading->digits != 0)
            reading->count++;
        if (fraction)
            reading->exponent--;
        return;
    }
    if (reading->first_dropped < 0)
        reading->first_dropped = digit;
    else if (digit != 0)
        reading->more_dropped = true;
    if (!fraction)
        reading->exponent++;
}

/* Reads the digits before and behind the point; the place behind them, or NULL. */
static const char *read_digits(struct reading *reading, const char *at, const char *end) {
    const char *start = at;
    while (at < end && *at >= '0' && *at <= '9')
        read_digit(reading, *at++ - '0', false);
    bool whole = at > start;
    if (at < end && *at == '.') {
        start = ++at;
        while (at < end && *at >= '0' && *at <= '9')
            read_digit(reading, *at++ - '0', true);
        if (at == start)
            return NULL;
        whole = true;
    }
    return whole ? at : NULL;
}

static const char *read_exponent(const char *at, const char *end, int64_t *exponent) {
    bool negative = false;
    int64_t value = 0;
    if (at < end && (*at == '+' || *at == '-'))
        negative = *at++ == '-';
    if (at == end)
        return NULL;
    for (; at < end && *at >= '0' && *at <= '9'; at++)
        if (value < EXPONENT_DIGITS_LIMIT)
            value = value * 10 + (*at - '0');
    *exponent += negative ? -value : value;
    return at;
}

static bool parse(const char *text, size_t length, bool exact, struct decimal *ret_number) {
    const char *at = text, *end = text + length;
    struct reading reading = {0, 0, 0, -1, false};
    bool negative = false;
    if (at < end && (*at == '+' || *at == '-'))
        negative = *at++ == '-';
    at = read_digits(&reading, at, end);
    if (at && at < end && (*at == 'e' || *at == 'E'))
        at = read_exponent(at + 1, end, &reading.exponent);
    if (at != end)
        return false;
    bool dropped = reading.first_dropped > 0 || reading.more_dropped;
    if (exact && dropped)
        return false;
    bool odd = (uint64_t)reading.digits & 1;
    if (reading.first_dropped > 5 ||
        (reading.first_dropped == 5 && (reading.more_dropped || odd))) {
        reading.digits++;
        if (reading.digits == decimal_powers[DECIMAL_DIGITS_MAX]) {
            reading.digits = decimal_powers[DECIMAL_DIGITS_MAX - 1];
            reading.exponent++;
        }
    }
    return decimal_bits_fit(negative, reading.digits, reading.exponent, ret_number);
}

bool decimal_parse(const char *text, size_t length, struct decimal *ret_number) {
    return parse(text, length, false, ret_number);
}

bool decimal_parse_exact(const char *text, size_t length, struct decimal *ret_number) {
    return parse(text, length, true, ret_number);
}

/* ---- writing ------------------------------------------------------------------------------- */

enum { SMALL_PLACES_MAX = 18 };

/* Writes the coefficient's digits, none for zero; returns how many. */
static int write_digits(coefficient digits, char text[DECIMAL_POWERS_MAX + 1]) {
    char reversed[DECIMAL_POWERS_MAX + 1];
    int count = 0;
    while (digits != 0) {
        bool last = digits >> 64 == 0;
        uint64_t part = last ? (uint64_t)digits : (uint64_t)(digits % 1000000000000000000ULL);
        digits = last ? 0 : digits / 1000000000000000000ULL;
        for (int place = 0; last ? part != 0 : place < 18; place++) {
            reversed[count++] = (char)('0' + part % 10);
            part /= 10;
        }
    }
    for (int place = 0; place < count; place++)
        text[place] = reversed[count - 1 - place];
    return count;
}

/* As write_plain, for what nearly all amounts are: 64 bits, and some of the digits behind the
 * point. From the last digit to the first. */
static size_t write_small(bool negative, uint64_t digits, int places, char *ret_text) {
    char room[SMALL_PLACES_MAX + 24]; /* the digits, a sign, a point, a NUL */
    char *end = room + sizeof room, *at = end;
    *--at = '\0';
    for (int place = 0; place < places; place++) {
        *--at = (char)('0' + digits % 10);
        digits /= 10;
    }
    if (places > 0)
        *--at = '.';
    do
        *--at = (char)('0' + digits % 10);
    while (digits /= 10);
    if (negative)
        *--at = '-';
    memcpy(ret_text, at, (size_t)(end - at));
    return (size_t)(end - at) - 1;
}

/* Plain digits, without exponent. */
static size_t write_plain(bool negative, coefficient digits, int exponent, char *ret_text) {
    if (digits >> 64 == 0 && exponent <= 0 && exponent >= -SMALL_PLACES_MAX)
        return write_small(negative, (uint64_t)digits, -exponent, ret_text);
    char all[DECIMAL_POWERS_MAX + 1];
    int count = write_digits(digits, all);
    char *at = ret_text;
    if (negative)
        *at++ = '-';
    int whole = count + exponent; /* digits before the point */
    if (count == 0 || whole <= 0) {
        *at++ = '0';
    } else {
        int own = whole < count ? whole : count;
        memcpy(at, all, (size_t)own);
        memset(at + own, '0', (size_t)(whole - own));
        at += whole;
    }
    if (exponent < 0) {
        int zeros = whole < 0 ? -whole : 0, own = whole > 0 ? count - whole : count;
        if (count == 0) {
            zeros = -exponent;
            own = 0;
        }
        *at++ = '.';
        memset(at, '0', (size_t)zeros);
        at += zeros;
        memcpy(at, all + count - own, (size_t)own);
        at += own;
    }
    *at = '\0';
    return (size_t)(at - ret_text);
}

size_t decimal_format(struct decimal number, bool keep_scale, char *ret_text) {
    coefficient digits = decimal_bits_coefficient(number);
    int exponent = decimal_bits_exponent(number);
    if (!keep_scale && exponent < 0)
        digits = decimal_bits_strip(digits, 0, &exponent);
    if (!keep_scale && digits == 0)
        exponent = 0;
    return write_plain(decimal_bits_negative(number), digits, exponent, ret_text);
}

size_t decimal_format_scale(struct decimal number, int scale, char *ret_text) {
    if (scale < 0)
        scale = 0;
    if (scale > DECIMAL_DIGITS_MAX)
        scale = DECIMAL_DIGITS_MAX;
    if (decimal_bits_small(number) && decimal_bits_exponent(number) == -scale &&
        scale <= SMALL_PLACES_MAX)
        return write_small(decimal_bits_negative(number), number.low, scale, ret_text);
    /* Rounding at a scale within 0..34 always has a result. */
    (void)decimal_round(number, scale, DECIMAL_HALF_UP, &number);
    size_t length = write_plain(decimal_bits_negative(number), decimal_bits_coefficient(number),
                                decimal_bits_exponent(number), ret_text);
    int behind = decimal_bits_exponent(number) < 0 ? -decimal_bits_exponent(number) : 0;
    if (behind == 0 && scale > 0)
        ret_text[length++] = '.';
    for (; behind < scale; behind++)
        ret_text[length++] = '0';
    ret_text[length] = '\0';
    return length;
}
