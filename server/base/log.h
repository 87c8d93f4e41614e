/* The log: one line an event to standard error, in logfmt: time=… level=… event=… key=value.
 * Values are quoted and escaped; secrets and sensitive answers never go in. */
#ifndef KOPPEL_BASE_LOG_H
#define KOPPEL_BASE_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };
enum { LOG_LINE_MAX = 2048 };

void log_set_level(enum log_level level);
/* `event` in snake_case; then pairs of key, value (const char *), closed by NULL:
 * log_event(LOG_INFO, "server_started", "address", address, NULL); */
void log_event(enum log_level level, const char *event, ...) __attribute__((sentinel));

#endif
