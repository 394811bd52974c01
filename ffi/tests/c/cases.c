/* Runs the table of protocol cases through the C API, against a scripted modem on a pseudo-terminal.
 *
 * cases MODE FILE...    MODE is blocking, dispatch, or entries (listings only) */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_call.h"
#include "case_file.h"
#include "check.h"
#include "peer.h"

#define THREADS 8

/* Long: a loaded machine must not run into them. */
static const int64_t LARGE_MS = 100000;
/* For cases that a limit ends: the first try, doubled if a machine was too busy for it. */
static const int64_t SMALL_MS = 500;

static const char *const opening[] = {
    "AT\r", "\r\nOK\r\n",
    "AT+FTPMODE?\r", "\r\n+FTPMODE: 0\r\n\r\nOK\r\n",
    "ATE0\r", "\r\nOK\r\n",
    "AT+CMEE=1\r", "\r\nOK\r\n",
    "AT&D2\r", "\r\nERROR\r\n",
    "AT+FTPOPEN?\r", "\r\n+FTPOPEN: 0\r\n\r\nOK\r\n",
    NULL,
};
static const char *const logging_in[] = {
    "AT+FTPMODE=0\r", "\r\nOK\r\n",
    "AT+FTPOPEN=\"h\",\"u\",\"p\"\r", "\r\nOK\r\n\r\n+FTPOPEN: 1\r\n",
    "AT+FTPMODE?\r", "\r\n+FTPMODE: 0\r\n\r\nOK\r\n",
    NULL,
};
/* Behind a case: the very next bytes, so nothing was sent in between, and the line is in step. */
static const char *const closing[] = {
    "AT+CASE?\r", "\r\n+CASE: over\r\n\r\nOK\r\n",
    NULL,
};

struct run {
    struct case_table table;
    enum call_mode mode;
    pthread_mutex_t lock;
    size_t next;
    size_t ran;
    size_t skipped;
    size_t failed;
    size_t retried;
};

static bool is_kind(const struct protocol_case *expected, const char *kind)
{
    return !expected->ok && strcmp(expected->kind, kind) == 0;
}

/* Only these may make the driver send something behind the call: what is owed has to be got rid of, and pieces that
   were begun are ended. */
static bool may_recover(const struct protocol_case *expected)
{
    bool by_piece = strncmp(expected->call, "put ", 4) == 0 && strstr(expected->call, " block") != NULL;
    return is_kind(expected, "timeout") || is_kind(expected, "transfer") ||
           (by_piece && !expected->ok && !is_kind(expected, "invalid_argument"));
}

/* The outcome never comes, which is an error, or no matter where one line was the whole answer. */
static bool ends_by_limit(const struct protocol_case *expected)
{
    return is_kind(expected, "timeout") || strstr(expected->name, "one line with 2 as the syntax") != NULL;
}

static nlftp_modem *new_modem(const struct peer *peer, int64_t limit)
{
    nlftp_config *config = NULL;
    nlftp_modem *modem = NULL;
    CHECK_OK(nlftp_config_new(peer->path, &config));
    CHECK_OK(nlftp_config_set_timeout(config, limit));
    CHECK_OK(nlftp_config_set_outcome_timeout(config, limit));
    CHECK_OK(nlftp_config_set_stall_timeout(config, limit));
    CHECK_OK(nlftp_modem_new(config, &modem));
    CHECK_OK(nlftp_config_free(config));
    return modem;
}

/* Follows what was started in the mode of the run. */
static nlftp_status ended(enum call_mode mode, nlftp_modem *modem, nlftp_status started, nlftp_op *op)
{
    if (mode != CALL_DISPATCH || started != NLFTP_OK) {
        return started;
    }
    nlftp_status status = call_follow(modem, op);
    CHECK_OK(nlftp_op_free(op));
    return status;
}

static nlftp_status open_modem(enum call_mode mode, nlftp_modem *modem)
{
    nlftp_op *op = NULL;
    nlftp_status status = nlftp_modem_open(modem, mode == CALL_DISPATCH ? &op : NULL);
    return ended(mode, modem, status, op);
}

static nlftp_status log_in(enum call_mode mode, nlftp_modem *modem)
{
    nlftp_login *login = NULL;
    nlftp_op *op = NULL;
    CHECK_OK(nlftp_login_new("h", "u", "p", &login));
    nlftp_status status = nlftp_ftp_open(modem, login, mode == CALL_DISPATCH ? &op : NULL);
    CHECK_OK(nlftp_login_free(login));
    return ended(mode, modem, status, op);
}

static nlftp_status ask_whether_over(enum call_mode mode, nlftp_modem *modem)
{
    nlftp_op *op = NULL;
    nlftp_status status = nlftp_modem_command(modem, "AT+CASE?", NULL, mode == CALL_DISPATCH ? &op : NULL);
    return ended(mode, modem, status, op);
}

