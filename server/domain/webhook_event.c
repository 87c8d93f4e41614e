/* Which events there are, which step makes which, when a try follows another, and how an event
 * becomes a message for each endpoint that asked for it. */
#include <string.h>

#include "domain/webhook.h"

const struct field_choice webhook_types[WEBHOOK_TYPES] = {
    {WEBHOOK_TYPE_ACCEPTED, {"een offerte is geaccepteerd", "a quote was accepted"}},
    {"application.received", {"een aanvraag is ontvangen", "an application was received"}},
    {"application.in_review",
     {"een aanvraag wacht op een acceptant", "an application waits for an underwriter"}},
    {"application.approved", {"een aanvraag is goedgekeurd", "an application was approved"}},
    {"application.rejected", {"een aanvraag is afgewezen", "an application was rejected"}},
    {"application.issued", {"een aanvraag werd een polis", "an application became a policy"}},
    {"application.withdrawn", {"een aanvraag is ingetrokken", "an application was withdrawn"}},
    {"application.expired", {"een aanvraag is verlopen", "an application expired"}},
    {"policy.issued", {"een polis is afgegeven", "a policy was issued"}},
    {"policy.changed", {"de voorwaarden van een polis zijn gewijzigd", "a policy's terms changed"}},
    {"policy.change_in_review",
     {"een wijziging wacht op een acceptant", "a change waits for an underwriter"}},
    {"policy.change_rejected", {"een wijziging is afgewezen", "a change was rejected"}},
    {"policy.change_withdrawn", {"een wijziging is ingetrokken", "a change was withdrawn"}},
    {"policy.change_expired", {"een wijziging is verlopen", "a change expired"}},
    {"policy.change_overtaken",
     {"een wijziging is achterhaald door andere voorwaarden of het einde van de polis",
      "a change was overtaken by other terms or the end of its policy"}},
    {"policy.renewal_announced",
     {"de verlenging van een polis is aangekondigd", "a policy's renewal was announced"}},
    {"policy.renewal_approved",
     {"een verlenging is goedgekeurd door een acceptant",
      "a renewal was approved by an underwriter"}},
    {"policy.renewal_rejected",
     {"een polis wordt niet verlengd", "a policy is not going to be renewed"}},
    {"policy.renewal_stopped", {"een verlenging is tegengehouden", "a renewal was stopped"}},
    {"policy.renewal_expired",
     {"over een verlenging is niet op tijd beslist", "a renewal was not decided on in time"}},
    {"policy.renewed", {"een polis is verlengd", "a policy was renewed"}},
    {"policy.withdrawn", {"een polis is herroepen", "a policy was withdrawn from"}},
    {"policy.cancelled", {"een polis is opgezegd", "a policy was cancelled"}},
    {"lead.created", {"een eigen lead kwam binnen", "a lead of your own came in"}},
    {"lead.offered", {"een lead is u aangeboden", "a lead was offered to you"}},
    {"lead.reoffered",
     {"een lead gaat naar een ander: u antwoordde niet op tijd",
      "a lead goes to another: you did not answer in time"}},
    {"lead.taken_back", {"een lead is teruggehaald", "a lead was taken back"}},
    {"lead.accepted", {"een lead is aangenomen", "a lead was accepted"}},
    {"lead.declined", {"een lead is afgewezen", "a lead was declined"}},
    {"lead.assigned", {"een lead is aan iemand toegewezen", "a lead was assigned to somebody"}},
    {"lead.contacted", {"iemand van een lead is gesproken", "a lead's person was reached"}},
    {"lead.quoted", {"bij een lead hoort een offerte", "a lead got a quote"}},
    {"lead.won", {"een lead is gewonnen", "a lead was won"}},
    {"lead.lost", {"een lead is verloren", "a lead was lost"}},
    {WEBHOOK_TYPE_FAILING,
     {"een ander adres van u faalt al lang", "another endpoint of yours fails for long"}},
    {WEBHOOK_TYPE_DISABLED,
     {"een ander adres van u is uitgezet", "another endpoint of yours was disabled"}},
    {WEBHOOK_TYPE_TEST, {"een proefbericht, dat u zelf vroeg", "a test that you asked for"}}};

