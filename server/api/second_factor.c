/* The second factor: set up by an authenticator app, confirmed by its first code, with recovery
 * codes for when it is lost. */
#include <qrencode.h>
#include <string.h>

#include "base/buffer.h"
#include "person_common.h"

enum { QR_BORDER = 4, QR_SVG_MAX_BYTES = 64 * 1024 }; /* modules around it: ISO/IEC 18004 */

static const struct field offer_output[] = {
    {.name = "secret", .type = FIELD_TEXT, .required = true, .sensitive = true,
     .label = {"geheim, om over te typen", "secret, to be typed in"}},
    {.name = "uri", .type = FIELD_TEXT, .required = true, .sensitive = true,
     .length_maximum = TOTP_URI_MAX, .label = {"adres voor de app", "address for the app"}},
    {.name = "qr", .type = FIELD_TEXT, .required = true, .sensitive = true,
     .length_maximum = QR_SVG_MAX_BYTES,
     .label = {"hetzelfde als QR-code, in SVG", "the same as a QR code, in SVG"}},
    {.name = "qr_path", .type = FIELD_TEXT, .required = true, .sensitive = true,
     .length_maximum = QR_SVG_MAX_BYTES,
     .label = {"het pad daarvan", "the path of that"}},
    {.name = "qr_size", .type = FIELD_INTEGER, .required = true,
     .label = {"breedte en hoogte daarvan", "width and height of that"}}};
static const struct field confirm_input[] = {
    {.name = "totp", .type = FIELD_TEXT, .required = true, .sensitive = true,
     .length_minimum = 1, .length_maximum = FACTOR_TEXT_MAX,
     .label = {"code van de authenticator-app", "code of the authenticator app"},
     .example = "\"123456\""}};
static const struct field code_item[] = {
    {.name = "code", .type = FIELD_TEXT, .sensitive = true, .label = {"code", "code"}}};
static const struct field codes_output[] = {
    {.name = "recovery_codes", .type = FIELD_LIST, .required = true, .fields = code_item,
     .field_count = 1, .sensitive = true, .label = {"herstelcodes", "recovery codes"},
     .help = {"Elk is één keer te gebruiken; ze worden nu getoond en nooit meer.",
              "Each is good once; they are shown now and never again."}}};

/* ---- what is to be scanned ------------------------------------------------------------------ */
/* Rows of dark modules as rectangles: "M4 4h7v1h-7z…". */
static void path_write(const QRcode *code, struct buffer *path) {
    for (int y = 0; y < code->width; y++)
        for (int x = 0; x < code->width; x++) {
            const unsigned char *row = code->data + (size_t)y * (size_t)code->width;
            int length = 0;
            while (x + length < code->width && row[x + length] & 1) length++;
            if (length)
                buffer_format(path, "M%d %dh%dv1h-%dz", x + QR_BORDER, y + QR_BORDER, length,
                              length);
            x += length;
        }
}

static int qr_set(struct call *call, struct record *record, const char *uri) {
    QRcode *code = QRcode_encodeString8bit(uri, 0, QR_ECLEVEL_M);
    struct buffer path, svg;
    if (!code) return error_set(&call->error, ERROR_NO_MEMORY, "no memory for a QR code");
    int size = code->width + 2 * QR_BORDER;
    buffer_init(&path, QR_SVG_MAX_BYTES);
    buffer_init(&svg, QR_SVG_MAX_BYTES);
    path_write(code, &path);
    if (!path.failed)
        buffer_format(&svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\">"
                            "<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"%s\"/></svg>",
                      size, size, size, size, path.data);
    bool failed = path.failed || svg.failed;
    if (!failed) {
        record_copy_text(record, "qr", svg.data, svg.length);
        record_copy_text(record, "qr_path", path.data, path.length);
        record_set_integer(record, "qr_size", size);
    }
    QRcode_free(code);
    if (path.data) explicit_bzero(path.data, path.length);
    if (svg.data) explicit_bzero(svg.data, svg.length);
    buffer_done(&path);
    buffer_done(&svg);
    return failed ? error_set(&call->error, ERROR_NO_MEMORY, "no memory for a QR code") : 0;
}

struct offering {
    const char *user_id;
    char sealed[USER_SEALED_MAX];
};

