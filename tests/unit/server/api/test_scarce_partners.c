/* Memory that runs out while partners and their agreements are looked after: each deed is done once
 * or not at all, is told as one that could not be done now, and can be done again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "domain/form_token.h"
#include "message/json.h"
#include "message/record.h"
#include "operation/operation.h"
#include "tests/unit/scarce.h"
#include "tests/unit/server/domain/fixture.h"

/* Each try writes to disk several times: not every allocation is tried. */
enum { ALLOCATIONS_MAX = 100000, INPUT_MAX = 1024, STEP = 3, STEP_LASTING = 7 };

static struct fixture *fixture;
static struct dispatcher *dispatcher;
static char memory[OPERATION_SCRATCH_BYTES];
static struct scratch scratch;
static struct answer answer;
static struct error error;
static char key_text[KEY_TEXT_MAX];
/* What the inputs name: the partner of the try, and the thing before. */
static char partner_id[ID_MAX], person_id[ID_MAX], thing_id[ID_MAX];
/* Of an application: a form of a while ago, and a firm that has not applied yet. */
static char form[FORM_TOKEN_MAX], number[16];
static int numbers;

#define PARTNER "\"id\":\"%p\""
#define PERSON PARTNER ",\"person\":\"%n\""
#define LICENCE "\"kind\":\"pension\",\"number\":\"12019504\",\"from_date\":\"2020-01-01\""
#define DIPLOMA "\"kind\":\"pension\",\"from_date\":\"2020-01-01\""
#define AGREEMENT                                                                                 \
    "\"from_date\":\"2026-01-01\",\"rates\":[{\"product\":\"pet\",\"closing_percent\":5,"         \
    "\"renewal_percent\":5}]"

#define APPLY "SubmitPartnerApplication"
#define APPLICATION                                                                               \
    "{\"form\":\"%f\",\"name\":\"Kantoor\",\"trade_register_number\":\"%k\","                   \
    "\"contact_name\":\"Fenna\",\"email\":\"fenna%k@kantoor.example\"}"

