/* Time zones from the system's compiled zone files (TZif, RFC 8536). A file is read when its zone
 * is first asked for and kept for good. It lists the changes of the past and some of the future;
 * its last line is a rule for all that follows (zone_rule.c). Files with leap seconds are refused:
 * instants here have none. */
#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/zone.h"

enum {
    ZONE_NAME_MAX = 64,
    ZONE_FILE_MAX_BYTES = 256 * 1024,
    ZONE_CHANGES_MAX = 4096,
    HEADER_BYTES = 44,
    DAY_SECONDS = 86400,
    WIDEST_SECONDS = 26 * 3600, /* no offset is further from UTC */
    NEAR_MAX = 16
};
/* The calendar repeats to the weekday in 400 years: far instants are moved near. */
static const int64_t cycle_seconds = INT64_C(146097) * 86400;
static const int64_t far_seconds = INT64_C(13569465600); /* 2400-01-01 */

struct zone {
    char name[ZONE_NAME_MAX];
    size_t name_length;
    struct zone_change *changes;
    size_t change_count;
    int32_t first_seconds; /* before the first change */
    bool has_rule;
    struct zone_rule rule;
};

/* Zones are only added, each before it is counted: looking needs no lock. */
static struct {
    pthread_mutex_t lock; /* of adding */
    struct zone *zones[CLOCK_ZONES_MAX];
    atomic_size_t count;
} cache = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int64_t read_big_endian(const unsigned char *at, int bytes) {
    uint64_t number = at[0] & 0x80 ? UINT64_MAX : 0;
    for (int i = 0; i < bytes; i++)
        number = number << 8 | at[i];
    return (int64_t)number;
}

/* The counts in a header, in the file's order. */
struct counts {
    size_t utc_marks, standard_marks, leaps, changes, types, letters;
};

static bool read_header(const unsigned char *at, size_t left, struct counts *ret_counts) {
    size_t numbers[6];
    if (left < HEADER_BYTES || memcmp(at, "TZif", 4) != 0)
        return false;
    for (int i = 0; i < 6; i++) {
        int64_t number = read_big_endian(at + 20 + 4 * i, 4);
        if (number < 0 || number > ZONE_FILE_MAX_BYTES)
            return false;
        numbers[i] = (size_t)number;
    }
    *ret_counts = (struct counts){numbers[0], numbers[1], numbers[2],
                                  numbers[3], numbers[4], numbers[5]};
    return true;
}

static size_t block_bytes(const struct counts *counts, size_t time_bytes) {
    return counts->changes * (time_bytes + 1) + counts->types * 6 + counts->letters +
           counts->leaps * (time_bytes + 4) + counts->standard_marks + counts->utc_marks;
}

/* Reads the block of 64-bit times into the zone. */
static bool read_block(const unsigned char *at, const struct counts *counts, struct zone *zone) {
    const unsigned char *indexes = at + counts->changes * 8;
    const unsigned char *types = indexes + counts->changes;
    if (counts->leaps > 0 || counts->types == 0 || counts->changes > ZONE_CHANGES_MAX)
        return false;
    for (size_t i = 0; i < counts->types; i++) {
        int64_t offset = read_big_endian(types + i * 6, 4);
        if (offset < -WIDEST_SECONDS || offset > WIDEST_SECONDS)
            return false;
    }
    zone->first_seconds = (int32_t)read_big_endian(types, 4);
    zone->changes = calloc(counts->changes + 1, sizeof *zone->changes);
    if (!zone->changes)
        return false;
    int32_t before = zone->first_seconds;
    for (size_t i = 0; i < counts->changes; i++) {
        struct zone_change *change = &zone->changes[i];
        if (indexes[i] >= counts->types)
            return false;
        change->at_seconds = read_big_endian(at + i * 8, 8);
        change->before_seconds = before;
        change->after_seconds = before = (int32_t)read_big_endian(types + indexes[i] * 6, 4);
        if (i > 0 && change->at_seconds <= zone->changes[i - 1].at_seconds)
            return false;
    }
    zone->change_count = counts->changes;
    return true;
}

static bool read_zone_file(const char *text, size_t length, struct zone *zone) {
    const unsigned char *bytes = (const unsigned char *)text;
    struct counts counts;
    if (!read_header(bytes, length, &counts) || bytes[4] < '2')
        return false;
    size_t at = HEADER_BYTES + block_bytes(&counts, 4); /* the block of 32-bit times */
    if (at > length || !read_header(bytes + at, length - at, &counts))
        return false;
    at += HEADER_BYTES;
    size_t block = block_bytes(&counts, 8);
    if (block > length - at || !read_block(bytes + at, &counts, zone))
        return false;
    at += block;
    /* The rule stands between two newlines and may be empty. */
    const char *end = at < length ? memchr(text + at + 1, '\n', length - at - 1) : NULL;
    if (!end || text[at] != '\n')
        return false;
    size_t rule_length = (size_t)(end - (text + at + 1));
    zone->has_rule = rule_length > 0;
    return rule_length == 0 || zone_rule_read(text + at + 1, rule_length, &zone->rule);
}

static bool name_good(const char *name, size_t length) {
    if (length == 0 || length >= ZONE_NAME_MAX || name[0] == '/' || name[length - 1] == '/')
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = name[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '+' || c == '-' || c == '/';
        if (!good)
            return false;
    }
    return true;
}

static void zone_free(struct zone *zone) {
    if (zone)
        free(zone->changes);
    free(zone);
}

