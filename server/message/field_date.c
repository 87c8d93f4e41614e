/* Dates and instants against their descriptors. JSON writes RFC 3339; XML Schema also puts a zone
 * behind a date, which says nothing about the day that was meant and is left out. */
#include <string.h>

#include "base/clock.h"
#include "field_rules.h"

static bool say(const struct field_check *check, const struct field *field, const char *pointer,
                const char *code, const char *nl, const char *en) {
    field_say_allowed(check, field, pointer, code, (struct text){nl, en});
    return false;
}

/* Reads exactly `digits` digits at *at. */
static bool read_digits(const struct value *text, uint32_t *at, int digits, int *ret_number) {
    int number = 0;
    for (int count = 0; count < digits; count++, ++*at) {
        if (*at >= text->length) return false;
        char digit = text->text[*at];
        if (digit < '0' || digit > '9') return false;
        number = number * 10 + (digit - '0');
    }
    *ret_number = number;
    return true;
}

static bool read_mark(const struct value *text, uint32_t *at, char mark) {
    if (*at >= text->length || text->text[*at] != mark) return false;
    ++*at;
    return true;
}

static int days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

enum form { FORM_GOOD, FORM_WRONG, FORM_NO_SUCH };

static enum form read_date(const struct value *text, uint32_t *at, struct value_date *ret_date) {
    int year, month, day;
    if (!read_digits(text, at, 4, &year) || !read_mark(text, at, '-') ||
        !read_digits(text, at, 2, &month) || !read_mark(text, at, '-') ||
        !read_digits(text, at, 2, &day)) {
        return FORM_WRONG;
    }
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
        return FORM_NO_SUCH;
    }
    *ret_date = (struct value_date){.year = year, .month = (uint8_t)month, .day = (uint8_t)day};
    return FORM_GOOD;
}

/* "Z" or +hh:mm: seconds east of UTC. */
static bool read_offset(const struct value *text, uint32_t *at, int32_t *ret_seconds) {
    if (read_mark(text, at, 'Z')) {
        *ret_seconds = 0;
        return true;
    }
    int hours, minutes, sign = 1;
    if (read_mark(text, at, '-')) sign = -1;
    else if (!read_mark(text, at, '+')) return false;
    if (!read_digits(text, at, 2, &hours) || !read_mark(text, at, ':') ||
        !read_digits(text, at, 2, &minutes) || hours > 14 || minutes > 59) {
        return false;
    }
    *ret_seconds = sign * (hours * 3600 + minutes * 60);
    return true;
}

static enum form read_clock(const struct value *text, uint32_t *at, int64_t *ret_nanosecond) {
    int hours, minutes, seconds;
    if (!read_digits(text, at, 2, &hours) || !read_mark(text, at, ':') ||
        !read_digits(text, at, 2, &minutes) || !read_mark(text, at, ':') ||
        !read_digits(text, at, 2, &seconds)) {
        return FORM_WRONG;
    }
    int64_t nanosecond = 0;
    if (read_mark(text, at, '.')) {
        int64_t unit = 100000000;
        uint32_t first = *at;
        for (; *at < text->length && text->text[*at] >= '0' && text->text[*at] <= '9'; ++*at) {
            nanosecond += unit * (text->text[*at] - '0'); /* beyond nanoseconds the unit is 0 */
            unit /= 10;
        }
        if (*at == first || *at - first > 12) return FORM_WRONG;
    }
    if (hours > 23 || minutes > 59 || seconds > 59) return FORM_NO_SUCH;
    *ret_nanosecond = ((hours * 60 + minutes) * 60 + seconds) * INT64_C(1000000000) + nanosecond;
    return FORM_GOOD;
}

