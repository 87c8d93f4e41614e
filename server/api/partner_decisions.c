/* The organisation's answer to who asks to become a partner. An approval makes the partner, with
 * the applicant among its people, and invites them as its first administrator; a refusal is told
 * by mail, with its reason. All of it happens in one transaction. */
#include <stdio.h>
#include <string.h>

#include "auth/token.h"
#include "partner_application_common.h"
#include "person_common.h"

static const struct field approve_input[] = {
    PARTNER_APPLICATION_ID_FIELD,
    {.name = "parent_id", .type = FIELD_TEXT, .length_minimum = 1, .length_maximum = ID_MAX,
     .label = {"hoort bij", "belongs to"}},
    {.name = "grade", .type = FIELD_CHOICE, .choices = partner_grades,
     .choice_count = PARTNER_GRADES, .label = {"waardering", "grade"}},
    {.name = "invite", .type = FIELD_BOOLEAN,
     .label = {"nodig de aanvrager uit als beheerder", "invite the applicant as administrator"},
     .help = {"Anders ja.", "Else yes."}}};
static const struct field refuse_input[] = {
    PARTNER_APPLICATION_ID_FIELD,
    {.name = "reason", .type = FIELD_CHOICE, .required = true, .choices = partner_refusal_reasons,
     .choice_count = PARTNER_REFUSAL_REASONS, .label = {"reden", "reason"}},
    {.name = "note", .type = FIELD_TEXT, .length_minimum = 1,
     .length_maximum = PARTNER_APPLICATION_MESSAGE_MAX,
     .label = {"toelichting voor de aanvrager", "words for the applicant"}}};


/* What a decision writes. Where `at` stands when it fails says what was in the way. */
struct deciding {
    struct partner_application application;
    struct partner partner;       /* of an approval */
    struct partner_person person;
    char person_id[ID_MAX];
    bool approves, invites, mails;
    struct user *user;
    struct user_token token;
    struct mail_message mail;
    struct partner_by by;
    enum { AT_APPLICATION, AT_PARTNER, AT_USER } at;
};

/* ---- writing --------------------------------------------------------------------------------- */
static int partner_write(struct db_tx *tx, struct deciding *deciding, struct error *error) {
    const struct partner *partner = &deciding->partner;
    const struct partner_event event = {.partner_id = partner->id,
                                        .kind = "application_approved",
                                        .subject_id = deciding->application.id,
                                        .by = deciding->by};
    deciding->at = AT_PARTNER;
    int status = 0;
    if (partner->parent_id) status = partner_present(tx, partner->parent_id, error);
    if (!status) status = partner_create(tx, partner->id, partner, deciding->by.at_us, error);
    if (!status) status = partner_event_insert(tx, &event, error);
    return status;
}

static int user_write(struct db_tx *tx, struct deciding *deciding, struct error *error) {
    const struct partner_event event = {.partner_id = deciding->partner.id,
                                        .kind = "user_invited",
                                        .subject_id = deciding->user->id,
                                        .by = deciding->by};
    deciding->at = AT_USER;
    int status = user_insert(tx, deciding->user, error);
    if (!status) status = user_token_insert(tx, &deciding->token, deciding->user->id, error);
    if (!status) status = partner_event_insert(tx, &event, error);
    return status;
}

static int decide_body(struct db_tx *tx, void *context, struct error *error) {
    struct deciding *deciding = context;
    int status = 0;
    if (deciding->approves) status = partner_write(tx, deciding, error);
    if (!status && deciding->invites) status = user_write(tx, deciding, error);
    if (!status && deciding->approves)
        status = partner_person_add(tx, &deciding->person, deciding->by.at_us, error);
    if (!status && deciding->mails) status = mail_enqueue(tx, &deciding->mail, error);
    if (status) return status;
    deciding->at = AT_APPLICATION;
    return partner_application_decide(tx, &deciding->application, error);
}

static int decision_refuse(struct call *call, const struct deciding *deciding, int status) {
    if (status == ERROR_CONFLICT && deciding->at == AT_APPLICATION) {
        error_clear(&call->error);
        return call_refuse_revision(call);
    }
    if (status == ERROR_CONFLICT && deciding->at == AT_USER) {
        error_clear(&call->error);
        return call_refuse(call, 409, "email_taken",
                           "Met dit e-mailadres logt al iemand in: keur goed zonder uitnodiging, "
                           "en nodig daarna iemand anders uit.",
                           "Somebody logs in with this email address already: approve without an "
                           "invitation, and invite somebody else afterwards.");
    }
    if ((status == ERROR_NOT_FOUND || status == ERROR_TOO_LARGE) && deciding->at == AT_PARTNER) {
        error_clear(&call->error);
        partner_fault(call, "/parent_id", "unknown_partner",
                      "Bij deze partner kan dit kantoor niet horen: kies een andere.",
                      "This office cannot belong to that partner: choose another.");
        return ERROR_INVALID;
    }
    return status;
}

