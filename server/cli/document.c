/* Prints a kept quote or policy to a file, for the operator, who sees those of all partners. It is
 * the same operation as partners' systems call, and gives the same bytes. */
#include "cli/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/option.h"
#include "cli/command.h"
#include "domain/service.h"
#include "operation/operation.h"

struct printing {
    const struct document_command *command;
    const char *id, *path;
    enum language language;
    struct dispatcher *dispatcher;
    struct answer answer;
    char memory[OPERATION_SCRATCH_BYTES];
};

static void ask(struct printing *printing, bool test, enum language language) {
    struct scratch scratch;
    struct caller caller = {.kind = (enum caller_kind)printing->command->caller,
                            .test = test,
                            .scope = db_scope_all};
    struct value_entry id = {.name = "id",
                             .name_length = 2,
                             .value = value_text(printing->id, strlen(printing->id))};
    struct request request = {.operation = operation_find_named(printing->command->operation),
                              .caller = &caller,
                              .request_id = "koppel",
                              .language = language,
                              .input = value_context(&id, 1),
                              .scratch = &scratch};
    scratch_init(&scratch, printing->memory, sizeof printing->memory);
    dispatch(printing->dispatcher, &request, &printing->answer);
}

static int save(struct printing *printing, struct error *error) {
    const struct answer *answer = &printing->answer;
    /* Whether it was made with a test key is not asked: it is looked for among both. */
    bool test = false;
    ask(printing, test, printing->language);
    test = answer->status == 404;
    if (test) ask(printing, test, printing->language);
    if (answer->error.code)
        return error_set(error, answer->error.code, "%s", answer->error.text);
    const struct value *content =
        answer->status == 200 ? record_get(&answer->output, "content") : NULL;
    /* Commands speak English, whatever language the document was to be in. */
    if (!content) ask(printing, test, LANGUAGE_EN);
    if (!content)
        return error_set(error, ERROR_NOT_FOUND, "%.60s: %s", printing->id,
                         answer->refusal.detail);
    return file_write(printing->path, content->text, content->length, 0600, error);
}

static int print_one(struct service *service, struct printing *printing, struct error *error) {
    int status = dispatcher_new(service->db, service->keys, service, error, &printing->dispatcher);
    if (!status) status = save(printing, error);
    dispatcher_free(printing->dispatcher);
    return status;
}

static int open_and_print(const char *folder, struct printing *printing, struct error *error) {
    struct config config;
    struct service *service = NULL;
    int status = config_read(folder, error, &config);
    if (!status) status = service_new(&config, error, &service);
    if (!status) status = print_one(service, printing, error);
    service_free(service);
    explicit_bzero(config.key_pepper, sizeof config.key_pepper);
    return status;
}

int document_run(const struct document_command *command, int argc, char **argv) {
    const char *folder = NULL, *language = NULL;
    const struct option options[] = {
        {.name = "data", .kind = OPTION_TEXT, .argument = "DIR", .required = true,
         .help = "the folder of the installation", .ret_value = &folder},
        {.name = "lang", .kind = OPTION_TEXT, .argument = "nl|en", .default_text = "nl",
         .help = "the language of the document", .ret_value = &language}};
    const int count = sizeof options / sizeof *options;
    struct option_operands operands = {.count = 0};
    struct error error = {0};
    bool help = false;
    int status = options_read(options, count, argc, argv, &error, &operands, &help);
    if (help) {
        printf("usage: koppel %s ID FILE --data DIR [--lang nl|en]\n\n"
               "Writes it to FILE as the PDF that the customer gets.\n\n",
               command->name);
        options_help(options, count);
        return EXIT_DONE;
    }
    if (!status && operands.count != 2)
        status = error_set(&error, ERROR_INVALID, "give an id and the file to write: ID FILE");
    if (!status && strcmp(language, "nl") != 0 && strcmp(language, "en") != 0)
        status = error_set(&error, ERROR_INVALID, "--lang takes nl or en");
    if (status) return command_misused(command->name, &error);
    struct printing *printing = calloc(1, sizeof *printing);
    if (!printing) {
        error_set(&error, ERROR_NO_MEMORY, "no memory to print a document");
        return command_fail(command->name, &error);
    }
    printing->command = command;
    printing->id = operands.items[0];
    printing->path = operands.items[1];
    printing->language = strcmp(language, "en") == 0 ? LANGUAGE_EN : LANGUAGE_NL;
    status = open_and_print(folder, printing, &error);
    free(printing);
    return status ? command_fail(command->name, &error) : EXIT_DONE;
}