static const struct {
    const char *subject; /* how ids of what it happens to begin */
    enum transaction_step step;
    const char *type;
    const char *to; /* NULL: wherever it leads */
} made[] = {{"app_", TRANSACTION_ACCEPT, "application.received", NULL},
            {"app_", TRANSACTION_REVIEW, "application.in_review", NULL},
            {"app_", TRANSACTION_APPROVE, "application.approved", NULL},
            {"app_", TRANSACTION_REJECT, "application.rejected", NULL},
            {"app_", TRANSACTION_ISSUE, "application.issued", NULL},
            {"app_", TRANSACTION_WITHDRAW, "application.withdrawn", NULL},
            {"app_", TRANSACTION_EXPIRE, "application.expired", NULL},
            {"pol_", TRANSACTION_ISSUE, "policy.issued", NULL},
            {"pol_", TRANSACTION_CHANGE, "policy.changed", NULL},
            {"pol_", TRANSACTION_PREPARE, "policy.renewal_announced", NULL},
            {"pol_", TRANSACTION_RENEW, "policy.renewed", NULL},
            {"pol_", TRANSACTION_WITHDRAW, "policy.withdrawn", NULL},
            {"pol_", TRANSACTION_CANCEL, "policy.cancelled", NULL},
            {"chg_", TRANSACTION_CONFIRM, "policy.change_in_review", "in_review"},
            {"chg_", TRANSACTION_REJECT, "policy.change_rejected", NULL},
            {"chg_", TRANSACTION_WITHDRAW, "policy.change_withdrawn", NULL},
            {"chg_", TRANSACTION_EXPIRE, "policy.change_expired", NULL},
            {"chg_", TRANSACTION_OVERTAKE, "policy.change_overtaken", NULL},
            {"rnw_", TRANSACTION_APPROVE, "policy.renewal_approved", NULL},
            {"rnw_", TRANSACTION_REJECT, "policy.renewal_rejected", NULL},
            {"rnw_", TRANSACTION_STOP, "policy.renewal_stopped", NULL},
            {"rnw_", TRANSACTION_EXPIRE, "policy.renewal_expired", NULL}};

static const struct {
    enum lead_step step;
    const char *type;
} made_of_leads[] = {{LEAD_CREATE, "lead.created"},       {LEAD_OFFER, "lead.offered"},
                     {LEAD_LAPSE, "lead.reoffered"},      {LEAD_TAKE_BACK, "lead.taken_back"},
                     {LEAD_ACCEPT, "lead.accepted"},      {LEAD_DECLINE, "lead.declined"},
                     {LEAD_ASSIGN, "lead.assigned"},      {LEAD_CONTACT, "lead.contacted"},
                     {LEAD_QUOTE, "lead.quoted"},         {LEAD_WIN, "lead.won"},
                     {LEAD_LOSE, "lead.lost"}};

static bool is_of(const char *subject_id, const char *prefix) {
    return strncmp(subject_id, prefix, strlen(prefix)) == 0;
}

const char *webhook_type_of(const char *subject_id, enum transaction_step step, const char *to) {
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        if (made[i].step == step && is_of(subject_id, made[i].subject) &&
            (!made[i].to || strcmp(made[i].to, to) == 0))
            return made[i].type;
    return NULL;
}

const char *webhook_lead_type_of(enum lead_step step) {
    for (size_t i = 0; i < sizeof made_of_leads / sizeof *made_of_leads; i++)
        if (made_of_leads[i].step == step) return made_of_leads[i].type;
    return NULL;
}

/* ---- the schedule --------------------------------------------------------------------------- */
enum { SECOND_MS = 1000, MINUTE_MS = 60 * SECOND_MS, HOUR_MS = 60 * MINUTE_MS };

static int64_t spread(int64_t wait_ms, uint32_t random) {
    return wait_ms + wait_ms * WEBHOOK_JITTER_PERCENT / 100 * (random & 0xffff) / 0xffff;
}

int64_t webhook_wait_ms(int tries_made, uint32_t random) {
    static const int waits_ms[WEBHOOK_TRIES_MAX] = {
        0,           5 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS,
        5 * HOUR_MS, 10 * HOUR_MS,  14 * HOUR_MS,  20 * HOUR_MS,   24 * HOUR_MS};
    if (tries_made >= WEBHOOK_TRIES_MAX) return -1;
    return spread(waits_ms[tries_made], random);
}

int64_t webhook_wait_asked_ms(int tries_made, int64_t asked_ms, uint32_t random) {
    const int64_t most_ms = (int64_t)WEBHOOK_ASKED_WAIT_HOURS_MAX * HOUR_MS;
    int64_t wait_ms = webhook_wait_ms(tries_made, random);
    if (wait_ms < 0 || asked_ms <= 0) return wait_ms;
    int64_t given_ms = asked_ms < most_ms ? spread(asked_ms, random) : most_ms;
    if (given_ms > most_ms) given_ms = most_ms;
    return given_ms > wait_ms ? given_ms : wait_ms;
}

