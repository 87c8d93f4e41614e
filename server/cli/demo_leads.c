/* Leads of the demo, in every state, over the past weeks and with their histories. The people are
 * invented, and so are their numbers; their addresses lie under .example, which is nobody's. */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "cli/demo.h"
#include "domain/calendar_day.h"
#include "domain/lead_person.h"
#include "domain/lead_store.h"
#include "domain/working_hours.h"
#include "message/record.h"

enum { LEADS = 60, SCRATCH_BYTES = 8192, OFFER_HOURS = 8 };

static const char *const first_names[] = {"Anouk", "Bram", "Chantal", "Daan", "Emine", "Floris",
                                          "Gerda", "Hamza", "Ilse", "Jeroen", "Karin", "Lars"};
static const char *const last_names[] = {"van Dalen", "Hoekstra", "Yilmaz", "de Bruin", "Postma",
                                         "Kuipers", "El Amrani", "Vermeer", "Smeets", "Dijkstra",
                                         "van Rossum", "Brouwer", "Willems"};
static const struct {
    const char *city, *postcode;
} places[] = {{"Utrecht", "3512 ZX"},   {"Amersfoort", "3811 ZX"}, {"Groningen", "9712 ZX"},
              {"Rotterdam", "3011 ZX"}, {"Deventer", "7411 ZX"},   {"Zwolle", "8011 ZX"},
              {"Breda", "4811 ZX"}};
static const char *const messages[] = {
    "Ik wil graag weten wat mijn auto bij u zou kosten.",
    "Kunt u mij na vijf uur terugbellen?",
    "Wij gaan in het voorjaar drie weken op reis met het gezin.",
    "Mijn huidige verzekering loopt in januari af.",
    "Ik heb een tweede auto gekocht en zoek advies."};
static const char *const next_steps[] = {"Terugbellen", "Offerte maken", "Offerte nabellen"};

struct making {
    struct service *service;
    const struct demo_partner *partners;
    int64_t now_us;
    struct {
        char id[ID_MAX], sealed_key_id[ENCRYPTION_KEY_ID_MAX], next_on[CLOCK_DATE_MAX];
        char email_index[SHA256_HEX_MAX], telephone_index[SHA256_HEX_MAX];
        struct buffer sealed;
        struct lead lead;
    } leads[LEADS];
};

/* ---- who ------------------------------------------------------------------------------------ */
static int person_seal(struct making *making, int at, struct error *error) {
    char memory[SCRATCH_BYTES], name[80], email[80], telephone[24];
    struct scratch scratch;
    struct record record;
    const char *first = first_names[at % 12], *last = last_names[at % 13];
    struct encryption *encryption = making->service->encryption;
    scratch_init(&scratch, memory, sizeof memory);
    record_init(&record, &scratch);
    snprintf(name, sizeof name, "%s %s", first, last);
    snprintf(email, sizeof email, "persoon%d@voorbeeld.example", at);
    snprintf(telephone, sizeof telephone, "+31 6 5550 01%02d", at);
    record_set_text(&record, "name", name);
    if (at % 9 == 4) record_set_text(&record, "company_name", "Timmerbedrijf De Schaaf");
    record_set_text(&record, "email", email);
    record_set_text(&record, "telephone", telephone);
    record_set_text(&record, "postcode", places[at % 7].postcode);
    record_set_text(&record, "city", places[at % 7].city);
    record_set_text(&record, "message", messages[at % 5]);
    struct value person = record_value(&record);
    int status = lead_person_seal(encryption, making->leads[at].id, &person, error,
                                  &making->leads[at].sealed);
    if (status) return status;
    lead_email_index(encryption, email, making->leads[at].email_index);
    (void)lead_telephone_index(encryption, telephone, making->leads[at].telephone_index);
    (void)encryption_key_of(making->leads[at].sealed.data, making->leads[at].sealed_key_id);
    return 0;
}

