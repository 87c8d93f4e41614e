/* The tables of states, steps and reasons. */
#include "domain/lead.h"

#include <string.h>

const struct field_choice lead_states[LEAD_STATES] = {
    [LEAD_NEW] = {"new", {"nieuw", "new"}},
    [LEAD_OFFERED] = {"offered", {"aangeboden", "offered"}},
    [LEAD_ACCEPTED] = {"accepted", {"aangenomen", "accepted"}},
    [LEAD_CONTACTED] = {"contacted", {"gesproken", "contacted"}},
    [LEAD_QUOTED] = {"quoted", {"offerte gemaakt", "quoted"}},
    [LEAD_WON] = {"won", {"gewonnen", "won"}},
    [LEAD_LOST] = {"lost", {"verloren", "lost"}},
    [LEAD_DECLINED] = {"declined", {"afgewezen door een kantoor", "declined by an office"}},
    [LEAD_EXPIRED] = {"expired", {"niet op tijd beantwoord", "not answered in time"}},
    [LEAD_SPAM] = {"spam", {"ongewenst bericht", "spam"}}};

static const struct field_choice steps[LEAD_STEPS] = {
    [LEAD_CREATE] = {"create", {"binnengekomen", "came in"}},
    [LEAD_OFFER] = {"offer", {"aangeboden", "offered"}},
    [LEAD_ACCEPT] = {"accept", {"aangenomen", "accepted"}},
    [LEAD_DECLINE] = {"decline", {"afgewezen", "declined"}},
    [LEAD_LAPSE] = {"lapse", {"niet op tijd beantwoord", "not answered in time"}},
    [LEAD_POOL] = {"pool", {"terug bij de organisatie", "back with the organisation"}},
    [LEAD_ASSIGN] = {"assign", {"toegewezen", "assigned"}},
    [LEAD_CHANGE] = {"change", {"gewijzigd", "changed"}},
    [LEAD_TRY] = {"try", {"niet bereikt", "not reached"}},
    [LEAD_CONTACT] = {"contact", {"gesproken", "contacted"}},
    [LEAD_QUOTE] = {"quote", {"offerte gekoppeld", "quote linked"}},
    [LEAD_WIN] = {"win", {"gewonnen", "won"}},
    [LEAD_LOSE] = {"lose", {"verloren", "lost"}},
    [LEAD_MARK_SPAM] = {"mark_spam", {"ongewenst bericht", "marked as spam"}},
    [LEAD_REOPEN] = {"reopen", {"heropend", "reopened"}},
    [LEAD_RESTORE] = {"restore", {"teruggezet", "restored"}},
    [LEAD_TAKE_BACK] = {"take_back", {"teruggehaald", "taken back"}},
    [LEAD_MERGE] = {"merge", {"samengevoegd met een ander", "merged into another"}},
    [LEAD_ABSORB] = {"absorb", {"een ander erbij gevoegd", "another merged into it"}},
    [LEAD_ERASE] = {"erase", {"persoonsgegevens gewist", "personal data erased"}}};

const struct field_choice lead_sources[LEAD_SOURCES] = {
    [LEAD_FROM_WIDGET] = {"widget", {"een website", "a website"}},
    [LEAD_FROM_SERVICE] = {"service", {"een systeem van het kantoor", "a system of the office"}},
    [LEAD_FROM_IMPORT] = {"import", {"een lijst", "a list"}},
    [LEAD_FROM_ORGANISATION] = {"organisation", {"de organisatie", "the organisation"}},
    [LEAD_FROM_PARTNER] = {"partner", {"het kantoor zelf", "the office itself"}}};

const struct field_choice lead_decline_reasons[LEAD_DECLINE_REASONS] = {
    {"no_capacity", {"geen tijd", "no capacity"}},
    {"too_far", {"te ver weg", "too far away"}},
    {"product_not_sold", {"dit verkopen wij niet", "we do not sell this"}},
    {"not_reached", {"niet te bereiken", "could not be reached"}},
    {"not_interested", {"de persoon heeft geen belangstelling", "the person is not interested"}},
    {"wrong_details", {"de gegevens kloppen niet", "the details are wrong"}},
    {LEAD_REASON_SPAM, {"een ongewenst bericht", "spam"}},
    {"other", {"anders", "other"}}};

const struct field_choice lead_lose_reasons[LEAD_LOSE_REASONS] = {
    {"price", {"de prijs", "the price"}},
    {"competitor", {"koos voor een ander", "chose another"}},
    {"no_need", {"geen behoefte meer", "no need any more"}},
    {"not_reached", {"niet te bereiken", "could not be reached"}},
    {"not_accepted", {"niet te verzekeren", "not insurable"}},
    {"withdrew", {"trok zich terug", "withdrew"}},
    {LEAD_REASON_DUPLICATE, {"stond er al", "was there already"}},
    {"other", {"anders", "other"}}};