int webhook_warning_due(int64_t failing_us) {
    static const int days[WEBHOOK_WARNINGS] = {1, 3};
    int due = 0;
    while (due < WEBHOOK_WARNINGS && failing_us >= days[due] * INT64_C(86400000000)) due++;
    return due;
}

/* ---- messages of events --------------------------------------------------------------------- */
/* What asks for "application.in_review" holds ",application.in_review,"; the underscore, which
 * stands for any one character, meets no other name. */
static void asked_pattern(const char *type, char ret_pattern[WEBHOOK_TYPE_MAX + 5]) {
    size_t length = strlen(type);
    memcpy(ret_pattern, "%,", 2);
    memcpy(ret_pattern + 2, type, length);
    memcpy(ret_pattern + 2 + length, ",%", 3);
}

#define MESSAGE_COLUMNS                                                                           \
    "insert into webhook_message (endpoint_id, id, partner_id, test, type, subject_id,"           \
    " subject_revision, happened_us, state, next_us, fence, tries, round)"
#define MESSAGE_INSERT                                                                            \
    MESSAGE_COLUMNS                                                                               \
    " select w.id, $1, w.partner_id, w.test, $2, $3, $4, $5, 'pending', $5, 0, 0, 0"              \
    " from webhook_endpoint w where w.partner_id = $6 and w.enabled = 1"                          \
    " and (w.events = '*' or w.events like $7) and $scope(w)"
#define OF_APPLICATION                                                                            \
    " and w.test = (select a.test from application a where a.id = $3 and $scope(a))"

static int message_insert(struct db_tx *tx, const char *type, const char *subject_id,
                          const char *partner_id, int64_t revision, int64_t at_us,
                          struct error *error) {
    char id[ID_MAX], pattern[WEBHOOK_TYPE_MAX + 5];
    id_make("msg", id);
    asked_pattern(type, pattern);
    if (is_of(subject_id, "pol_"))
        return db_run(tx, error, NULL,
                      MESSAGE_INSERT
                      " and w.test = (select p.test from policy p where p.id = $3 and $scope(p))",
                      db_text(id), db_text(type), db_text(subject_id), db_integer(revision),
                      db_integer(at_us), db_text(partner_id), db_text(pattern));
    if (is_of(subject_id, "app_"))
        return db_run(tx, error, NULL, MESSAGE_INSERT OF_APPLICATION, db_text(id), db_text(type),
                      db_text(subject_id), db_integer(revision), db_integer(at_us),
                      db_text(partner_id), db_text(pattern));
    return db_run(tx, error, NULL,
                  MESSAGE_INSERT
                  " and w.test = (select c.test from policy_change c"
                  " where c.id = $3 and $scope(c))",
                  db_text(id), db_text(type), db_text(subject_id), db_integer(revision),
                  db_integer(at_us), db_text(partner_id), db_text(pattern));
}

/* One of those that are told together; an id of "" is a place that is left over. */
struct together {
    char id[ID_MAX], pattern[WEBHOOK_TYPE_MAX + 5];
    const char *type, *subject_id;
    int64_t revision;
};

static void together_add(struct together list[WEBHOOK_TOGETHER_MAX], int *count, const char *type,
                         const struct webhook_event *event) {
    if (!type || *count == WEBHOOK_TOGETHER_MAX) return;
    struct together *one = &list[(*count)++];
    id_make("msg", one->id);
    asked_pattern(type, one->pattern);
    one->type = type;
    one->subject_id = event->subject_id;
    one->revision = event->revision;
}

#define TOGETHER(id, type, subject, revision, asked)                                              \
    "select $" #id " as id, $" #type " as type, $" #subject " as subject_id, $" #revision         \
    " as revision, $" #asked " as asked"
#define TOGETHER_VALUES(one)                                                                      \
    db_text((one).id), db_text((one).type), db_text((one).subject_id),                            \
        db_integer((one).revision), db_text((one).pattern)