static bool say_form(const struct field_check *check, const struct field *field,
                     const char *pointer, enum form form, bool empty) {
    if (form == FORM_NO_SUCH) {
        return say(check, field, pointer, "no_such_date",
                   field->type == FIELD_DATE ? "deze datum bestaat niet"
                                             : "dit tijdstip bestaat niet",
                   field->type == FIELD_DATE ? "there is no such date" : "there is no such time");
    }
    if (empty) return say(check, field, pointer, "wrong_format", "dit is leeg", "this is empty");
    return say(check, field, pointer, "wrong_format",
               field->type == FIELD_DATE ? "dit is niet als datum geschreven"
                                         : "dit is niet als datum en tijd geschreven",
               field->type == FIELD_DATE ? "this is not written as a date"
                                         : "this is not written as a date and time");
}

static int compare_dates(const struct value_date *a, const struct value_date *b) {
    if (a->year != b->year) return a->year < b->year ? -1 : 1;
    if (a->month != b->month) return a->month < b->month ? -1 : 1;
    return a->day < b->day ? -1 : a->day > b->day;
}

static bool bound_date(const char *bound, struct value_date *ret_date) {
    if (!bound) return false;
    struct value text = value_text(bound, strlen(bound));
    uint32_t at = 0;
    return read_date(&text, &at, ret_date) == FORM_GOOD && at == text.length;
}

bool field_check_date(const struct field_check *check, const struct field *field,
                      const char *pointer, struct value text, struct value *ret_value) {
    struct value_date date, bound;
    uint32_t at = 0;
    int32_t offset;
    enum form form = read_date(&text, &at, &date);
    if (form != FORM_WRONG && at < text.length &&
        !(check->lexical && read_offset(&text, &at, &offset) && at == text.length)) {
        form = FORM_WRONG;
    }
    if (form != FORM_GOOD) return say_form(check, field, pointer, form, text.length == 0);
    if (bound_date(field->minimum, &bound) && compare_dates(&date, &bound) < 0) {
        return say(check, field, pointer, "too_small", "deze datum is te vroeg",
                   "this date is too early");
    }
    if (bound_date(field->maximum, &bound) && compare_dates(&date, &bound) > 0) {
        return say(check, field, pointer, "too_large", "deze datum is te laat",
                   "this date is too late");
    }
    *ret_value = value_date(date.year, date.month, date.day);
    return true;
}

bool field_check_date_time(const struct field_check *check, const struct field *field,
                           const char *pointer, struct value text, struct value *ret_value) {
    struct value_date_time *value = scratch_take(check->scratch, sizeof *value);
    if (!value) return false;
    *value = (struct value_date_time){.time.zone.kind = ZONE_OFFSET};
    uint32_t at = 0;
    int64_t instant_us = 0, bound_us;
    enum form form = read_date(&text, &at, &value->date);
    if (form != FORM_WRONG && !read_mark(&text, &at, 'T')) form = FORM_WRONG;
    if (form != FORM_WRONG) {
        enum form clock = read_clock(&text, &at, &value->time.nanosecond_of_day);
        if (form == FORM_GOOD || clock == FORM_WRONG) form = clock;
    }
    if (form != FORM_WRONG && (!read_offset(&text, &at, &value->time.zone.offset_seconds) ||
                               at != text.length)) {
        form = FORM_WRONG;
    }
    if (form == FORM_GOOD && !clock_read_instant(text.text, text.length, &instant_us)) {
        form = FORM_WRONG;
    }
    if (form != FORM_GOOD) return say_form(check, field, pointer, form, text.length == 0);
    if (field->minimum &&
        clock_read_instant(field->minimum, strlen(field->minimum), &bound_us) &&
        instant_us < bound_us) {
        return say(check, field, pointer, "too_small", "dit is te vroeg", "this is too early");
    }
    if (field->maximum &&
        clock_read_instant(field->maximum, strlen(field->maximum), &bound_us) &&
        instant_us > bound_us) {
        return say(check, field, pointer, "too_large", "dit is te laat", "this is too late");
    }
    *ret_value = (struct value){.kind = VALUE_DATE_TIME, .date_time = value};
    return true;
}
