/* Rows of notes and documents about partners. What a document is follows from its content, never
 * from what its sender calls it. */
#include <string.h>

#include "base/utf8.h"
#include "domain/partner_file_inside.h"

/* ---- notes ---------------------------------------------------------------------------------- */
int partner_note_add(struct db_tx *tx, const struct partner_note *note, struct error *error) {
    struct db_rows *rows = NULL;
    int status = partner_hold(tx, note->partner_id, error);
    if (!status)
        status = db_query(tx, error, &rows,
                          "select count(*) from partner_note n where n.partner_id = $1"
                          " and $scope(n)",
                          db_text(note->partner_id));
    if (!status) status = partner_file_room(rows, PARTNER_NOTES_MAX, "notes", error);
    if (status) return status;
    return db_run(tx, error, NULL,
                  "insert into partner_note (id, partner_id, shared, text, user_id, actor,"
                  " created_us) values ($1, $2, $3, $4, $5, $6, $7)",
                  db_text(note->id), db_text(note->partner_id), db_integer(note->shared),
                  db_text(note->text), db_text(note->user_id), db_text(note->actor),
                  db_integer(note->created_us));
}

int partner_note_remove(struct db_tx *tx, const char *partner_id, const char *id, bool internal,
                        struct error *error) {
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "delete from partner_note as n where n.id = $1 and n.partner_id = $2"
                        " and n.shared >= $3 and $scope(n)",
                        db_text(id), db_text(partner_id), db_integer(!internal));
    return !status && !changed ? partner_file_missing(id, error) : status;
}

int partner_note_list(struct db_tx *tx, const char *partner_id, bool internal, const char *below,
                      int limit, struct scratch *scratch, struct error *error,
                      struct partner_note *ret_notes, int *ret_count) {
    struct copying copying = {.scratch = scratch};
    int count = 0;
    int status = db_query(tx, error, &copying.rows,
                          "select n.id, n.partner_id, n.text, n.actor, n.user_id, n.shared,"
                          " n.created_us from partner_note n where n.partner_id = $1"
                          " and n.shared >= $2 and (cast($3 as text) is null or n.id < $3)"
                          " and $scope(n) order by n.id desc limit $4",
                          db_text(partner_id), db_integer(!internal), db_text(below),
                          db_integer(limit));
    if (status) return status;
    while (count < limit && (status = db_next(copying.rows, error)) > 0)
        ret_notes[count++] =
            (struct partner_note){.id = copying_text(&copying, 0),
                                  .partner_id = copying_text(&copying, 1),
                                  .text = copying_text(&copying, 2),
                                  .actor = copying_text(&copying, 3),
                                  .user_id = copying_text(&copying, 4),
                                  .shared = db_column_integer(copying.rows, 5) != 0,
                                  .created_us = db_column_integer(copying.rows, 6)};
    db_rows_close(copying.rows);
    if (copying.failed) return partner_file_starved(error);
    if (status < 0) return status;
    *ret_count = count;
    return 0;
}

/* ---- documents ------------------------------------------------------------------------------ */
static bool plain_text(const unsigned char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++)
        if ((bytes[i] < ' ' && !strchr("\t\r\n", bytes[i])) || bytes[i] == 0x7F || !bytes[i])
            return false;
    return utf8_valid((const char *)bytes, length);
}

