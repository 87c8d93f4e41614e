/* koppel encryption-key: the keys under which the store holds what people tell of themselves, and
 * the secrets of keys that prove themselves by a digest. */
#include <stdio.h>
#include <string.h>

#include "auth/key_secret.h"
#include "auth/login.h"
#include "cli/installation.h"
#include "domain/lead_store.h"
#include "domain/policy_change.h"
#include "domain/webhook.h"

enum { BATCH = 200 };

static const char usage[] = "encryption-key rotate --data DIR";

/* A batch of one of the kinds of values that are sealed. */
static int kind_reseal(struct db *db, struct encryption *encryption, int kind,
                       struct error *error, char after[ID_MAX], int *ret_count) {
    switch (kind) {
    case 0: return quote_reseal(db, encryption, BATCH, error, after, ret_count);
    case 1: return application_reseal(db, encryption, BATCH, error, after, ret_count);
    case 2: return policy_change_reseal(db, encryption, BATCH, error, after, ret_count);
    case 3: return key_secret_reseal(db, encryption, error, after, ret_count);
    case 4: return lead_reseal(db, encryption, BATCH, error, after, ret_count);
    case 5: return factor_reseal(db, encryption, error, after, ret_count);
    default: return webhook_reseal(db, encryption, error, ret_count);
    }
}

/* Values of older keys get the new one, in small transactions, while others serve. */
static int values_renew(struct installation *installation, struct error *error,
                        int64_t *ret_count) {
    struct encryption *encryption = NULL;
    int64_t all = 0;
    int status = encryption_open(installation->config.encryption_keys, error, &encryption);
    for (int kind = 0; !status && kind < 7; kind++) {
        char after[ID_MAX] = "";
        int count = 0;
        do {
            status = kind_reseal(installation->db, encryption, kind, error, after, &count);
            all += count;
        } while (!status && count);
    }
    encryption_free(encryption);
    if (!status) *ret_count = all;
    return status;
}

static int rotate(const char *folder) {
    struct installation installation = {0};
    struct error error = {0};
    char key_id[ENCRYPTION_KEY_ID_MAX] = "";
    int64_t count = 0;
    int status = installation_open(folder, &error, &installation);
    if (status) return command_fail("encryption-key", &error);
    char operator[OPERATOR_MAX];
    command_operator(operator);
    status = encryption_rotate(installation.config.encryption_keys, &error, key_id);
    const struct command_deed deed = {.name = "RotateEncryptionKey", .subject_id = key_id};
    if (!status) status = command_deed_tell(installation.db, &deed, operator, &error);
    if (!status) status = values_renew(&installation, &error, &count);
    if (!status) {
        printf("New values are encrypted with key %s; %lld older ones are now as well.\n", key_id,
               (long long)count);
        printf("Keep a copy of %s, apart from copies of the store, and give it to every node.\n",
               installation.config.encryption_keys);
    }
    installation_close(&installation);
    return status ? command_fail("encryption-key", &error) : EXIT_DONE;
}

static int run(int argc, char **argv) {
    const char *folder = NULL;
    struct option_operands operands;
    struct error error = {0};
    int status;
    if (command_folder("encryption-key", usage, 1, argc, argv, &operands, &folder, &status))
        return status;
    if (strcmp(operands.items[0], "rotate") == 0) return rotate(folder);
    error_set(&error, ERROR_INVALID, "'%.40s' is unknown: use rotate", operands.items[0]);
    return command_misused("encryption-key", &error);
}

extern const struct command command_encryption_key;
const struct command command_encryption_key = {
    .name = "encryption-key",
    .summary = "change the key under which people's data is stored",
    .run = run};