static int decision_write(struct call *call, struct deciding *deciding) {
    int status = partner_application_answer(call, &deciding->application);
    if (!status) status = call_write(call, deciding->application.id, decide_body, deciding);
    return decision_refuse(call, deciding, status);
}

/* ---- both ------------------------------------------------------------------------------------ */
/* The application as it was seen, and still open. */
static int decision_begin(struct call *call, struct deciding **ret_deciding) {
    struct deciding *deciding = scratch_take(call->scratch, sizeof *deciding);
    if (!deciding) return partner_no_scratch(call);
    memset(deciding, 0, sizeof *deciding);
    struct partner_application *application = &deciding->application;
    int status = partner_application_of_input(call, application);
    if (!status) status = call_check_revision(call, application->revision);
    if (!status && strcmp(application->status, "open") != 0)
        status = call_refuse(call, 409, "wrong_state", "Hierover is al beslist.",
                             "This was decided on already.");
    if (status) return status;
    deciding->by = partner_by_of(call);
    application->revision++;
    application->decided_us = call->now_us;
    application->decided_by =
        deciding->by.user_id ? deciding->by.user_id : deciding->by.key_id;
    *ret_deciding = deciding;
    return 0;
}

static enum language language_of(const struct partner_application *application) {
    return strcmp(application->language, "en") == 0 ? LANGUAGE_EN : LANGUAGE_NL;
}

/* ---- approval -------------------------------------------------------------------------------- */
static void partner_prepare(const struct partner_application *application,
                            struct deciding *deciding, const char *id) {
    deciding->partner = (struct partner){
        .id = id,
        .kind = "office",
        .name = application->name,
        .legal_form = application->legal_form,
        .trade_register_number = application->trade_register_number,
        .licence_number = application->licence_number,
        .street = application->street,
        .postcode = application->postcode,
        .city = application->city,
        .website = application->website,
        .email = application->email,
        .telephone = application->telephone,
        .employees = application->employees,
        .stage = "approved"};
    id_make("ppn", deciding->person_id);
    deciding->person = (struct partner_person){.id = deciding->person_id,
                                               .partner_id = id,
                                               .name = application->contact_name,
                                               .role = "contact",
                                               .email = application->email,
                                               .telephone = application->telephone};
}

/* Who applied becomes a user who may begin, and is told so. */
static int invitation_prepare(struct call *call, struct deciding *deciding) {
    const struct partner_application *application = &deciding->application;
    struct user *user = scratch_take(call->scratch, sizeof *user);
    struct mail_text text;
    char link[LINK_MAX];
    if (!user) return partner_no_scratch(call);
    memset(user, 0, sizeof *user);
    id_make("usr", user->id);
    snprintf(user->partner_id, sizeof user->partner_id, "%s", deciding->partner.id);
    snprintf(user->name, sizeof user->name, "%s", application->contact_name);
    snprintf(user->email, sizeof user->email, "%s", application->email);
    snprintf(user->partner_name, sizeof user->partner_name, "%s", application->name);
    user->role = ROLE_PARTNER_ADMINISTRATOR;
    user->status = USER_INVITED;
    user->language = language_of(application);
    user->revision = 1;
    user->created_us = user->changed_us = call->now_us;
    deciding->user = user;
    deciding->person.user_id = user->id;
    deciding->invites = deciding->mails = true;
    user_token_make(call->service->people, TOKEN_INVITATION, call->now_us, &deciding->token);
    person_link(call, "invitation", deciding->token.token, link);
    mail_text_invitation(user->language, user->name, user->partner_name, link, INVITATION_DAYS,
                         &text);
    int status = person_mail(call, user, "invitation", &text, &deciding->mail);
    mail_text_done(&text);
    explicit_bzero(link, sizeof link);
    return status;
}