static int offer_body(struct db_tx *tx, void *context, struct error *error) {
    const struct offering *offering = context;
    return factor_offer(tx, offering->user_id, offering->sealed, error);
}

static int offer_tell(struct call *call, const struct user *user,
                      const uint8_t secret[TOTP_SECRET_BYTES]) {
    char text[TOTP_SECRET_TEXT_MAX], uri[TOTP_URI_MAX];
    struct record record;
    totp_secret_write(secret, text);
    totp_uri(secret, "Koppel", user->email, uri);
    record_init(&record, call->scratch);
    record_copy_text(&record, "secret", text, strlen(text));
    record_copy_text(&record, "uri", uri, strlen(uri));
    int status = qr_set(call, &record, uri);
    explicit_bzero(text, sizeof text);
    explicit_bzero(uri, sizeof uri);
    if (!status && record.failed) status = person_no_scratch(call);
    call->output = record_value(&record);
    return status;
}

static int offer_factor(struct call *call) {
    uint8_t secret[TOTP_SECRET_BYTES];
    struct user *user = scratch_take(call->scratch, sizeof *user);
    struct offering offering = {.user_id = call->caller.user_id};
    if (!user) return person_no_scratch(call);
    int status = person_self(call, user);
    if (!status && user->totp_on) status = person_check_proved(call);
    if (status) return status;
    totp_secret_make(secret);
    status = factor_seal(call->service->people, user->id, secret, &call->error, offering.sealed);
    if (!status) status = offer_tell(call, user, secret);
    if (!status) status = call_write(call, user->id, offer_body, &offering);
    explicit_bzero(secret, sizeof secret);
    return status;
}

/* ---- confirming ----------------------------------------------------------------------------- */
struct confirming {
    const struct user *user;
    int64_t step, now_us;
    struct recovery_codes codes;
    struct session session;
    struct mail_message mail;
    bool again; /* there was one before, whose owner is told */
};

static int confirm_body(struct db_tx *tx, void *context, struct error *error) {
    const struct confirming *confirming = context;
    const char *id = confirming->user->id;
    int status = factor_confirm(tx, id, confirming->user->totp_next_sealed, confirming->step,
                                error);
    if (!status)
        status = recovery_codes_replace(tx, id, &confirming->codes, confirming->now_us, error);
    if (!status) status = session_end(tx, id, NULL, NULL, error, NULL);
    if (!status) status = session_insert(tx, &confirming->session, error);
    return status || !confirming->again ? status : mail_enqueue(tx, &confirming->mail, error);
}