/* Between four weeks ago and an hour ago. */
static int64_t came_us(const struct making *making, int at) {
    return making->now_us - (LEADS - at) * INT64_C(11) * WORKING_HOUR_US;
}

static int lead_prepare(struct making *making, int at, struct error *error) {
    static const char *const area[] = {"3512", "3811", "9712", "3011", "7411", "8011", "4811"};
    struct lead *lead = &making->leads[at].lead;
    id_make("led", making->leads[at].id);
    buffer_init(&making->leads[at].sealed, 2 * LEAD_SEALED_MAX_BYTES);
    int status = person_seal(making, at, error);
    if (status) return status;
    int digits = 0;
    for (const char *digit = area[at % 7]; *digit; digit++) digits = digits * 10 + (*digit - '0');
    *lead = (struct lead){.id = making->leads[at].id,
                          .kind = at % 9 == 4 ? "company" : "person",
                          .product = at % 5 == 2 ? "reis" : "auto",
                          .language = at % 15 == 7 ? "en" : "nl",
                          .source = lead_sources[LEAD_FROM_ORGANISATION].code,
                          .source_detail = at % 3 ? "Najaarsactie" : NULL,
                          .sealed = making->leads[at].sealed.data,
                          .sealed_key_id = making->leads[at].sealed_key_id,
                          .email_index = making->leads[at].email_index,
                          .telephone_index = making->leads[at].telephone_index,
                          .postcode_area = digits,
                          .consent_text = "Een adviseur mag mij hierover benaderen.",
                          .consent_version = "1",
                          .consent_source = "https://www.voorbeeld.example/contact",
                          .consent_us = came_us(making, at),
                          .created_us = came_us(making, at)};
    return 0;
}

/* ---- what happened -------------------------------------------------------------------------- */
/* The steps to each state, in order; every lead begins as new. */
static const struct {
    enum lead_state state;
    enum lead_step steps[6];
    int count;
} ways[LEAD_STATES] = {
    {LEAD_NEW, {0}, 0},
    {LEAD_OFFERED, {LEAD_OFFER}, 1},
    {LEAD_ACCEPTED, {LEAD_OFFER, LEAD_ACCEPT}, 2},
    {LEAD_CONTACTED, {LEAD_OFFER, LEAD_ACCEPT, LEAD_TRY, LEAD_CONTACT}, 4},
    {LEAD_QUOTED, {LEAD_OFFER, LEAD_ACCEPT, LEAD_CONTACT, LEAD_QUOTE}, 4},
    {LEAD_WON, {LEAD_OFFER, LEAD_ACCEPT, LEAD_CONTACT, LEAD_QUOTE, LEAD_WIN}, 5},
    {LEAD_LOST, {LEAD_OFFER, LEAD_ACCEPT, LEAD_CONTACT, LEAD_LOSE}, 4},
    {LEAD_DECLINED, {LEAD_OFFER, LEAD_DECLINE}, 2},
    {LEAD_EXPIRED, {LEAD_OFFER, LEAD_LAPSE}, 2},
    {LEAD_SPAM, {LEAD_OFFER, LEAD_ACCEPT, LEAD_MARK_SPAM}, 3}};

static enum lead_actor actor_of(enum lead_step step) {
    if (step == LEAD_OFFER || step == LEAD_LAPSE) return LEAD_BY_SYSTEM;
    return LEAD_BY_PARTNER;
}

static void offer_set(struct lead_deed *deed, const char *partner_id) {
    static const char reason[] =
        "{\"by_hand\":true,\"considered\":0,\"rules_revision\":0,\"rules\":[]}";
    lead_offer_prepare(&deed->after, partner_id, reason, OFFER_HOURS, deed->by.at_us);
    deed->by.detail = reason;
}

static void close_set(struct lead_deed *deed, enum lead_outcome outcome, const char *reason) {
    deed->closes = deed->before.state == LEAD_OFFERED;
    deed->outcome = outcome;
    deed->after.reason = deed->by.reason = reason;
}