static struct zone *zone_load(const char *name, size_t length) {
    struct zone *zone = calloc(1, sizeof *zone);
    char path[128];
    char *text = NULL;
    size_t text_length = 0;
    if (!zone)
        return NULL;
    memcpy(zone->name, name, length);
    zone->name_length = length;
    bool good = file_path("/usr/share/zoneinfo", zone->name, sizeof path, NULL, path) == 0 &&
                file_read(path, ZONE_FILE_MAX_BYTES, NULL, &text, &text_length) == 0 &&
                read_zone_file(text, text_length, zone);
    free(text);
    /* Products change at Amsterdam's midnight: a machine without zone files still knows it. */
    static const char fallback[] = "CET-1CEST,M3.5.0,M10.5.0/3";
    if (!good && strcmp(zone->name, "Europe/Amsterdam") == 0) {
        free(zone->changes);
        zone->changes = NULL;
        zone->change_count = 0;
        good = zone->has_rule = zone_rule_read(fallback, sizeof fallback - 1, &zone->rule);
    }
    if (!good) {
        zone_free(zone);
        return NULL;
    }
    return zone;
}

static struct zone *cached(const char *name, size_t length) {
    size_t count = atomic_load_explicit(&cache.count, memory_order_acquire);
    for (size_t i = 0; i < count; i++)
        if (cache.zones[i]->name_length == length &&
            memcmp(cache.zones[i]->name, name, length) == 0)
            return cache.zones[i];
    return NULL;
}

static const struct zone *zone_find(const char *name, size_t length) {
    struct zone *zone = cached(name, length);
    if (zone || !name_good(name, length))
        return zone;
    struct zone *loaded = zone_load(name, length);
    if (!loaded)
        return NULL;
    pthread_mutex_lock(&cache.lock);
    zone = cached(name, length);
    size_t count = atomic_load_explicit(&cache.count, memory_order_relaxed);
    if (!zone && count < CLOCK_ZONES_MAX) {
        zone = cache.zones[count] = loaded;
        atomic_store_explicit(&cache.count, count + 1, memory_order_release);
        loaded = NULL;
    }
    pthread_mutex_unlock(&cache.lock);
    zone_free(loaded);
    return zone;
}

/* How many of the listed changes lie at or before an instant. */
static size_t changes_until(const struct zone *zone, int64_t utc_seconds) {
    size_t low = 0, high = zone->change_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->changes[middle].at_seconds <= utc_seconds)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int32_t offset_at(const struct zone *zone, int64_t utc_seconds) {
    size_t passed = changes_until(zone, utc_seconds);
    if (passed == zone->change_count && zone->has_rule)
        return zone_rule_offset(&zone->rule, utc_seconds);
    return passed ? zone->changes[passed - 1].after_seconds : zone->first_seconds;
}

/* The changes within a widest offset of a moment, in order of time. */
static int changes_near(const struct zone *zone, int64_t seconds, struct zone_change *ret_near) {
    int count = 0;
    int64_t from = seconds - WIDEST_SECONDS, until = seconds + WIDEST_SECONDS;
    for (size_t i = changes_until(zone, from); i < zone->change_count && count < NEAR_MAX; i++) {
        if (zone->changes[i].at_seconds > until)
            return count;
        ret_near[count++] = zone->changes[i];
    }
    if (!zone->has_rule)
        return count;
    int64_t listed = zone->change_count ? zone->changes[zone->change_count - 1].at_seconds
                                        : INT64_MIN;
    int64_t year;
    int month, day;
    clock_date(seconds / DAY_SECONDS, &year, &month, &day);
    for (int64_t near = year - 1; near <= year + 1; near++) {
        struct zone_change changes[2];
        int changed = zone_rule_changes(&zone->rule, near, changes);
        for (int i = 0; i < changed && count < NEAR_MAX; i++)
            if (changes[i].at_seconds > listed && changes[i].at_seconds > from &&
                changes[i].at_seconds <= until)
                ret_near[count++] = changes[i];
    }
    return count;
}

static int64_t move_near(int64_t seconds) {
    if (seconds < -far_seconds)
        return -far_seconds - (-far_seconds - seconds) % cycle_seconds;
    if (seconds < far_seconds)
        return seconds;
    return far_seconds + (seconds - far_seconds) % cycle_seconds;
}

bool clock_zone_offset(void *context, const char *name, size_t name_length, int64_t local_seconds,
                       int32_t *ret_offset_seconds) {
    (void)context;
    const struct zone *zone = zone_find(name, name_length);
    if (!zone)
        return false;
    int64_t local = move_near(local_seconds);
    struct zone_change near[NEAR_MAX];
    int count = changes_near(zone, local, near);
    int32_t offset = offset_at(zone, local - WIDEST_SECONDS);
    for (int i = 0; i < count; i++) {
        /* Until the later of the two local times of a change, the offset before it holds: so a gap
         * and an overlap both take the earlier offset. */
        int32_t later = near[i].before_seconds > near[i].after_seconds ? near[i].before_seconds
                                                                       : near[i].after_seconds;
        if (local < near[i].at_seconds + later) {
            *ret_offset_seconds = near[i].before_seconds;
            return true;
        }
        offset = near[i].after_seconds;
    }
    *ret_offset_seconds = offset;
    return true;
}

bool clock_zone_offset_utc(const char *name, size_t name_length, int64_t utc_seconds,
                           int32_t *ret_offset_seconds) {
    const struct zone *zone = zone_find(name, name_length);
    if (!zone)
        return false;
    *ret_offset_seconds = offset_at(zone, move_near(utc_seconds));
    return true;
}
