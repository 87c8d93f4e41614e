/* koppel person: what the store holds of a person, told and erased, for who asks for it. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/installation.h"
#include "domain/person_data.h"

static const char usage[] =
    "person export|erase --data DIR [--email ADDRESS] [--telephone NUMBER]";

struct erasing {
    struct person_indexes indexes;
    struct lead_by by;
    struct person_erased erased;
    char operator[OPERATOR_MAX];
};

static int erase_body(struct db_tx *tx, void *context, struct error *error) {
    struct erasing *erasing = context;
    const struct command_deed command = {.name = "ErasePerson"};
    int status = person_erase(tx, &erasing->indexes, &erasing->by, error, &erasing->erased);
    return status ? status : command_deed_record(tx, &command, erasing->operator, error);
}

static int erase(struct service *service, const struct person_key *key, struct error *error) {
    struct erasing erasing = {.by = {.actor = LEAD_BY_ORGANISATION, .at_us = clock_now_us()}};
    command_operator(erasing.operator);
    int status = person_indexes_of(service->encryption, key, error, &erasing.indexes);
    if (!status) status = db_write(service->db, &db_scope_all, erase_body, &erasing, error);
    if (status) return status;
    printf("Erased from %d leads; %d applications are kept, as the law asks.\n",
           erasing.erased.leads, erasing.erased.applications_kept);
    return 0;
}

/* Who looked is on record before anything is told. */
static int tell(struct service *service, const struct person_key *key, struct error *error) {
    const struct command_deed command = {.name = "ExportPerson"};
    char operator[OPERATOR_MAX];
    struct buffer buffer;
    buffer_init(&buffer, PERSON_JSON_MAX_BYTES);
    command_operator(operator);
    int status = command_deed_tell(service->db, &command, operator, error);
    if (!status) status = person_export(service, key, error, &buffer);
    if (!status) puts(buffer.data);
    if (buffer.data) explicit_bzero(buffer.data, buffer.length);
    buffer_done(&buffer);
    return status;
}

static int run(int argc, char **argv) {
    const char *folder = NULL;
    struct person_key key = {NULL, NULL};
    const struct option options[] = {
        {.name = "data", .kind = OPTION_TEXT, .argument = "DIR", .required = true,
         .help = "the data folder made by koppel init", .ret_value = &folder},
        {.name = "email", .kind = OPTION_TEXT, .argument = "ADDRESS",
         .help = "the person's e-mail address", .ret_value = &key.email},
        {.name = "telephone", .kind = OPTION_TEXT, .argument = "NUMBER",
         .help = "the person's telephone number", .ret_value = &key.telephone}};
    struct option_operands operands;
    struct error error = {0};
    struct service *service = NULL;
    struct config config;
    int exit_status;
    if (command_verb_options("person", usage, options, sizeof options / sizeof *options, argc,
                             argv, &operands, &exit_status))
        return exit_status;
    if (operands.count != 1) {
        error_set(&error, ERROR_INVALID, "say export or erase");
        return command_misused("person", &error);
    }
    bool erasing = strcmp(operands.items[0], "erase") == 0;
    if (!erasing && strcmp(operands.items[0], "export") != 0) {
        error_set(&error, ERROR_INVALID, "'%.40s' is unknown: use export or erase",
                  operands.items[0]);
        return command_misused("person", &error);
    }
    int status = config_read(folder, &error, &config);
    if (!status) status = service_new(&config, &error, &service);
    if (!status) status = erasing ? erase(service, &key, &error) : tell(service, &key, &error);
    service_free(service);
    return status ? command_fail("person", &error) : EXIT_DONE;
}

extern const struct command command_person;
const struct command command_person = {
    .name = "person",
    .summary = "tell or erase what the store holds of a person",
    .run = run};
