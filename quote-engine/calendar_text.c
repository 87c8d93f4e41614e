/* Dates, times and durations from and to their ISO 8601 texts, as XML Schema and FEEL narrow them.
 * A reader walks over the text with `at` and every step either takes what it expects or fails. */
#include "calendar.h"

#include <string.h>

struct reader {
    const char *at, *end;
};

static struct reader reader_over(const char *text, size_t length) {
    return (struct reader){text, text + length};
}

static bool read_character(struct reader *reader, char expected) {
    if (reader->at == reader->end || *reader->at != expected)
        return false;
    reader->at++;
    return true;
}

static bool at_digit(const struct reader *reader) {
    return reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9';
}

/* Exactly two digits. */
static bool read_pair(struct reader *reader, int *ret_number) {
    if (reader->end - reader->at < 2)
        return false;
    int tens = reader->at[0] - '0', ones = reader->at[1] - '0';
    if (tens < 0 || tens > 9 || ones < 0 || ones > 9)
        return false;
    reader->at += 2;
    *ret_number = tens * 10 + ones;
    return true;
}

/* Digits behind a point as nanoseconds; beyond the ninth only zeros are exact. */
static bool read_fraction(struct reader *reader, int32_t *ret_nanosecond) {
    int32_t nanosecond = 0, unit = 100000000;
    for (; at_digit(reader); reader->at++) {
        int digit = *reader->at - '0';
        if (unit == 0 && digit != 0)
            return false;
        nanosecond += digit * unit;
        unit /= 10;
    }
    *ret_nanosecond = nanosecond;
    return true;
}

/* ---- reading dates and times --------------------------------------------------------------- */

static bool read_date(struct reader *reader, struct value_date *ret_date) {
    bool negative = read_character(reader, '-');
    const char *start = reader->at;
    int64_t year = 0;
    int month, day;
    for (; at_digit(reader) && reader->at - start < 9; reader->at++)
        year = year * 10 + (*reader->at - '0');
    /* Four digits at least, and more only without leading zeros. */
    if (reader->at - start < 4 || (reader->at - start > 4 && *start == '0'))
        return false;
    if (negative && year == 0)
        return false;
    if (!read_character(reader, '-') || !read_pair(reader, &month) ||
        !read_character(reader, '-') || !read_pair(reader, &day))
        return false;
    if (negative)
        year = -year;
    if (!calendar_date_valid(year, month, day))
        return false;
    *ret_date = (struct value_date){(int32_t)year, (uint8_t)month, (uint8_t)day};
    return true;
}

static bool read_zone_name(struct reader *reader, const struct moment *moment,
                           struct zone *ret_zone) {
    const char *name = reader->at;
    size_t length = (size_t)(reader->end - name);
    if (length == 0 || length > CALENDAR_ZONE_NAME_MAX)
        return false;
    for (size_t index = 0; index < length; index++) {
        char byte = name[index];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        bool other = (byte >= '0' && byte <= '9') || byte == '/' || byte == '_' || byte == '-' ||
                     byte == '+';
        if (!letter && (index == 0 || !other))
            return false;
    }
    if (!calendar_zone_known(name, length, moment))
        return false;
    reader->at += length;
    *ret_zone = (struct zone){ZONE_NAMED, 0, (uint32_t)length, name};
    return true;
}

static bool read_zone(struct reader *reader, const struct moment *moment, struct zone *ret_zone) {
    int hours, minutes, seconds = 0;
    if (reader->at == reader->end) {
        *ret_zone = (struct zone){ZONE_NONE, 0, 0, NULL};
        return true;
    }
    char sign = *reader->at++;
    if (sign == '@')
        return read_zone_name(reader, moment, ret_zone);
    if (sign == 'Z' || sign == 'z') { /* FEEL's own examples of is() write it small */
        *ret_zone = (struct zone){ZONE_OFFSET, 0, 0, NULL};
        return true;
    }
    if (sign != '+' && sign != '-')
        return false;
    if (!read_pair(reader, &hours) || !read_character(reader, ':') || !read_pair(reader, &minutes))
        return false;
    if (read_character(reader, ':') && !read_pair(reader, &seconds))
        return false;
    int32_t offset_seconds = hours * 3600 + minutes * 60 + seconds;
    if (minutes > 59 || seconds > 59 || offset_seconds > CALENDAR_OFFSET_MAX_SECONDS)
        return false;
    *ret_zone =
        (struct zone){ZONE_OFFSET, sign == '-' ? -offset_seconds : offset_seconds, 0, NULL};
    return true;
}

