/* koppel partner create and show. What is given is checked as the extranet checks it. */
#include "cli/partner_record.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/installation.h"
#include "domain/agreement.h"
#include "domain/identifier.h"
#include "domain/partner.h"
#include "domain/partner_event.h"
#include "domain/partner_file.h"

enum { SCRATCH_BYTES = 256 * 1024, AGREEMENTS_SHOWN_MAX = 100 };

void partner_options(struct partner_arguments *arguments,
                     struct option ret_options[PARTNER_OPTIONS]) {
    const struct option options[PARTNER_OPTIONS] = {
        {.name = "name", .argument = "NAME", .help = "create: as it trades",
         .ret_value = &arguments->name},
        {.name = "kind", .argument = "KIND", .help = "create: chain, office (default) or branch",
         .ret_value = &arguments->kind},
        {.name = "parent", .argument = "ID", .help = "create: the chain or office it belongs to",
         .ret_value = &arguments->parent},
        {.name = "legal-name", .argument = "NAME", .help = "create: as the trade register has it",
         .ret_value = &arguments->legal_name},
        {.name = "trade-register", .argument = "NUMBER", .help = "create: KvK number, 8 digits",
         .ret_value = &arguments->trade_register},
        {.name = "licence", .argument = "NUMBER", .help = "create: of the AFM, 8 digits",
         .ret_value = &arguments->licence},
        {.name = "iban", .argument = "IBAN", .help = "create: where commission is paid to",
         .ret_value = &arguments->iban},
        {.name = "street", .argument = "TEXT", .help = "create: street and number",
         .ret_value = &arguments->street},
        {.name = "postcode", .argument = "TEXT", .help = "create: such as 1234 AB",
         .ret_value = &arguments->postcode},
        {.name = "city", .argument = "TEXT", .help = "create", .ret_value = &arguments->city},
        {.name = "website", .argument = "URL", .help = "create: https://…",
         .ret_value = &arguments->website},
        {.name = "email", .argument = "ADDRESS", .help = "create: of the office",
         .ret_value = &arguments->email},
        {.name = "telephone", .argument = "NUMBER", .help = "create",
         .ret_value = &arguments->telephone}};
    for (int i = 0; i < PARTNER_OPTIONS; i++) {
        ret_options[i] = options[i];
        ret_options[i].kind = OPTION_TEXT;
    }
}

/* ---- create --------------------------------------------------------------------------------- */
struct recording {
    struct partner partner;
    char id[ID_MAX], operator[OPERATOR_MAX];
    char numbers[IDENTIFIERS][IDENTIFIER_MAX];
    int64_t now_us;
};

static int number_take(struct recording *recording, enum identifier kind, const char *option,
                       const char *text, const char **ret_text, struct error *error) {
    char message[IDENTIFIER_MESSAGE_MAX];
    if (!text) return 0;
    char *number = recording->numbers[kind];
    enum identifier_fault fault = identifier_read(kind, text, strlen(text), number);
    if (fault) {
        identifier_say(kind, fault, LANGUAGE_EN, message);
        return error_set(error, ERROR_INVALID, "--%s: %s", option, message);
    }
    *ret_text = number;
    return 0;
}

static bool kind_known(const char *kind) {
    for (int i = 0; i < PARTNER_KINDS; i++)
        if (strcmp(partner_kinds[i].code, kind) == 0) return true;
    return false;
}

static int arguments_take(const struct partner_arguments *arguments, struct recording *recording,
                          struct error *error) {
    struct partner *partner = &recording->partner;
    if (!arguments->name || !*arguments->name)
        return error_set(error, ERROR_INVALID, "--name is missing: what is the partner called?");
    if (arguments->kind && !kind_known(arguments->kind))
        return error_set(error, ERROR_INVALID, "--kind is chain, office or branch");
    *partner = (struct partner){.parent_id = arguments->parent,
                                .kind = arguments->kind ? arguments->kind : "office",
                                .name = arguments->name,
                                .legal_name = arguments->legal_name,
                                .street = arguments->street,
                                .city = arguments->city,
                                .website = arguments->website,
                                .email = arguments->email};
    int status = number_take(recording, IDENTIFIER_TRADE_REGISTER, "trade-register",
                             arguments->trade_register, &partner->trade_register_number, error);
    if (!status)
        status = number_take(recording, IDENTIFIER_LICENCE, "licence", arguments->licence,
                             &partner->licence_number, error);
    if (!status)
        status = number_take(recording, IDENTIFIER_IBAN, "iban", arguments->iban, &partner->iban,
                             error);
    if (!status)
        status = number_take(recording, IDENTIFIER_POSTCODE, "postcode", arguments->postcode,
                             &partner->postcode, error);
    if (!status)
        status = number_take(recording, IDENTIFIER_TELEPHONE, "telephone", arguments->telephone,
                             &partner->telephone, error);
    return status;
}