const struct field_choice lead_channels[LEAD_CHANNELS] = {
    {"telephone", {"telefoon", "telephone"}},
    {"email", {"e-mail", "email"}},
    {"message", {"bericht", "message"}},
    {"visit", {"bezoek", "visit"}},
    {"post", {"post", "post"}}};

enum {
    PARTNER = LEAD_BY_PARTNER,
    ORGANISATION = LEAD_BY_ORGANISATION,
    SYSTEM = LEAD_BY_SYSTEM,
    WEBSITE = LEAD_BY_WEBSITE,
    ANY = PARTNER | ORGANISATION
};

static const struct rule {
    enum lead_step step;
    enum lead_state from, to;
    unsigned actors;
} rules[] = {
    {LEAD_CREATE, LEAD_NEW, LEAD_NEW, ANY | SYSTEM | WEBSITE},
    {LEAD_OFFER, LEAD_NEW, LEAD_OFFERED, ORGANISATION | SYSTEM},
    {LEAD_OFFER, LEAD_DECLINED, LEAD_OFFERED, ORGANISATION | SYSTEM},
    {LEAD_OFFER, LEAD_EXPIRED, LEAD_OFFERED, ORGANISATION | SYSTEM},
    {LEAD_ACCEPT, LEAD_OFFERED, LEAD_ACCEPTED, PARTNER},
    {LEAD_DECLINE, LEAD_OFFERED, LEAD_DECLINED, PARTNER},
    {LEAD_DECLINE, LEAD_ACCEPTED, LEAD_DECLINED, PARTNER},
    {LEAD_DECLINE, LEAD_CONTACTED, LEAD_DECLINED, PARTNER},
    {LEAD_LAPSE, LEAD_OFFERED, LEAD_EXPIRED, SYSTEM},
    {LEAD_POOL, LEAD_NEW, LEAD_NEW, SYSTEM},
    {LEAD_POOL, LEAD_DECLINED, LEAD_DECLINED, SYSTEM},
    {LEAD_POOL, LEAD_EXPIRED, LEAD_EXPIRED, SYSTEM},
    {LEAD_ASSIGN, LEAD_OFFERED, LEAD_OFFERED, PARTNER},
    {LEAD_ASSIGN, LEAD_ACCEPTED, LEAD_ACCEPTED, ANY},
    {LEAD_ASSIGN, LEAD_CONTACTED, LEAD_CONTACTED, ANY},
    {LEAD_ASSIGN, LEAD_QUOTED, LEAD_QUOTED, ANY},
    {LEAD_CHANGE, LEAD_NEW, LEAD_NEW, ORGANISATION},
    {LEAD_CHANGE, LEAD_DECLINED, LEAD_DECLINED, ORGANISATION},
    {LEAD_CHANGE, LEAD_EXPIRED, LEAD_EXPIRED, ORGANISATION},
    {LEAD_CHANGE, LEAD_ACCEPTED, LEAD_ACCEPTED, ANY},
    {LEAD_CHANGE, LEAD_CONTACTED, LEAD_CONTACTED, ANY},
    {LEAD_CHANGE, LEAD_QUOTED, LEAD_QUOTED, ANY},
    {LEAD_TRY, LEAD_ACCEPTED, LEAD_ACCEPTED, ANY},
    {LEAD_TRY, LEAD_CONTACTED, LEAD_CONTACTED, ANY},
    {LEAD_TRY, LEAD_QUOTED, LEAD_QUOTED, ANY},
    {LEAD_CONTACT, LEAD_ACCEPTED, LEAD_CONTACTED, ANY},
    {LEAD_CONTACT, LEAD_CONTACTED, LEAD_CONTACTED, ANY},
    {LEAD_CONTACT, LEAD_QUOTED, LEAD_QUOTED, ANY},
    {LEAD_QUOTE, LEAD_ACCEPTED, LEAD_QUOTED, ANY},
    {LEAD_QUOTE, LEAD_CONTACTED, LEAD_QUOTED, ANY},
    {LEAD_QUOTE, LEAD_QUOTED, LEAD_QUOTED, ANY},
    {LEAD_WIN, LEAD_ACCEPTED, LEAD_WON, ANY},
    {LEAD_WIN, LEAD_CONTACTED, LEAD_WON, ANY},
    {LEAD_WIN, LEAD_QUOTED, LEAD_WON, ANY},
    {LEAD_LOSE, LEAD_NEW, LEAD_LOST, ORGANISATION},
    {LEAD_LOSE, LEAD_DECLINED, LEAD_LOST, ORGANISATION},
    {LEAD_LOSE, LEAD_EXPIRED, LEAD_LOST, ORGANISATION},
    {LEAD_LOSE, LEAD_ACCEPTED, LEAD_LOST, ANY},
    {LEAD_LOSE, LEAD_CONTACTED, LEAD_LOST, ANY},
    {LEAD_LOSE, LEAD_QUOTED, LEAD_LOST, ANY},
    {LEAD_MARK_SPAM, LEAD_NEW, LEAD_SPAM, ORGANISATION},
    {LEAD_MARK_SPAM, LEAD_DECLINED, LEAD_SPAM, ORGANISATION},
    {LEAD_MARK_SPAM, LEAD_EXPIRED, LEAD_SPAM, ORGANISATION},
    {LEAD_MARK_SPAM, LEAD_OFFERED, LEAD_SPAM, PARTNER},
    {LEAD_MARK_SPAM, LEAD_ACCEPTED, LEAD_SPAM, ANY},
    {LEAD_MARK_SPAM, LEAD_CONTACTED, LEAD_SPAM, ANY},
    {LEAD_REOPEN, LEAD_WON, LEAD_ACCEPTED, ANY},
    {LEAD_REOPEN, LEAD_LOST, LEAD_ACCEPTED, ANY},
    {LEAD_REOPEN, LEAD_SPAM, LEAD_ACCEPTED, ANY},
    {LEAD_RESTORE, LEAD_LOST, LEAD_NEW, ORGANISATION},
    {LEAD_RESTORE, LEAD_SPAM, LEAD_NEW, ORGANISATION},
    {LEAD_TAKE_BACK, LEAD_OFFERED, LEAD_NEW, ORGANISATION},
    {LEAD_TAKE_BACK, LEAD_ACCEPTED, LEAD_NEW, ORGANISATION},
    {LEAD_TAKE_BACK, LEAD_CONTACTED, LEAD_NEW, ORGANISATION},
    {LEAD_TAKE_BACK, LEAD_QUOTED, LEAD_NEW, ORGANISATION},
    {LEAD_MERGE, LEAD_NEW, LEAD_LOST, ORGANISATION},
    {LEAD_MERGE, LEAD_DECLINED, LEAD_LOST, ORGANISATION},
    {LEAD_MERGE, LEAD_EXPIRED, LEAD_LOST, ORGANISATION},
    {LEAD_MERGE, LEAD_ACCEPTED, LEAD_LOST, ANY},
    {LEAD_MERGE, LEAD_CONTACTED, LEAD_LOST, ANY},
    {LEAD_MERGE, LEAD_QUOTED, LEAD_LOST, ANY},
    {LEAD_ABSORB, LEAD_NEW, LEAD_NEW, ORGANISATION},
    {LEAD_ABSORB, LEAD_DECLINED, LEAD_DECLINED, ORGANISATION},
    {LEAD_ABSORB, LEAD_EXPIRED, LEAD_EXPIRED, ORGANISATION},
    {LEAD_ABSORB, LEAD_ACCEPTED, LEAD_ACCEPTED, ANY},
    {LEAD_ABSORB, LEAD_CONTACTED, LEAD_CONTACTED, ANY},
    {LEAD_ABSORB, LEAD_QUOTED, LEAD_QUOTED, ANY}};