const char *partner_document_type(const void *content, size_t length) {
    static const struct {
        const char *type, *begins;
        size_t length;
    } types[] = {{"application/pdf", "%PDF-1.", 7},
                 {"application/pdf", "%PDF-2.", 7},
                 {"image/png", "\x89PNG\r\n\x1A\n", 8},
                 {"image/jpeg", "\xFF\xD8\xFF", 3}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (length > types[i].length && memcmp(content, types[i].begins, types[i].length) == 0)
            return types[i].type;
    return length && plain_text(content, length) ? "text/plain" : NULL;
}

const char *partner_document_extension(const char *media_type) {
    return strcmp(media_type, "application/pdf") == 0 ? "pdf"
           : strcmp(media_type, "image/png") == 0     ? "png"
           : strcmp(media_type, "image/jpeg") == 0    ? "jpg"
                                                      : "txt";
}

int partner_document_add(struct db_tx *tx, const struct partner_document *document,
                         struct error *error) {
    struct db_rows *rows = NULL;
    int status = partner_hold(tx, document->partner_id, error);
    if (!status)
        status = db_query(tx, error, &rows,
                          "select count(*) from partner_document d where d.partner_id = $1"
                          " and $scope(d)",
                          db_text(document->partner_id));
    if (!status) status = partner_file_room(rows, PARTNER_DOCUMENTS_MAX, "documents", error);
    if (status) return status;
    return db_run(tx, error, NULL,
                  "insert into partner_document (id, partner_id, shared, title, media_type,"
                  " size_bytes, sha256, user_id, created_us, content)"
                  " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                  db_text(document->id), db_text(document->partner_id),
                  db_integer(document->shared), db_text(document->title),
                  db_text(document->media_type), db_integer((int64_t)document->size_bytes),
                  db_text(document->sha256), db_text(document->user_id),
                  db_integer(document->created_us),
                  db_blob(document->content, document->size_bytes));
}

#define DOCUMENT_COLUMNS(content)                                                                 \
    "select d.id, d.partner_id, d.title, d.media_type, d.sha256, d.user_id, d.shared,"            \
    " d.size_bytes, d.created_us, " content                                                       \
    " from partner_document d where d.partner_id = $1 and d.shared >= $2 and $scope(d)"

static void document_copy(struct copying *copying, struct partner_document *document) {
    *document = (struct partner_document){
        .id = copying_text(copying, 0),
        .partner_id = copying_text(copying, 1),
        .title = copying_text(copying, 2),
        .media_type = copying_text(copying, 3),
        .sha256 = copying_text(copying, 4),
        .user_id = copying_text(copying, 5),
        .shared = db_column_integer(copying->rows, 6) != 0,
        .size_bytes = (size_t)db_column_integer(copying->rows, 7),
        .created_us = db_column_integer(copying->rows, 8)};
    size_t length = 0;
    const void *content = db_column_blob(copying->rows, 9, &length);
    void *copied = content ? scratch_take(copying->scratch, length) : NULL;
    if (copied) memcpy(copied, content, length);
    copying->failed |= content && !copied;
    document->content = copied;
}

int partner_document_read(struct db_tx *tx, const char *partner_id, const char *id, bool internal,
                          struct scratch *scratch, struct error *error,
                          struct partner_document *ret_document) {
    struct copying copying = {.scratch = scratch};
    int status = db_query(tx, error, &copying.rows,
                          DOCUMENT_COLUMNS("d.content") " and d.id = $3", db_text(partner_id),
                          db_integer(!internal), db_text(id));
    if (status) return status;
    status = db_next(copying.rows, error);
    if (status > 0) document_copy(&copying, ret_document);
    db_rows_close(copying.rows);
    if (copying.failed) return partner_file_starved(error);
    if (status == 0) return partner_file_missing(id, error);
    return status < 0 ? status : 0;
}

int partner_document_remove(struct db_tx *tx, const char *partner_id, const char *id,
                            bool internal, struct error *error) {
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "delete from partner_document as d where d.id = $1"
                        " and d.partner_id = $2 and d.shared >= $3 and $scope(d)",
                        db_text(id), db_text(partner_id), db_integer(!internal));
    return !status && !changed ? partner_file_missing(id, error) : status;
}

int partner_document_list(struct db_tx *tx, const char *partner_id, bool internal,
                          const char *below, int limit, struct scratch *scratch,
                          struct error *error, struct partner_document *ret_documents,
                          int *ret_count) {
    struct copying copying = {.scratch = scratch};
    int count = 0;
    int status = db_query(tx, error, &copying.rows,
                          DOCUMENT_COLUMNS("cast(null as bytea)")
                          " and (cast($3 as text) is null or d.id < $3)"
                          " order by d.id desc limit $4",
                          db_text(partner_id), db_integer(!internal), db_text(below),
                          db_integer(limit));
    if (status) return status;
    while (count < limit && (status = db_next(copying.rows, error)) > 0)
        document_copy(&copying, &ret_documents[count++]);
    db_rows_close(copying.rows);
    if (copying.failed) return partner_file_starved(error);
    if (status < 0) return status;
    *ret_count = count;
    return 0;
}