/* A time of 24:00:00 comes out as a whole day's nanoseconds. */
static bool read_time(struct reader *reader, const struct moment *moment,
                      struct value_time *ret_time) {
    int hour, minute, second;
    int32_t nanosecond = 0;
    struct value_time time;
    if (!read_pair(reader, &hour) || !read_character(reader, ':') || !read_pair(reader, &minute) ||
        !read_character(reader, ':') || !read_pair(reader, &second))
        return false;
    if (read_character(reader, '.') &&
        (!at_digit(reader) || !read_fraction(reader, &nanosecond)))
        return false;
    if (minute > 59 || second > 59 || hour > 24 ||
        (hour == 24 && (minute > 0 || second > 0 || nanosecond > 0)))
        return false;
    if (!read_zone(reader, moment, &time.zone))
        return false;
    time.nanosecond_of_day =
        (hour * 3600LL + minute * 60LL + second) * NANOSECONDS_PER_SECOND + nanosecond;
    *ret_time = time;
    return true;
}

bool calendar_read_date(const char *text, size_t length, struct value_date *ret_date) {
    struct reader reader = reader_over(text, length);
    struct value_date date;
    if (!read_date(&reader, &date) || reader.at != reader.end)
        return false;
    *ret_date = date;
    return true;
}

bool calendar_read_time(const char *text, size_t length, const struct moment *moment,
                        struct value_time *ret_time) {
    struct reader reader = reader_over(text, length);
    struct value_time time;
    if (!read_time(&reader, moment, &time) || reader.at != reader.end)
        return false;
    time.nanosecond_of_day %= SECONDS_PER_DAY * NANOSECONDS_PER_SECOND;
    *ret_time = time;
    return true;
}

bool calendar_read_date_time(const char *text, size_t length, const struct moment *moment,
                             struct value_date_time *ret_date_time) {
    struct reader reader = reader_over(text, length);
    struct value_date_time date_time = {.time = {0, {ZONE_NONE, 0, 0, NULL}}};
    const int64_t day = SECONDS_PER_DAY * NANOSECONDS_PER_SECOND;
    if (!read_date(&reader, &date_time.date))
        return false;
    if (reader.at != reader.end &&
        (!read_character(&reader, 'T') || !read_time(&reader, moment, &date_time.time)))
        return false;
    if (reader.at != reader.end)
        return false;
    if (date_time.time.nanosecond_of_day == day) {
        if (!calendar_date_from_days(calendar_days(date_time.date) + 1, &date_time.date))
            return false;
        date_time.time.nanosecond_of_day = 0;
    }
    *ret_date_time = date_time;
    return true;
}

/* ---- reading durations --------------------------------------------------------------------- */

/* Adds `<digits><letter>` times `unit` when it stands here; false only on overflow. */
static bool read_part(struct reader *reader, char letter, int64_t unit, int64_t *total,
                      int *parts) {
    struct reader ahead = *reader;
    int64_t number = 0;
    if (!at_digit(&ahead))
        return true;
    for (; at_digit(&ahead); ahead.at++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, *ahead.at - '0', &number))
            return false;
    if (!read_character(&ahead, letter))
        return true;
    if (__builtin_mul_overflow(number, unit, &number) ||
        __builtin_add_overflow(*total, number, total))
        return false;
    *reader = ahead;
    (*parts)++;
    return true;
}