static void deed_make(struct making *making, int at, const struct lead *lead,
                      enum lead_step step, int64_t at_us, struct lead_deed *ret_deed) {
    struct lead_deed deed = {.before = *lead,
                             .after = *lead,
                             .step = step,
                             .by = {.actor = actor_of(step), .at_us = at_us},
                             .contacted = -1};
    enum lead_state to = lead->state;
    (void)lead_ask(step, lead->state, deed.by.actor, &to);
    lead_settle(&deed.after, to, at_us);
    switch (step) {
    case LEAD_OFFER: offer_set(&deed, making->partners[at % DEMO_PARTNERS].id); break;
    case LEAD_ACCEPT:
        close_set(&deed, LEAD_OFFER_ACCEPTED, NULL);
        deed.after.accepted_us = at_us;
        deed.after.next_step = next_steps[at % 3];
        deed.after.next_on = making->leads[at].next_on;
        break;
    case LEAD_DECLINE:
        close_set(&deed, LEAD_OFFER_DECLINED, lead_decline_reasons[at % 3].code);
        deed.contacted = at % 2;
        break;
    case LEAD_LAPSE: close_set(&deed, LEAD_OFFER_LAPSED, NULL); break;
    case LEAD_TRY: deed.by.detail = "{\"channel\":\"telephone\"}"; deed.after.attempts++; break;
    case LEAD_CONTACT:
        deed.by.detail = "{\"channel\":\"telephone\"}";
        deed.after.attempts++;
        deed.after.contacted_us = at_us;
        break;
    case LEAD_LOSE: close_set(&deed, 0, lead_lose_reasons[at % 6].code); break;
    case LEAD_MARK_SPAM: close_set(&deed, 0, LEAD_REASON_SPAM); break;
    default: break;
    }
    *ret_deed = deed;
}

static int lead_write(struct db_tx *tx, struct making *making, int at, struct error *error) {
    struct lead lead = making->leads[at].lead;
    struct lead_by by = {.actor = LEAD_BY_ORGANISATION, .at_us = lead.created_us};
    struct value_date today = day_at(making->now_us), next = day_add(&today, at % 12 - 3);
    int64_t at_us = lead.created_us;
    int way = at % LEAD_STATES;
    day_write(&next, making->leads[at].next_on);
    int status = lead_insert(tx, &lead, &by, error);
    lead.revision = 1;
    for (int i = 0; !status && i < ways[way].count; i++) {
        struct lead_deed deed;
        bool offer = ways[way].steps[i] == LEAD_OFFER;
        /* What is offered still, is offered now; else some working hours pass between two steps. */
        at_us = offer ? (way == LEAD_OFFERED ? making->now_us : at_us + WORKING_HOUR_US / 60)
                      : working_hours_deadline(at_us, 1 + (at + i) % 7);
        if (at_us > making->now_us) at_us = making->now_us;
        deed_make(making, at, &lead, ways[way].steps[i], at_us, &deed);
        status = lead_deed_do(tx, &deed, error);
        deed.after.revision = lead_deed_revision(&deed);
        lead = deed.after;
    }
    return status;
}

static int write_body(struct db_tx *tx, void *context, struct error *error) {
    struct making *making = context;
    int status = 0;
    for (int i = 0; !status && i < LEADS; i++) status = lead_write(tx, making, i, error);
    return status;
}

int demo_leads_make(struct service *service, const struct demo_partner partners[DEMO_PARTNERS],
                    int64_t now_us, struct error *error) {
    static struct making making;
    int status = 0, made = 0;
    making = (struct making){.service = service, .partners = partners, .now_us = now_us};
    for (; !status && made < LEADS; made++) status = lead_prepare(&making, made, error);
    if (!status) status = db_write(service->db, &db_scope_all, write_body, &making, error);
    for (int i = 0; i < made; i++) buffer_done(&making.leads[i].sealed);
    return status;
}
