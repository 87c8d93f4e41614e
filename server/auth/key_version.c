/* Moves pins. Which version a new key gets is said where it is made. */
#include "auth/key_version.h"

#include <string.h>

#include "auth/keys_inside.h"
#include "auth/organisation_key.h"
#include "message/api_version.h"

struct pin {
    const char *key_id, *version;
};

static int pin_body(struct db_tx *tx, void *context, struct error *error) {
    const struct pin *pin = context;
    int64_t changed = 0;
    int status;
    if (id_valid(ORGANISATION_KEY_PREFIX, pin->key_id, strlen(pin->key_id)))
        status = db_run(tx, error, &changed,
                        "update organisation_key set api_version = $1 where id = $2",
                        db_text(pin->version), db_text(pin->key_id));
    else
        status = db_run(tx, error, &changed,
                        "update api_key as k set api_version = $1 where k.id = $2 and $scope(k)",
                        db_text(pin->version), db_text(pin->key_id));
    if (status || changed) return status;
    return error_set(error, ERROR_NOT_FOUND,
                     "there is no key '%.60s': `koppel key list` shows the ids", pin->key_id);
}

int keys_version_check(const char *version, struct error *error) {
    char known[API_VERSION_LIST_MAX];
    int unused;
    if (api_version_read(version, &unused)) return 0;
    api_version_list(known);
    return error_set(error, ERROR_INVALID,
                     "there is no version '%.40s' of the API: take one of %s", version, known);
}

int keys_pin(struct keys *keys, const char *key_id, const char *version, struct error *error) {
    struct pin pin = {.key_id = key_id, .version = version};
    int status = keys_version_check(version, error);
    const struct command_deed deed = {.name = "PinKey", .subject_id = key_id};
    return status ? status : keys_change(keys, &deed, pin_body, &pin, error);
}
