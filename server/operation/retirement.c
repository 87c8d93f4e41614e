/* From the dates of a row to the instants that answers tell. */
#include <stdlib.h>

#include "base/clock.h"
#include "operation.h"

/* A date of the table: "YYYY-MM-DD", as it stands in the program. */
static int64_t midnight_us(const char *date) {
    if (!date) return 0;
    return clock_amsterdam_midnight_us((int)strtol(date, NULL, 10), (int)strtol(date + 5, NULL, 10),
                                       (int)strtol(date + 8, NULL, 10));
}

struct retirement operation_retirement(const struct operation *operation) {
    return (struct retirement){.deprecated_us = midnight_us(operation->deprecated_on),
                               .sunset_us = midnight_us(operation->sunset_on)};
}

static void take_earlier(int64_t *instant_us, int64_t other_us) {
    if (other_us && (!*instant_us || other_us < *instant_us)) *instant_us = other_us;
}

void retirement_join(struct retirement *retirement, const struct retirement *other) {
    take_earlier(&retirement->deprecated_us, other->deprecated_us);
    take_earlier(&retirement->sunset_us, other->sunset_us);
}
