/* Rows of partner_event. */
#include "domain/partner_event.h"

#include "domain/copying.h"

const struct field_choice partner_event_kinds[PARTNER_EVENT_KINDS] = {
    {"partner_created", {"partner aangemaakt", "partner created"}},
    {"partner_changed", {"gegevens gewijzigd", "details changed"}},
    {"partner_moved", {"hoort bij een andere keten", "belongs to another chain"}},
    {"application_approved", {"aanmelding goedgekeurd", "application approved"}},
    {"licence_added", {"vergunning toegevoegd", "licence added"}},
    {"licence_ended", {"vergunning beëindigd", "licence ended"}},
    {"licence_removed", {"vergunning verwijderd", "licence removed"}},
    {"territories_changed", {"werkgebied gewijzigd", "territory changed"}},
    {"person_added", {"medewerker toegevoegd", "person added"}},
    {"person_changed", {"medewerker gewijzigd", "person changed"}},
    {"diploma_added", {"diploma toegevoegd", "diploma added"}},
    {"diploma_ended", {"diploma beëindigd", "diploma ended"}},
    {"diploma_removed", {"diploma verwijderd", "diploma removed"}},
    {"note_added", {"notitie toegevoegd", "note added"}},
    {"note_removed", {"notitie verwijderd", "note removed"}},
    {"document_added", {"document toegevoegd", "document added"}},
    {"document_removed", {"document verwijderd", "document removed"}},
    {"agreement_made", {"overeenkomst gesloten", "agreement made"}},
    {"agreement_changed", {"overeenkomst gewijzigd", "agreement changed"}},
    {"agreement_ended", {"overeenkomst beëindigd", "agreement ended"}},
    {"user_invited", {"gebruiker uitgenodigd", "user invited"}}};

int partner_event_insert(struct db_tx *tx, const struct partner_event *event,
                         struct error *error) {
    const struct partner_by *by = &event->by;
    char id[ID_MAX];
    id_make("pev", id);
    return db_run(tx, error, NULL,
                  "insert into partner_event (id, partner_id, kind, internal, subject_id, detail,"
                  " actor, user_id, key_id, request_id, at_us)"
                  " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                  db_text(id), db_text(event->partner_id), db_text(event->kind),
                  db_integer(event->internal), db_text(event->subject_id), db_text(event->detail),
                  db_text(by->actor), db_text(by->user_id), db_text(by->key_id),
                  db_text(by->request_id), db_integer(by->at_us));
}

int partner_event_list(struct db_tx *tx, const char *partner_id, bool internal,
                       const char *below, int limit, struct scratch *scratch,
                       struct error *error, struct partner_event *ret_events, int *ret_count) {
    struct copying copying = {.scratch = scratch};
    int count = 0;
    int status = db_query(tx, error, &copying.rows,
                          "select e.id, e.partner_id, e.kind, e.internal, e.subject_id, e.detail,"
                          " e.actor, e.user_id, e.key_id, e.request_id, e.at_us"
                          " from partner_event e where e.partner_id = $1 and e.internal <= $2"
                          " and (cast($3 as text) is null or e.id < $3) and $scope(e)"
                          " order by e.id desc limit $4",
                          db_text(partner_id), db_integer(internal), db_text(below),
                          db_integer(limit));
    if (status) return status;
    while (count < limit && (status = db_next(copying.rows, error)) > 0)
        ret_events[count++] = (struct partner_event){
            .id = copying_text(&copying, 0),
            .partner_id = copying_text(&copying, 1),
            .kind = copying_text(&copying, 2),
            .internal = db_column_integer(copying.rows, 3) != 0,
            .subject_id = copying_text(&copying, 4),
            .detail = copying_text(&copying, 5),
            .by = {.actor = copying_text(&copying, 6),
                   .user_id = copying_text(&copying, 7),
                   .key_id = copying_text(&copying, 8),
                   .request_id = copying_text(&copying, 9),
                   .at_us = db_column_integer(copying.rows, 10)}};
    db_rows_close(copying.rows);
    if (copying.failed)
        return error_set(error, ERROR_TOO_LARGE, "a timeline needs more scratch memory");
    if (status < 0) return status;
    *ret_count = count;
    return 0;
}