/* Plays a script while the driver does what it is the answer to. */
static bool through(struct peer *peer, const char *const *texts, enum call_mode mode, nlftp_modem *modem,
                    nlftp_status (*act)(enum call_mode mode, nlftp_modem *modem), char *problem)
{
    size_t count = 0;
    struct step *steps = peer_script(texts, &count);
    peer_start(peer, steps, count);
    nlftp_status status = act(mode, modem);
    bool played = peer_end(peer, status != NLFTP_OK);
    if (status != NLFTP_OK || !played) {
        sprintf(problem, "%s (%.400s); %s", nlftp_status_name(status), status == NLFTP_OK ? "" : nlftp_last_error(),
                peer->problem);
    }
    peer_script_free(steps, count);
    return status == NLFTP_OK && played;
}

/* A case that was prepared: true if it ended as it should. */
static bool run_prepared(const struct protocol_case *expected, struct call *call, struct peer *peer,
                         nlftp_modem *modem, enum call_mode mode, char *problem)
{
    peer_start(peer, expected->steps, expected->step_count);
    char *wrong = call_check(call, modem, mode, expected);
    bool played = peer_end(peer, wrong != NULL);
    if (wrong != NULL || !played) {
        sprintf(problem, "%.900s %.900s", wrong == NULL ? "" : wrong, peer->problem);
        free(wrong);
        return false;
    }
    if (may_recover(expected)) {
        return true;
    }
    return through(peer, closing, mode, modem, ask_whether_over, problem);
}

enum verdict { RIGHT, WRONG, NOT_PREPARED };

static enum verdict run_once(const struct protocol_case *expected, enum call_mode mode, int64_t limit, char *problem)
{
    struct call call;
    struct peer peer;
    call_read(&call, expected);
    peer_open(&peer);
    nlftp_modem *modem = new_modem(&peer, limit);
    enum verdict verdict = NOT_PREPARED;
    if (through(&peer, opening, mode, modem, open_modem, problem) &&
        (call_is_login(&call) || through(&peer, logging_in, mode, modem, log_in, problem))) {
        verdict = run_prepared(expected, &call, &peer, modem, mode, problem) ? RIGHT : WRONG;
    }
    /* Unplugged, so that no modem has to answer when the handle goes. */
    peer_close(&peer);
    CHECK_OK(nlftp_modem_free(modem));
    call_free(&call);
    return verdict;
}

static void run_case(struct run *run, const struct protocol_case *expected)
{
    check_quietly(expected->name);
    bool limited = ends_by_limit(expected);
    int64_t limit = limited ? SMALL_MS : LARGE_MS;
    char problem[2048] = "";
    enum verdict verdict = run_once(expected, run->mode, limit, problem);
    size_t retried = 0;
    /* The preparation is no part of the case: on a machine that is too busy it is tried again. So is a case whose
       answers themselves may have come behind its limit. */
    for (; (verdict == NOT_PREPARED || (verdict == WRONG && limited)) && retried < 6; retried++) {
        limit *= limited ? 2 : 1;
        problem[0] = '\0';
        verdict = run_once(expected, run->mode, limit, problem);
    }
    pthread_mutex_lock(&run->lock);
    run->ran++;
    run->retried += retried;
    if (verdict != RIGHT) {
        run->failed++;
        printf("FAILED: %s%s: %s\n", expected->name, verdict == NOT_PREPARED ? ", not prepared" : "", problem);
    }
    pthread_mutex_unlock(&run->lock);
}

/* The next case that can be run; NULL behind the last. */
static const struct protocol_case *next_case(struct run *run)
{
    const struct protocol_case *found = NULL;
    pthread_mutex_lock(&run->lock);
    while (found == NULL && run->next < run->table.count) {
        const struct protocol_case *candidate = &run->table.cases[run->next++];
        struct call call;
        call_read(&call, candidate);
        const char *reason = call_inexpressible(&call);
        bool other_call = run->mode == CALL_ENTRIES && !call_is_list(&call);
        if (!other_call && reason != NULL) {
            run->skipped++;
            printf("skipped: %s: %s\n", candidate->name, reason);
        } else if (!other_call) {
            found = candidate;
        }
        call_free(&call);
    }
    pthread_mutex_unlock(&run->lock);
    return found;
}

static void *work(void *argument)
{
    struct run *run = argument;
    const struct protocol_case *expected;
    while ((expected = next_case(run)) != NULL) {
        run_case(run, expected);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    static struct run run = {.lock = PTHREAD_MUTEX_INITIALIZER};
    static const char *const modes[] = {"blocking", "dispatch", "entries"};
    CHECK(argc > 2);
    bool known = false;
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(argv[1], modes[i]) == 0) {
            run.mode = (enum call_mode)i;
            known = true;
        }
    }
    CHECK(known);
    for (int i = 2; i < argc; i++) {
        case_table_read(&run.table, argv[i]);
    }
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&threads[i], NULL, work, &run) == 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    size_t count = run.table.count;
    case_table_free(&run.table);
    printf("%lu cases: %lu ran, %lu skipped, %lu failed, %lu tried again\n", (unsigned long)count,
           (unsigned long)run.ran, (unsigned long)run.skipped, (unsigned long)run.failed, (unsigned long)run.retried);
    return run.failed == 0 ? 0 : 1;
}
