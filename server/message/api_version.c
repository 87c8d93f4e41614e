/* The dates of versions looked up. */
#include "api_version.h"

#include <stdio.h>
#include <string.h>

const char *api_version_date(int version) { return api_versions[version].date; }

bool api_version_read(const char *date, int *ret_version) {
    for (int at = 0; at < api_version_count; at++) {
        if (strcmp(api_versions[at].date, date) != 0) continue;
        *ret_version = at;
        return true;
    }
    return false;
}

int api_version_stored(const char *date) {
    int at = api_version_count - 1;
    while (at > 0 && strcmp(api_versions[at].date, date) > 0) at--;
    return at;
}

void api_version_list(char ret_list[API_VERSION_LIST_MAX]) {
    size_t length = 0;
    ret_list[0] = '\0';
    for (int at = api_version_count - 1; at >= 0; at--) {
        if (length + API_VERSION_MAX + 2 > API_VERSION_LIST_MAX) return;
        length += (size_t)snprintf(ret_list + length, API_VERSION_LIST_MAX - length, "%s%s",
                                   length ? ", " : "", api_versions[at].date);
    }
}
