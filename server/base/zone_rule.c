/* The closing rule of a zone file: a text in the form of POSIX's variable TZ, with the hours of
 * -167 to 167 that RFC 8536 adds. It answers for every year, however far. */
#include "base/zone.h"

#include "base/clock.h"

enum { DAY_SECONDS = 86400, RULE_MAX = 256 };

struct reader {
    const char *at, *end;
};

static char peek(const struct reader *reader) {
    return reader->at < reader->end ? *reader->at : '\0';
}

static bool skip(struct reader *reader, char character) {
    if (peek(reader) != character)
        return false;
    reader->at++;
    return true;
}

static bool read_number(struct reader *reader, int maximum, int *ret_number) {
    int number = 0;
    const char *first = reader->at;
    while (peek(reader) >= '0' && peek(reader) <= '9' && number <= maximum)
        number = number * 10 + (*reader->at++ - '0');
    if (reader->at == first || number > maximum)
        return false;
    *ret_number = number;
    return true;
}

/* [+-]hh[:mm[:ss]] */
static bool read_time(struct reader *reader, int hours_maximum, int *ret_seconds) {
    int hours, minutes = 0, seconds = 0;
    bool negative = peek(reader) == '-';
    if (negative || peek(reader) == '+')
        reader->at++;
    if (!read_number(reader, hours_maximum, &hours))
        return false;
    if (skip(reader, ':')) {
        if (!read_number(reader, 59, &minutes))
            return false;
        if (skip(reader, ':') && !read_number(reader, 59, &seconds))
            return false;
    }
    int total = hours * 3600 + minutes * 60 + seconds;
    *ret_seconds = negative ? -total : total;
    return true;
}

/* An abbreviation: letters, or anything in angle brackets. */
static bool skip_name(struct reader *reader) {
    const char *first = reader->at;
    if (skip(reader, '<')) {
        while (reader->at < reader->end && *reader->at != '>')
            reader->at++;
        return skip(reader, '>');
    }
    while ((peek(reader) >= 'A' && peek(reader) <= 'Z') ||
           (peek(reader) >= 'a' && peek(reader) <= 'z'))
        reader->at++;
    return reader->at - first >= 3;
}

static bool read_day(struct reader *reader, struct zone_day *ret_day) {
    struct zone_day day = {.seconds = 2 * 3600};
    bool good;
    if (skip(reader, 'M')) {
        day.kind = 'M';
        good = read_number(reader, 12, &day.month) && day.month >= 1 && skip(reader, '.') &&
               read_number(reader, 5, &day.week) && day.week >= 1 && skip(reader, '.') &&
               read_number(reader, 6, &day.day);
    } else if (skip(reader, 'J')) {
        day.kind = 'J';
        good = read_number(reader, 365, &day.day) && day.day >= 1;
    } else {
        day.kind = 'N';
        good = read_number(reader, 365, &day.day);
    }
    if (!good || (skip(reader, '/') && !read_time(reader, 167, &day.seconds)))
        return false;
    *ret_day = day;
    return true;
}

bool zone_rule_read(const char *text, size_t length, struct zone_rule *ret_rule) {
    struct reader reader = {text, text + length};
    struct zone_rule rule = {.has_summer = false};
    int west;
    if (length > RULE_MAX || !skip_name(&reader) || !read_time(&reader, 24, &west))
        return false;
    rule.standard_seconds = -west;
    rule.summer_seconds = rule.standard_seconds + 3600;
    if (reader.at < reader.end) {
        rule.has_summer = true;
        if (!skip_name(&reader))
            return false;
        if (peek(&reader) != ',') {
            if (!read_time(&reader, 24, &west))
                return false;
            rule.summer_seconds = -west;
        }
        if (!skip(&reader, ',') || !read_day(&reader, &rule.start) || !skip(&reader, ',') ||
            !read_day(&reader, &rule.end) || reader.at != reader.end)
            return false;
    }
    *ret_rule = rule;
    return true;
}

/* Days since 1970-01-01 of a rule's day in a year. */
static int64_t day_in_year(const struct zone_day *day, int64_t year) {
    if (day->kind == 'N')
        return clock_days(year, 1, 1) + day->day;
    if (day->kind == 'J') {
        bool leap = clock_days(year, 3, 1) - clock_days(year, 2, 28) == 2;
        return clock_days(year, 1, 1) + day->day - 1 + (leap && day->day >= 60);
    }
    int64_t first = clock_days(year, day->month, 1);
    int64_t next = clock_days(day->month == 12 ? year + 1 : year, day->month % 12 + 1, 1);
    int64_t weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
    int64_t date = first + (day->day - weekday + 7) % 7 + 7 * (day->week - 1);
    return date < next ? date : date - 7;
}

int zone_rule_changes(const struct zone_rule *rule, int64_t year,
                      struct zone_change ret_changes[2]) {
    if (!rule->has_summer)
        return 0;
    int64_t start = day_in_year(&rule->start, year) * DAY_SECONDS + rule->start.seconds;
    int64_t end = day_in_year(&rule->end, year) * DAY_SECONDS + rule->end.seconds;
    struct zone_change begins = {start - rule->standard_seconds, rule->standard_seconds,
                                 rule->summer_seconds};
    struct zone_change ends = {end - rule->summer_seconds, rule->summer_seconds,
                               rule->standard_seconds};
    bool north = begins.at_seconds <= ends.at_seconds;
    ret_changes[0] = north ? begins : ends;
    ret_changes[1] = north ? ends : begins;
    return 2;
}

int32_t zone_rule_offset(const struct zone_rule *rule, int64_t utc_seconds) {
    struct zone_change changes[2] = {0};
    int64_t year, days = utc_seconds / DAY_SECONDS - (utc_seconds % DAY_SECONDS < 0);
    int month, day;
    int32_t offset = rule->standard_seconds;
    if (!rule->has_summer)
        return offset;
    clock_date(days, &year, &month, &day);
    /* The year before may reach into this one, and in the far east this one begins early. */
    for (int64_t near = year - 1; near <= year + 1; near++) {
        int count = zone_rule_changes(rule, near, changes);
        for (int i = 0; i < count; i++)
            if (changes[i].at_seconds <= utc_seconds)
                offset = changes[i].after_seconds;
    }
    return offset;
}