/* A sound call of each operation, and one that makes what it needs before. */
static const struct example {
    const char *operation, *input;
    int status;
    const char *before, *before_input;
} examples[] = {
    {"CreatePartner", "{\"name\":\"Kantoor Één\",\"iban\":\"NL91ABNA0417164300\"}", 201, NULL,
     NULL},
    {"GetPartner", "{" PARTNER "}", 200, NULL, NULL},
    {"ChangePartner", "{" PARTNER ",\"city\":\"Assen\",\"clear\":[\"iban\"]}", 200, NULL, NULL},
    {"MovePartner", "{" PARTNER ",\"parent_id\":\"%s\"}", 200, "CreatePartner",
     "{\"name\":\"Kop\",\"kind\":\"chain\"}"},
    {"ListPartners", "{\"search\":\"kantoor\",\"limit\":3}", 200, NULL, NULL},
    {"CountPartners", "{\"search\":\"kantoor\"}", 200, NULL, NULL},
    {"AddPartnerLicence", "{" PARTNER "," LICENCE "}", 201, NULL, NULL},
    {"ListPartnerLicences", "{" PARTNER "}", 200, NULL, NULL},
    {"EndPartnerLicence", "{" PARTNER ",\"licence\":\"%s\",\"to_date\":\"2027-01-01\"}", 200,
     "AddPartnerLicence", "{" PARTNER "," LICENCE "}"},
    {"RemovePartnerLicence", "{" PARTNER ",\"licence\":\"%s\"}", 200, "AddPartnerLicence",
     "{" PARTNER "," LICENCE "}"},
    {"PutPartnerTerritories",
     "{" PARTNER ",\"territories\":[{\"from_postcode\":3500,\"to_postcode\":3599}]}", 200, NULL,
     NULL},
    {"GetPartnerTerritories", "{" PARTNER "}", 200, NULL, NULL},
    {"AddPartnerPerson", "{" PARTNER ",\"name\":\"Jet\",\"role\":\"adviser\"}", 201, NULL, NULL},
    {"ListPartnerPeople", "{" PARTNER "}", 200, NULL, NULL},
    {"GetPartnerPerson", "{" PERSON "}", 200, NULL, NULL},
    {"ChangePartnerPerson", "{" PERSON ",\"role\":\"other\"}", 200, NULL, NULL},
    {"AddPartnerDiploma", "{" PERSON "," DIPLOMA "}", 201, NULL, NULL},
    {"ListPartnerDiplomas", "{" PERSON "}", 200, NULL, NULL},
    {"EndPartnerDiploma", "{" PERSON ",\"diploma\":\"%s\",\"to_date\":\"2027-01-01\"}", 200,
     "AddPartnerDiploma", "{" PERSON "," DIPLOMA "}"},
    {"RemovePartnerDiploma", "{" PERSON ",\"diploma\":\"%s\"}", 200, "AddPartnerDiploma",
     "{" PERSON "," DIPLOMA "}"},
    {"AddPartnerNote", "{" PARTNER ",\"text\":\"Belt graag.\"}", 201, NULL, NULL},
    {"ListPartnerNotes", "{" PARTNER "}", 200, "AddPartnerNote",
     "{" PARTNER ",\"text\":\"Belt graag.\"}"},
    {"RemovePartnerNote", "{" PARTNER ",\"note\":\"%s\"}", 200, "AddPartnerNote",
     "{" PARTNER ",\"text\":\"Belt graag.\"}"},
    {"AddPartnerDocument", "{" PARTNER ",\"title\":\"Brief\",\"content\":\"SGFsbG8u\"}", 201, NULL,
     NULL},
    {"ListPartnerDocuments", "{" PARTNER "}", 200, "AddPartnerDocument",
     "{" PARTNER ",\"title\":\"Brief\",\"content\":\"SGFsbG8u\"}"},
    {"GetPartnerDocument", "{" PARTNER ",\"document\":\"%s\"}", 200, "AddPartnerDocument",
     "{" PARTNER ",\"title\":\"Brief\",\"content\":\"SGFsbG8u\"}"},
    {"RemovePartnerDocument", "{" PARTNER ",\"document\":\"%s\"}", 200, "AddPartnerDocument",
     "{" PARTNER ",\"title\":\"Brief\",\"content\":\"SGFsbG8u\"}"},
    {"GetPartnerTimeline", "{" PARTNER "}", 200, NULL, NULL},
    {"CreateAgreement", "{\"partner_id\":\"%p\"," AGREEMENT "}", 201, NULL, NULL},
    {"ListAgreements", "{\"partner\":\"%p\"}", 200, "CreateAgreement",
     "{\"partner_id\":\"%p\"," AGREEMENT "}"},
    {"GetAgreement", "{\"id\":\"%s\"}", 200, "CreateAgreement",
     "{\"partner_id\":\"%p\"," AGREEMENT "}"},
    {"ChangeAgreement", "{\"id\":\"%s\",\"from_date\":\"2999-01-01\"}", 201, "CreateAgreement",
     "{\"partner_id\":\"%p\"," AGREEMENT "}"},
    {"EndAgreement", "{\"id\":\"%s\",\"to_date\":\"2999-01-01\"}", 200, "CreateAgreement",
     "{\"partner_id\":\"%p\"," AGREEMENT "}"},
    {"GetPartnerApplicationForm", "{}", 200, NULL, NULL},
    {"SubmitPartnerApplication", APPLICATION, 202, NULL, NULL},
    {"ListPartnerApplications", "{\"limit\":3}", 200, APPLY, APPLICATION},
    {"GetPartnerApplication", "{\"id\":\"%s\"}", 200, APPLY, APPLICATION},
    {"ApprovePartnerApplication", "{\"id\":\"%s\"}", 200, APPLY, APPLICATION},
    {"RefusePartnerApplication", "{\"id\":\"%s\",\"reason\":\"other\"}", 200, APPLY, APPLICATION}};
enum { EXAMPLES = sizeof examples / sizeof *examples };

static void fill_in(const char *text, char ret_input[INPUT_MAX]) {
    size_t length = 0;
    for (; *text && length < INPUT_MAX - FORM_TOKEN_MAX; text++) {
        const char *id = text[0] != '%'   ? NULL
                         : text[1] == 'p' ? partner_id
                         : text[1] == 'n' ? person_id
                         : text[1] == 'f' ? form
                         : text[1] == 'k' ? number
                                          : thing_id;
        if (!id) {
            ret_input[length++] = *text;
            continue;
        }
        length += (size_t)snprintf(ret_input + length, INPUT_MAX - length, "%s", id);
        text++;
    }
    ret_input[length] = '\0';
}

