/* The log. A line is put together on the stack and given to the kernel in one write, so that lines
 * of many threads never mix. What an outsider sent can stand in a value: control characters and
 * bytes that are no UTF-8 are escaped, and a line that is too long is cut within its last value. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static _Atomic(enum log_level) lowest_level = LOG_INFO;

struct line {
    char text[LOG_LINE_MAX];
    size_t length;
};

/* Room that stays free for the mark of a cut, a closing quote and the newline. */
enum { LINE_RESERVE = 8 };

static bool put(struct line *line, const char *bytes, size_t length) {
    if (sizeof line->text - LINE_RESERVE - line->length < length)
        return false;
    memcpy(line->text + line->length, bytes, length);
    line->length += length;
    return true;
}

/* Length of the printable UTF-8 character that begins here; 0 when there is none. */
static size_t printable(const unsigned char *at) {
    if (*at < 0x80)
        return *at >= ' ' && *at != 0x7f;
    size_t length = *at >= 0xc2 && *at <= 0xdf ? 2 : (*at & 0xf0) == 0xe0 ? 3
                  : *at >= 0xf0 && *at <= 0xf4 ? 4 : 0;
    for (size_t i = 1; i < length; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    bool refused = (at[0] == 0xc2 && at[1] < 0xa0) || (at[0] == 0xe0 && at[1] < 0xa0) ||
                   (at[0] == 0xed && at[1] > 0x9f) || (at[0] == 0xf0 && at[1] < 0x90) ||
                   (at[0] == 0xf4 && at[1] > 0x8f);
    return refused ? 0 : length;
}

/* Of a value that can stand without quotes; 0 of others. */
static size_t bare_length(const char *value) {
    const char *at = value;
    while (*at > ' ' && *at < 0x7f && *at != '"' && *at != '=' && *at != '\\')
        at++;
    return *at ? 0 : (size_t)(at - value);
}

/* Writes a value in quotes; false when it was cut. */
static bool put_quoted(struct line *line, const char *value) {
    bool whole = put(line, "\"", 1);
    const unsigned char *at = (const unsigned char *)value;
    while (whole && *at) {
        size_t length = printable(at);
        char escape[8];
        if (*at == '"' || *at == '\\')
            snprintf(escape, sizeof escape, "\\%c", *at);
        else if (*at == '\n')
            snprintf(escape, sizeof escape, "\\n");
        else
            snprintf(escape, sizeof escape, "\\x%02x", (unsigned)*at);
        if (length == 0 || *at == '"' || *at == '\\') {
            whole = put(line, escape, strlen(escape));
            at++;
        } else {
            whole = put(line, (const char *)at, length);
            at += length;
        }
    }
    const char *close = whole ? "\"" : "…\"";
    memcpy(line->text + line->length, close, strlen(close));
    line->length += strlen(close);
    return whole && line->length <= sizeof line->text - LINE_RESERVE;
}

static bool put_pair(struct line *line, const char *key, const char *value) {
    if (!put(line, " ", 1) || !put(line, key, strlen(key)) || !put(line, "=", 1))
        return false;
    size_t length = bare_length(value);
    if (length > 0 && put(line, value, length))
        return true;
    return put_quoted(line, value);
}

void log_set_level(enum log_level level) {
    atomic_store(&lowest_level, level);
}

void log_event(enum log_level level, const char *event, ...) {
    static const char *const names[] = {"debug", "info", "warning", "error"};
    if (level < atomic_load(&lowest_level))
        return;
    int kept_errno = errno;
    struct line line;
    char time[CLOCK_INSTANT_MAX];
    clock_write_instant(clock_now_us(), time);
    line.length = 0;
    bool room = put(&line, "time=", 5) && put(&line, time, strlen(time)) &&
                put_pair(&line, "level", names[level]) && put_pair(&line, "event", event);
    va_list pairs;
    va_start(pairs, event);
    const char *key, *value;
    while (room && (key = va_arg(pairs, const char *)) && (value = va_arg(pairs, const char *)))
        room = put_pair(&line, key, value);
    va_end(pairs);
    line.text[line.length++] = '\n';
    ssize_t written;
    do
        written = write(STDERR_FILENO, line.text, line.length);
    while (written < 0 && errno == EINTR);
    errno = kept_errno;
}
