/* Replays a book: each worker counts for itself and keeps what it finds; that is put together when
 * all are done. */
#include "domain/replay_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct replay_worker {
    struct replayer replayer;
    struct replay replay;
    struct replay_report report; /* room for REPLAY_FINDINGS_MAX findings, once there is one */
};

void replay_line(const struct replay *replay, char ret_text[REPLAY_FINDING_TEXT_MAX]) {
    size_t length = 0;
    if (replay->outcome == REPLAY_FAILED) {
        snprintf(ret_text, REPLAY_FINDING_TEXT_MAX, "%s", replay->failure.text);
        return;
    }
    *ret_text = '\0';
    for (int i = 0; i < replay->difference_count; i++) {
        const struct replay_difference *told = &replay->differences[i];
        char line[REPLAY_PLACE_MAX + 2 * REPLAY_TEXT_MAX + 32];
        int wanted = snprintf(line, sizeof line, "%s%s: %s -> %s", i ? "; " : "", told->place,
                              *told->kept ? told->kept : "(none)",
                              *told->computed ? told->computed : "(none)");
        if (length + (size_t)wanted + 32 > REPLAY_FINDING_TEXT_MAX) {
            snprintf(ret_text + length, REPLAY_FINDING_TEXT_MAX - length, "; and %d more%s",
                     replay->difference_count - i, replay->more ? " at least" : "");
            return;
        }
        memcpy(ret_text + length, line, (size_t)wanted + 1);
        length += (size_t)wanted;
    }
    if (replay->more)
        snprintf(ret_text + length, REPLAY_FINDING_TEXT_MAX - length, "; and more");
}

static int finding_add(struct replay_report *report, const struct book_row *row,
                       const struct replay *replay, struct error *error) {
    if (!report->findings)
        report->findings = calloc(REPLAY_FINDINGS_MAX, sizeof *report->findings);
    if (!report->findings)
        return error_set(error, ERROR_NO_MEMORY, "no memory to keep what differs");
    if (report->finding_count == REPLAY_FINDINGS_MAX) return 0;
    struct replay_finding *finding = &report->findings[report->finding_count++];
    snprintf(finding->id, sizeof finding->id, "%s", row->id);
    finding->failed = replay->outcome == REPLAY_FAILED;
    replay_line(replay, finding->text);
    return 0;
}

static bool is_passing(enum error_code code) {
    return code == ERROR_NO_MEMORY || code == ERROR_BUSY || code == ERROR_IO ||
           code == ERROR_FULL;
}

static int visit(void *context, const struct book_row *row, struct scratch *scratch,
                 struct error *error) {
    struct replay_worker *worker = context;
    struct replay_report *report = &worker->report;
    replayer_run(&worker->replayer, row, scratch, &worker->replay);
    /* That says nothing of the quote. */
    if (worker->replay.outcome == REPLAY_FAILED && is_passing(worker->replay.failure.code))
        return error_set(error, worker->replay.failure.code, "%s", worker->replay.failure.text);
    report->equal += worker->replay.outcome == REPLAY_EQUAL;
    report->different += worker->replay.outcome == REPLAY_DIFFERENT;
    report->failed += worker->replay.outcome == REPLAY_FAILED;
    if (worker->replay.outcome == REPLAY_EQUAL) return 0;
    return finding_add(report, row, &worker->replay, error);
}

static int by_id(const void *a, const void *b) {
    return strcmp(((const struct replay_finding *)a)->id, ((const struct replay_finding *)b)->id);
}

static void reports_merge(struct replay_report *into, struct replay_report *from) {
    into->equal += from->equal;
    into->different += from->different;
    into->failed += from->failed;
    if (!into->findings) {
        into->findings = from->findings;
        into->finding_count = from->finding_count;
        from->findings = NULL;
        return;
    }
    for (int i = 0; i < from->finding_count && into->finding_count < REPLAY_FINDINGS_MAX; i++)
        into->findings[into->finding_count++] = from->findings[i];
}

int replay_book(struct service *service, struct book_walk *walk, struct error *error,
                struct replay_report *ret_report, struct book_progress *ret_progress) {
    struct replay_worker *workers = calloc(BOOK_WORKERS_MAX, sizeof *workers);
    void *contexts[BOOK_WORKERS_MAX];
    *ret_report = (struct replay_report){0};
    *ret_progress = (struct book_progress){0};
    if (!workers) return error_set(error, ERROR_NO_MEMORY, "no memory to replay the book");
    for (int i = 0; i < BOOK_WORKERS_MAX; i++) {
        replayer_init(&workers[i].replayer, service->catalogue, service->encryption);
        contexts[i] = &workers[i];
    }
    walk->results = true;
    walk->visit = visit;
    walk->contexts = contexts;
    int status = book_walk(walk, error, ret_progress);
    for (int i = 0; i < BOOK_WORKERS_MAX; i++) {
        replayer_done(&workers[i].replayer);
        reports_merge(ret_report, &workers[i].report);
        free(workers[i].report.findings);
    }
    free(workers);
    walk->contexts = NULL;
    if (ret_report->findings)
        qsort(ret_report->findings, (size_t)ret_report->finding_count,
              sizeof *ret_report->findings, by_id);
    return status;
}