/* Calls with the nth allocation failing (0: none). */
static int call(const char *name, const char *text, long nth, bool lasting) {
    struct json_fault fault;
    char input[INPUT_MAX];
    struct request request = {.operation = operation_find_named(name),
                              .if_match = "*",
                              .request_id = "req",
                              .language = LANGUAGE_EN,
                              .scratch = &scratch};
    assert_non_null(request.operation);
    if (!(request.operation->callers & CALLER_NOBODY)) {
        request.credential = key_text;
        request.credential_length = strlen(key_text);
    }
    fill_in(text, input);
    scratch_init(&scratch, memory, sizeof memory);
    assert_int_equal(json_read(input, strlen(input), NULL, &scratch, &fault, &request.input), 0);
    if (nth) scarce_begin(nth, lasting);
    dispatch(dispatcher, &request, &answer);
    scarce_end();
    return answer.status;
}

static void made(const char *name, const char *input, char ret_id[ID_MAX]) {
    if (call(name, input, 0, false) != 201)
        fail_msg("%s: %d %s %s", name, answer.status, answer.refusal.code, answer.error.text);
    const struct value *id = record_get(&answer.output, "id");
    snprintf(ret_id, ID_MAX, "%.*s", (int)id->length, id->text);
}

/* Not from an answer: whoever applies is told nothing. */
static int newest_body(struct db_tx *tx, void *context, struct error *body_error) {
    struct db_rows *rows = NULL;
    (void)context;
    int status = db_run(tx, body_error, NULL, "delete from login_throttle");
    if (!status)
        status = db_query(tx, body_error, &rows, "select max(id) from partner_application");
    if (!status) status = db_next(rows, body_error);
    if (status > 0) db_column_copy(rows, 0, thing_id, sizeof thing_id);
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

static void prepare(const struct example *example) {
    snprintf(number, sizeof number, "%08d", 10000000 + ++numbers);
    made("CreatePartner", "{\"name\":\"Kantoor\"}", partner_id);
    made("AddPartnerPerson", "{" PARTNER ",\"name\":\"Jet\",\"role\":\"adviser\"}", person_id);
    if (example->before && strcmp(example->before, APPLY) == 0)
        assert_int_equal(call(APPLY, APPLICATION, 0, false), 202);
    else if (example->before) made(example->before, example->before_input, thing_id);
    if (strstr(example->operation, "Application"))
        assert_int_equal(db_write(fixture->service->db, &db_scope_all, newest_body, NULL, &error),
                         0);
}

static void try_all(const struct example *example, bool lasting) {
    bool fired = true;
    long nth = 1;
    for (; fired && nth < ALLOCATIONS_MAX; nth += lasting ? STEP_LASTING : STEP) {
        prepare(example);
        int status = call(example->operation, example->input, nth, lasting);
        fired = atomic_load(&scarce.fired);
        if (status != example->status && status != 503)
            fail_msg("%s: allocation %ld fails, and the answer is %d %s %s", example->operation,
                     nth, status, answer.refusal.code, answer.error.text);
        /* Also after a commit whose outcome was not heard the same can be asked of others. */
        prepare(example);
        status = call(example->operation, example->input, 0, false);
        if (status != example->status)
            fail_msg("%s: after allocation %ld: %d %s %s", example->operation, nth, status,
                     answer.refusal.code, answer.error.text);
    }
    assert_false(fired);
    print_message("# %s%s: %ld allocations\n", example->operation, lasting ? ", lasting" : "",
                  nth);
}

static void test_once(void **state) {
    (void)state;
    for (int i = 0; i < EXAMPLES; i++) try_all(&examples[i], false);
}

static void test_lasting(void **state) {
    (void)state;
    for (int i = 0; i < EXAMPLES; i++) try_all(&examples[i], true);
}

static int set_up(void **state) {
    char id[ID_MAX];
    const struct key_options organisation = {.organisation_name = "Test"};
    fixture_set_up(state);
    fixture = *state;
    log_set_level(LOG_ERROR + 1);
    struct service *service = fixture->service;
    assert_int_equal(keys_create(service->keys, &organisation, &error, id, key_text), 0);
    form_token_make(service->people, "partner application", clock_now_us() - 60000000, form);
    assert_int_equal(dispatcher_new(service->db, service->keys, service, &error, &dispatcher), 0);
    return 0;
}

static int tear_down(void **state) {
    dispatcher_free(dispatcher);
    return fixture_tear_down(state);
}

int main(void) {
    if (scarce_skipped()) return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lasting, set_up, tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