/* Seconds with a fraction: "4.5S", also "4.S". */
static bool read_seconds(struct reader *reader, int64_t *total, int32_t *nanosecond, int *parts) {
    struct reader ahead = *reader;
    int64_t number = 0;
    if (!at_digit(&ahead))
        return true;
    for (; at_digit(&ahead); ahead.at++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, *ahead.at - '0', &number))
            return false;
    if (read_character(&ahead, '.') && !read_fraction(&ahead, nanosecond))
        return false;
    if (!read_character(&ahead, 'S'))
        return true;
    if (__builtin_add_overflow(*total, number, total))
        return false;
    *reader = ahead;
    (*parts)++;
    return true;
}

bool calendar_read_months(const char *text, size_t length, int64_t *ret_months) {
    struct reader reader = reader_over(text, length);
    int64_t months = 0;
    int parts = 0;
    bool negative = read_character(&reader, '-');
    if (!read_character(&reader, 'P') || !read_part(&reader, 'Y', 12, &months, &parts) ||
        !read_part(&reader, 'M', 1, &months, &parts) || parts == 0 || reader.at != reader.end)
        return false;
    *ret_months = negative ? -months : months;
    return true;
}

bool calendar_read_duration(const char *text, size_t length, struct value_duration *ret_duration) {
    struct reader reader = reader_over(text, length);
    int64_t seconds = 0;
    int32_t nanosecond = 0;
    int days = 0, parts = 0;
    bool negative = read_character(&reader, '-');
    if (!read_character(&reader, 'P') ||
        !read_part(&reader, 'D', SECONDS_PER_DAY, &seconds, &days))
        return false;
    bool timed = read_character(&reader, 'T');
    if (timed && (!read_part(&reader, 'H', 3600, &seconds, &parts) ||
                  !read_part(&reader, 'M', 60, &seconds, &parts) ||
                  !read_seconds(&reader, &seconds, &nanosecond, &parts) || parts == 0))
        return false;
    if ((days == 0 && !timed) || reader.at != reader.end)
        return false;
    if (negative) {
        seconds = -seconds;
        if (nanosecond > 0) {
            nanosecond = (int32_t)NANOSECONDS_PER_SECOND - nanosecond;
            seconds--;
        }
    }
    *ret_duration = (struct value_duration){seconds, nanosecond};
    return true;
}

bool calendar_read_any(const char *text, size_t length, const struct moment *moment,
                       struct scratch *scratch, struct value *ret_value) {
    struct value value = value_null();
    struct value_date_time date_time;
    struct value_time time;
    if (calendar_read_date(text, length, &value.date)) {
        value.kind = VALUE_DATE;
    } else if (calendar_read_date_time(text, length, moment, &date_time)) {
        struct value_date_time *kept = scratch_take(scratch, sizeof *kept);
        if (!kept)
            return false;
        *kept = date_time;
        value.kind = VALUE_DATE_TIME;
        value.date_time = kept;
    } else if (calendar_read_time(text, length, moment, &time)) {
        struct value_time *kept = scratch_take(scratch, sizeof *kept);
        if (!kept)
            return false;
        *kept = time;
        value.kind = VALUE_TIME;
        value.time = kept;
    } else if (calendar_read_months(text, length, &value.months)) {
        value.kind = VALUE_MONTHS;
    } else if (calendar_read_duration(text, length, &value.duration)) {
        value.kind = VALUE_DURATION;
    } else {
        return false;
    }
    *ret_value = value;
    return true;
}

/* ---- writing ------------------------------------------------------------------------------- */

static char *write_number(char *at, uint64_t number, int width) {
    char digits[20];
    int count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    for (; width > count; width--)
        *at++ = '0';
    while (count > 0)
        *at++ = digits[--count];
    return at;
}

static char *write_fraction(char *at, int32_t nanosecond) {
    if (nanosecond == 0)
        return at;
    *at++ = '.';
    for (int32_t unit = 100000000; nanosecond != 0; unit /= 10) {
        *at++ = (char)('0' + nanosecond / unit);
        nanosecond %= unit;
    }
    return at;
}

static char *write_date(char *at, struct value_date date) {
    if (date.year < 0)
        *at++ = '-';
    at = write_number(at, (uint64_t)(date.year < 0 ? -(int64_t)date.year : date.year), 4);
    *at++ = '-';
    at = write_number(at, date.month, 2);
    *at++ = '-';
    return write_number(at, date.day, 2);
}