static int record_body(struct db_tx *tx, void *context, struct error *error) {
    const struct recording *recording = context;
    const struct partner_event event = {
        .partner_id = recording->id,
        .kind = "partner_created",
        .by = {.actor = "organisation", .at_us = recording->now_us}};
    const struct command_deed deed = {.name = "CreatePartner", .subject_id = recording->id};
    int status = partner_create(tx, recording->id, &recording->partner, recording->now_us, error);
    if (!status) status = partner_event_insert(tx, &event, error);
    return status ? status : command_deed_record(tx, &deed, recording->operator, error);
}

int partner_record(const char *folder, const struct partner_arguments *arguments) {
    struct installation installation = {0};
    struct error error = {0};
    struct recording recording = {.now_us = clock_now_us()};
    if (arguments_take(arguments, &recording, &error)) return command_misused("partner", &error);
    id_make("ptr", recording.id);
    command_operator(recording.operator);
    int status = installation_open(folder, &error, &installation);
    if (!status)
        status = db_write(installation.db, &db_scope_all, record_body, &recording, &error);
    installation_close(&installation);
    if (status) return command_fail("partner", &error);
    printf("%s\n", recording.id);
    return EXIT_DONE;
}

/* ---- show ----------------------------------------------------------------------------------- */
struct showing {
    const char *id;
    struct scratch scratch;
    char memory[SCRATCH_BYTES];
    struct partner partner;
    struct agreement agreements[AGREEMENTS_SHOWN_MAX];
    struct partner_licence licences[PARTNER_LICENCES_MAX];
    int agreement_count, licence_count;
};

static int show_body(struct db_tx *tx, void *context, struct error *error) {
    struct showing *showing = context;
    const struct agreement_filter filter = {.partner_id = showing->id,
                                            .limit = AGREEMENTS_SHOWN_MAX};
    scratch_init(&showing->scratch, showing->memory, sizeof showing->memory);
    int status =
        partner_read(tx, showing->id, &showing->scratch, error, &showing->partner);
    if (!status)
        status = agreement_list(tx, &filter, &showing->scratch, error, showing->agreements,
                                &showing->agreement_count);
    return status ? status
                  : partner_licence_list(tx, showing->id, &showing->scratch, error,
                                         showing->licences, &showing->licence_count);
}

static void line_print(const char *name, const char *text) {
    if (text) printf("%-16s%s\n", name, text);
}

static void partner_print(const struct partner *partner) {
    line_print("id", partner->id);
    line_print("name", partner->name);
    line_print("kind", partner->kind);
    line_print("stage", partner->stage);
    if (partner->suspended) line_print("suspended", "yes");
    line_print("belongs to", partner->parent_id);
    line_print("legal name", partner->legal_name);
    line_print("trade register", partner->trade_register_number);
    line_print("licence number", partner->licence_number);
    line_print("street", partner->street);
    line_print("postcode", partner->postcode);
    line_print("city", partner->city);
    line_print("email", partner->email);
    line_print("telephone", partner->telephone);
    line_print("grade", partner->grade);
    line_print("next review", partner->next_review_date);
}

int partner_show(const char *folder, const char *id) {
    static struct showing showing;
    struct installation installation = {0};
    struct error error = {0};
    showing.id = id;
    int status = installation_open(folder, &error, &installation);
    if (!status) status = db_read(installation.db, &db_scope_all, show_body, &showing, &error);
    installation_close(&installation);
    if (status) return command_fail("partner", &error);
    partner_print(&showing.partner);
    for (int i = 0; i < showing.agreement_count; i++) {
        const struct agreement *agreement = &showing.agreements[i];
        printf("%-16s%s  %s  %s  %s to %s\n", "agreement", agreement->id,
               agreement->product ? agreement->product : "every product", agreement->role,
               agreement->from_date, agreement->to_date ? agreement->to_date : "further notice");
    }
    for (int i = 0; i < showing.licence_count; i++) {
        const struct partner_licence *licence = &showing.licences[i];
        printf("%-16s%s  %s  %s to %s\n", "licence", licence->kind, licence->number,
               licence->from_date, licence->to_date ? licence->to_date : "further notice");
    }
    return EXIT_DONE;
}