static int approve_application(struct call *call) {
    struct deciding *deciding = NULL;
    char *id = scratch_take(call->scratch, ID_MAX);
    if (!id) return partner_no_scratch(call);
    id_make("ptr", id);
    int status = decision_begin(call, &deciding);
    if (status) return status;
    deciding->approves = true;
    partner_prepare(&deciding->application, deciding, id);
    if (!partner_text(call, "parent_id", &deciding->partner.parent_id) ||
        !partner_text(call, "grade", &deciding->partner.grade))
        return call->error.code;
    deciding->application.status = "approved";
    deciding->application.partner_id = id;
    if (record_get_boolean(&call->input, "invite", true))
        status = invitation_prepare(call, deciding);
    if (!status) status = decision_write(call, deciding);
    mail_message_done(&deciding->mail);
    explicit_bzero(&deciding->token, sizeof deciding->token);
    return status;
}

/* ---- refusal --------------------------------------------------------------------------------- */
static const char *reason_label(const char *reason, enum language language) {
    for (int i = 0; i < PARTNER_REFUSAL_REASONS; i++)
        if (strcmp(partner_refusal_reasons[i].code, reason) == 0)
            return text_in(&partner_refusal_reasons[i].label, language);
    return reason;
}

static int refusal_prepare(struct call *call, struct deciding *deciding) {
    const struct partner_application *application = &deciding->application;
    enum language language = language_of(application);
    bool english = language == LANGUAGE_EN;
    char why[MAIL_TEXT_LINE_MAX];
    struct mail_text text;
    snprintf(why, sizeof why, english ? "Reason: %.200s." : "Reden: %.200s.",
             reason_label(application->reason, language));
    const struct mail_text_parts parts = {
        .language = language,
        .subject = english ? "Your application to become a partner"
                           : "Uw aanmelding als partner",
        .name = application->contact_name,
        .paragraphs = {english ? "Thank you for your application. We have decided not to go on "
                                 "with it."
                               : "Dank u voor uw aanmelding. Wij hebben besloten daar niet mee "
                                 "verder te gaan.",
                       why, application->note}};
    mail_text_make(&parts, &text);
    int status = text.text.failed || text.html.failed
                     ? error_set(&call->error, ERROR_NO_MEMORY, "no memory for mail")
                     : 0;
    const struct mail mail = {.kind = "partner_refused",
                              .subject_id = application->id,
                              .language = language,
                              .to = application->email,
                              .to_name = application->contact_name,
                              .subject = text.subject,
                              .text = text.text.data,
                              .html = text.html.data};
    if (!status)
        status = mail_make(call->service->encryption, &mail, call->now_us, &call->error,
                           &deciding->mail);
    mail_text_done(&text);
    deciding->mails = !status;
    return status;
}

static int refuse_application(struct call *call) {
    struct deciding *deciding = NULL;
    int status = decision_begin(call, &deciding);
    if (status) return status;
    struct partner_application *application = &deciding->application;
    application->status = "refused";
    if (!partner_text(call, "reason", &application->reason) ||
        !partner_text(call, "note", &application->note))
        return call->error.code;
    status = refusal_prepare(call, deciding);
    if (!status) status = decision_write(call, deciding);
    mail_message_done(&deciding->mail);
    return status;
}

/* ---- the table ------------------------------------------------------------------------------- */
static const char *const refusals[] = {"wrong_state", "email_taken", "precondition_required",
                                       "precondition_failed", NULL};
#define DECISION(name_, path_, nl_, en_, input_, run_)                                            \
    {.name = name_, .method = "POST", .path = path_, .summary = {nl_, en_},                       \
     .callers = CALLER_ORGANISATION | CALLER_USER, .roles = ROLES_PARTNERS_WRITING,               \
     .input = input_, .input_count = sizeof input_ / sizeof *input_,                              \
     .output = partner_application_fields, .output_count = PARTNER_APPLICATION_FIELDS,            \
     .status = 200, .idempotent_key = true, .audited = true, .revised = true, .if_match = true,   \
     .rate = RATE_READ, .refusals = refusals, .run = run_}

static const struct operation operations[] = {
    DECISION("ApprovePartnerApplication", "/partner-applications/{id}/approval",
             "Keur een aanmelding goed: er is dan een partner",
             "Approve an application: then there is a partner", approve_input,
             approve_application),
    DECISION("RefusePartnerApplication", "/partner-applications/{id}/refusal",
             "Wijs een aanmelding af, met een reden", "Refuse an application, with a reason",
             refuse_input, refuse_application)};

extern const struct operation_group api_partner_decisions;
const struct operation_group api_partner_decisions = {
    .name = "partners", .operations = operations, .count = sizeof operations / sizeof *operations};