static int codes_tell(struct call *call, const struct recovery_codes *codes) {
    struct record record;
    struct list list;
    list_init(&list, call->scratch);
    for (int i = 0; i < RECOVERY_CODES; i++) {
        size_t length = strlen(codes->texts[i]);
        char *text = scratch_take(call->scratch, length);
        if (!text) return person_no_scratch(call);
        memcpy(text, codes->texts[i], length);
        list_add(&list, value_text(text, length));
    }
    record_init(&record, call->scratch);
    record_set(&record, "recovery_codes", list_value(&list));
    if (list.failed || record.failed) return person_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

static int confirm_write(struct call *call, struct confirming *confirming) {
    const struct user *user = confirming->user;
    struct people *people = call->service->people;
    struct user later = *user; /* as it will be */
    struct mail_text text;
    later.epoch++;
    confirming->again = user->totp_on;
    confirming->now_us = call->now_us;
    recovery_codes_make(people, user->id, &confirming->codes);
    session_make(people, &later, false, person_address(call), call->agent, call->now_us,
                 &confirming->session);
    mail_text_changed(user->language, user->name, "second_factor", &text);
    int status = person_mail(call, user, "second_factor_changed", &text, &confirming->mail);
    if (!status) status = codes_tell(call, &confirming->codes);
    if (!status) status = call_write(call, user->id, confirm_body, confirming);
    sessions_forget(people);
    if (!status) person_give_session(call, &confirming->session);
    mail_message_done(&confirming->mail);
    mail_text_done(&text);
    if (status != ERROR_DENIED) return status;
    error_clear(&call->error);
    return error_set(&call->error, ERROR_CONFLICT, "the second factor was changed meanwhile");
}

static int refuse_code(struct call *call) {
    field_fault_add(&call->faults, "/totp", "wrong_code", "%s",
                    call->language == LANGUAGE_EN
                        ? "This is not the code that the app shows now: wait for the next one, and "
                          "see that the clock of your telephone is right."
                        : "Dit is niet de code die de app nu toont: wacht op de volgende, en kijk "
                          "of de klok van uw telefoon goed staat.");
    return ERROR_INVALID;
}

static int confirm_factor(struct call *call) {
    uint8_t secret[TOTP_SECRET_BYTES];
    struct user *user = scratch_take(call->scratch, sizeof *user);
    struct confirming *confirming = scratch_take(call->scratch, sizeof *confirming);
    const char *totp = record_get_text(&call->input, "totp", call->scratch);
    if (!user || !confirming || !totp) return person_no_scratch(call);
    *confirming = (struct confirming){.user = user};
    int status = person_self(call, user);
    if (!status && user->totp_on) status = person_check_proved(call);
    if (status) return status;
    if (!*user->totp_next_sealed)
        return call_refuse(call, 409, "nothing_to_confirm",
                           "Er is nog niets in te stellen: begin opnieuw bij het scannen.",
                           "There is nothing to confirm yet: begin again by scanning.");
    status = factor_unseal(call->service->people, user->id, user->totp_next_sealed, &call->error,
                           secret);
    if (status) return status;
    bool right = false;
    status = totp_match(secret, totp, call->now_us, -1, &call->error, &right, &confirming->step);
    explicit_bzero(secret, sizeof secret);
    if (!status) status = right ? confirm_write(call, confirming) : refuse_code(call);
    explicit_bzero(confirming, sizeof *confirming);
    return status;
}

/* ---- recovery codes ------------------------------------------------------------------------- */
static int renew_body(struct db_tx *tx, void *context, struct error *error) {
    const struct confirming *renewing = context;
    return recovery_codes_replace(tx, renewing->user->id, &renewing->codes, renewing->now_us,
                                  error);
}

static int renew_codes(struct call *call) {
    struct user *user = scratch_take(call->scratch, sizeof *user);
    struct confirming *renewing = scratch_take(call->scratch, sizeof *renewing);
    if (!user || !renewing) return person_no_scratch(call);
    int status = person_check_proved(call);
    if (!status) status = person_self(call, user);
    if (status) return status;
    *renewing = (struct confirming){.user = user, .now_us = call->now_us};
    recovery_codes_make(call->service->people, user->id, &renewing->codes);
    status = codes_tell(call, &renewing->codes);
    if (!status) status = call_write(call, user->id, renew_body, renewing);
    explicit_bzero(renewing, sizeof *renewing);
    return status;
}

/* ---- the table ------------------------------------------------------------------------------ */
static const char *const offer_refusals[] = {"login_again", NULL};
static const char *const confirm_refusals[] = {"login_again", "nothing_to_confirm", NULL};

static const struct operation operations[] = {
    {.name = "OfferSecondFactor", .method = "POST", .path = "/session/second-factor",
     .summary = {"Begin met het instellen van de tweede stap", "Begin to set up the second "
                                                               "factor"},
     .callers = CALLER_USER, .roles = ROLES_ALL, .setup = true, .output = offer_output,
     .output_count = sizeof offer_output / sizeof *offer_output, .status = 200, .audited = true,
     .rate = RATE_READ, .refusals = offer_refusals, .run = offer_factor},
    {.name = "ConfirmSecondFactor", .method = "POST",
     .path = "/session/second-factor/confirmation",
     .summary = {"Bevestig de tweede stap met een code", "Confirm the second factor by a code"},
     .callers = CALLER_USER, .roles = ROLES_ALL, .setup = true, .input = confirm_input,
     .input_count = 1, .output = codes_output, .output_count = 1, .status = 200, .audited = true,
     .rate = RATE_READ, .refusals = confirm_refusals, .run = confirm_factor},
    {.name = "RenewRecoveryCodes", .method = "POST", .path = "/session/recovery-codes",
     .summary = {"Maak nieuwe herstelcodes", "Make new recovery codes"}, .callers = CALLER_USER,
     .roles = ROLES_ALL, .output = codes_output, .output_count = 1, .status = 200,
     .audited = true, .rate = RATE_READ, .refusals = offer_refusals, .run = renew_codes}};

extern const struct operation_group api_second_factor;
const struct operation_group api_second_factor = {
    .name = "session", .operations = operations, .count = sizeof operations / sizeof *operations};