int webhook_events_insert(struct db_tx *tx, const struct webhook_event *events, int count,
                          const char *partner_id, bool test, int64_t at_us, struct error *error) {
    struct together list[WEBHOOK_TOGETHER_MAX];
    int used = 0;
    for (int i = 0; i < WEBHOOK_TOGETHER_MAX; i++)
        list[i] = (struct together){.id = "", .pattern = "", .type = "", .subject_id = ""};
    for (int i = 0; i < count; i++) {
        const struct webhook_event *event = &events[i];
        if (event->step == TRANSACTION_ACCEPT)
            together_add(list, &used, WEBHOOK_TYPE_ACCEPTED, event);
        together_add(list, &used, webhook_type_of(event->subject_id, event->step, event->to_state),
                     event);
    }
    return db_run(tx, error, NULL,
                  MESSAGE_COLUMNS
                  " select w.id, e.id, w.partner_id, w.test, e.type, e.subject_id, e.revision, $1,"
                  " 'pending', $1, 0, 0, 0 from webhook_endpoint w join ("
                  TOGETHER(4, 5, 6, 7, 8) " union all " TOGETHER(9, 10, 11, 12, 13)
                  " union all " TOGETHER(14, 15, 16, 17, 18) " union all "
                  TOGETHER(19, 20, 21, 22, 23) ") e on e.id <> ''"
                  " and (w.events = '*' or w.events like e.asked)"
                  " where w.partner_id = $2 and w.test = $3 and w.enabled = 1 and $scope(w)",
                  db_integer(at_us), db_text(partner_id), db_integer(test),
                  TOGETHER_VALUES(list[0]), TOGETHER_VALUES(list[1]), TOGETHER_VALUES(list[2]),
                  TOGETHER_VALUES(list[3]));
}

int webhook_event_insert(struct db_tx *tx, const char *subject_id, const char *partner_id,
                         int64_t revision, enum transaction_step step, const char *to,
                         int64_t at_us, struct error *error) {
    const char *type = webhook_type_of(subject_id, step, to);
    if (!type) return 0;
    return message_insert(tx, type, subject_id, partner_id, revision, at_us, error);
}

int webhook_lead_insert(struct db_tx *tx, const char *lead_id, const char *partner_id, bool test,
                        int64_t revision, enum lead_step step, int64_t at_us,
                        struct error *error) {
    const char *type = webhook_lead_type_of(step);
    char id[ID_MAX], pattern[WEBHOOK_TYPE_MAX + 5];
    if (!type) return 0;
    id_make("msg", id);
    asked_pattern(type, pattern);
    return db_run(tx, error, NULL, MESSAGE_INSERT " and w.test = $8", db_text(id), db_text(type),
                  db_text(lead_id), db_integer(revision), db_integer(at_us), db_text(partner_id),
                  db_text(pattern), db_integer(test));
}

int webhook_notice_insert(struct db_tx *tx, const struct webhook *about, const char *type,
                          int64_t now_us, struct error *error) {
    char id[ID_MAX], pattern[WEBHOOK_TYPE_MAX + 5];
    id_make("msg", id);
    asked_pattern(type, pattern);
    return db_run(tx, error, NULL, MESSAGE_INSERT " and w.test = $8 and w.id <> $3", db_text(id),
                  db_text(type), db_text(about->id), db_integer(about->revision),
                  db_integer(now_us), db_text(about->partner_id), db_text(pattern),
                  db_integer(about->test));
}

int webhook_test_insert(struct db_tx *tx, const struct webhook *webhook, const char *message_id,
                        int64_t now_us, struct error *error) {
    int64_t made_now = 0;
    int status = db_run(
        tx, error, &made_now,
        "insert into webhook_message (endpoint_id, id, partner_id, test, type, subject_id,"
        " subject_revision, happened_us, state, next_us, fence, tries, round)"
        " select w.id, $2, w.partner_id, w.test, '" WEBHOOK_TYPE_TEST "', w.id, w.revision, $3,"
        " 'pending', $3, 0, 0, 0 from webhook_endpoint w where w.id = $1 and w.enabled = 1"
        " and $scope(w) and (select count(*) from webhook_message m where m.endpoint_id = w.id"
        " and m.state = 'pending' and m.type = '" WEBHOOK_TYPE_TEST "' and $scope(m)) < $4",
        db_text(webhook->id), db_text(message_id), db_integer(now_us),
        db_integer(WEBHOOK_TESTS_WAITING_MAX));
    if (!status && !made_now)
        return error_set(error, ERROR_TOO_LARGE, "%d tests of %s wait already",
                         WEBHOOK_TESTS_WAITING_MAX, webhook->id);
    return status;
}