static char *write_zone(char *at, const struct zone *zone) {
    if (zone->kind == ZONE_NAMED) {
        size_t length = zone->name_length < CALENDAR_ZONE_NAME_MAX ? zone->name_length
                                                                  : CALENDAR_ZONE_NAME_MAX;
        *at++ = '@';
        memcpy(at, zone->name, length);
        return at + length;
    }
    if (zone->kind == ZONE_NONE)
        return at;
    if (zone->offset_seconds == 0) {
        *at++ = 'Z';
        return at;
    }
    uint64_t seconds = (uint64_t)(zone->offset_seconds < 0 ? -(int64_t)zone->offset_seconds
                                                           : zone->offset_seconds);
    *at++ = zone->offset_seconds < 0 ? '-' : '+';
    at = write_number(at, seconds / 3600, 2);
    *at++ = ':';
    at = write_number(at, seconds / 60 % 60, 2);
    if (seconds % 60 != 0) {
        *at++ = ':';
        at = write_number(at, seconds % 60, 2);
    }
    return at;
}

static char *write_time(char *at, const struct value_time *time) {
    uint64_t seconds = (uint64_t)(time->nanosecond_of_day / NANOSECONDS_PER_SECOND);
    at = write_number(at, seconds / 3600, 2);
    *at++ = ':';
    at = write_number(at, seconds / 60 % 60, 2);
    *at++ = ':';
    at = write_number(at, seconds % 60, 2);
    at = write_fraction(at, (int32_t)(time->nanosecond_of_day % NANOSECONDS_PER_SECOND));
    return write_zone(at, &time->zone);
}

static char *write_part(char *at, uint64_t number, char letter) {
    if (number == 0)
        return at;
    at = write_number(at, number, 1);
    *at++ = letter;
    return at;
}

static char *write_months(char *at, int64_t months) {
    uint64_t magnitude = months < 0 ? 0 - (uint64_t)months : (uint64_t)months;
    if (months < 0)
        *at++ = '-';
    *at++ = 'P';
    at = write_part(at, magnitude / 12, 'Y');
    if (magnitude == 0)
        *at++ = '0';
    if (magnitude == 0)
        *at++ = 'M';
    return write_part(at, magnitude % 12, 'M');
}

static char *write_duration(char *at, struct value_duration duration) {
    bool negative = duration.seconds < 0;
    uint64_t seconds = negative ? 0 - (uint64_t)duration.seconds : (uint64_t)duration.seconds;
    int32_t nanosecond = duration.nanosecond;
    if (negative)
        *at++ = '-';
    if (negative && nanosecond > 0) {
        seconds--;
        nanosecond = (int32_t)NANOSECONDS_PER_SECOND - nanosecond;
    }
    *at++ = 'P';
    at = write_part(at, seconds / 86400, 'D');
    if (seconds % 86400 == 0 && nanosecond == 0 && seconds > 0)
        return at;
    *at++ = 'T';
    at = write_part(at, seconds / 3600 % 24, 'H');
    at = write_part(at, seconds / 60 % 60, 'M');
    if (seconds % 60 != 0 || nanosecond != 0 || seconds == 0) {
        at = write_number(at, seconds % 60, 1);
        at = write_fraction(at, nanosecond);
        *at++ = 'S';
    }
    return at;
}

size_t calendar_write(const struct value *value, char *ret_text) {
    char *at = ret_text;
    switch ((enum value_kind)value->kind) {
    case VALUE_DATE: at = write_date(at, value->date); break;
    case VALUE_TIME: at = write_time(at, value->time); break;
    case VALUE_DATE_TIME:
        at = write_date(at, value->date_time->date);
        *at++ = 'T';
        at = write_time(at, &value->date_time->time);
        break;
    case VALUE_MONTHS: at = write_months(at, value->months); break;
    case VALUE_DURATION: at = write_duration(at, value->duration); break;
    default: break;
    }
    return (size_t)(at - ret_text);
}