const char *lead_state_text(enum lead_state state) {
    return lead_states[state].code;
}

const struct text *lead_state_label(enum lead_state state) {
    return &lead_states[state].label;
}

enum lead_state lead_state_read(const char *text) {
    int state = 0;
    while (state < LEAD_STATES && (!text || strcmp(text, lead_states[state].code) != 0)) state++;
    return (enum lead_state)state;
}

const char *lead_step_text(enum lead_step step) {
    return steps[step].code;
}

const struct text *lead_step_label(enum lead_step step) {
    return &steps[step].label;
}

const char *lead_actor_text(enum lead_actor actor) {
    switch (actor) {
    case LEAD_BY_PARTNER: return "partner";
    case LEAD_BY_ORGANISATION: return "organisation";
    case LEAD_BY_WEBSITE: return "website";
    default: return "system";
    }
}

bool lead_state_open(enum lead_state state) {
    return state != LEAD_WON && state != LEAD_LOST && state != LEAD_SPAM;
}

bool lead_state_worked(enum lead_state state) {
    return state == LEAD_ACCEPTED || state == LEAD_CONTACTED || state == LEAD_QUOTED;
}

enum lead_answer lead_ask(enum lead_step step, enum lead_state from, enum lead_actor actor,
                          enum lead_state *ret_to) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *rule = &rules[i];
        if (rule->step != step || rule->from != from) continue;
        if (!(rule->actors & actor)) return LEAD_WRONG_ACTOR;
        if (ret_to) *ret_to = rule->to;
        return LEAD_ALLOWED;
    }
    return LEAD_WRONG_STATE;
}
