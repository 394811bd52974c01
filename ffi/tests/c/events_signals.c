#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "events.h"
#include "rig.h"

static volatile sig_atomic_t handled;

static void note_signal(int number)
{
    (void)number;
    handled++;
}

static void handle_with(int number, void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    CHECK(sigaction(number, &action, NULL) == 0);
}

/* A download into a pipe whose reader has gone, on this thread or on one of the library's. */
static void download_to_nobody(const struct rig *rig, bool waits)
{
    int ends[2];
    nlftp_op *op = NULL;
    CHECK(pipe(ends) == 0);
    close(ends[0]);
    if (waits) {
        CHECK_IS(NLFTP_LOCAL_FILE, nlftp_ftp_get_fd(rig->modem, "file", ends[1], NULL, NULL));
    } else {
        CHECK_OK(nlftp_ftp_get_fd(rig->modem, "file", ends[1], NULL, &op));
        CHECK_IS(NLFTP_LOCAL_FILE, rig_follow(rig, op));
        CHECK_OK(nlftp_op_free(op));
    }
    close(ends[1]);
}

/* The program gets no SIGPIPE, nor is its handler, its mask, or a signal of its own touched. */
void broken_pipes(const char *folder)
{
    (void)folder;
    struct rig rig;
    sigset_t broken;
    sigset_t now;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    char *data = make_data(200000, 5);
    CHECK_OK(nlftp_ftp_put_memory(rig.modem, data, 200000, "file", NULL, NULL));
    free(data);
    handle_with(SIGPIPE, SIG_DFL);
    download_to_nobody(&rig, true);
    download_to_nobody(&rig, false);
    handle_with(SIGPIPE, note_signal);
    download_to_nobody(&rig, true);
    download_to_nobody(&rig, false);
    CHECK(handled == 0);
    CHECK(pthread_sigmask(SIG_BLOCK, NULL, &now) == 0 && sigismember(&now, SIGPIPE) == 0);

    CHECK(sigemptyset(&broken) == 0 && sigaddset(&broken, SIGPIPE) == 0);
    CHECK(pthread_sigmask(SIG_BLOCK, &broken, NULL) == 0);
    download_to_nobody(&rig, true);
    CHECK(sigpending(&now) == 0 && sigismember(&now, SIGPIPE) == 0);
    CHECK(raise(SIGPIPE) == 0);
    download_to_nobody(&rig, true);
    CHECK(sigpending(&now) == 0 && sigismember(&now, SIGPIPE) == 1);
    CHECK(pthread_sigmask(SIG_UNBLOCK, &broken, NULL) == 0);
    CHECK(handled == 1);
    rig_stop(&rig);
}

/* A signal that the program's threads block waits for them: the library's do not take it. */
void signals_of_the_program(const char *folder)
{
    struct rig rig;
    sigset_t own;
    nlftp_op *op = NULL;
    struct timespec at_once = {0, 0};
    handled = 0;
    handle_with(SIGUSR1, note_signal);
    CHECK(sigemptyset(&own) == 0 && sigaddset(&own, SIGUSR1) == 0);
    /* The virtual modem's threads are in this process, too, and begin with this mask. */
    CHECK(pthread_sigmask(SIG_BLOCK, &own, NULL) == 0);
    rig_start(&rig, NULL, NULL);
    CHECK_OK(nlftp_modem_free(rig.modem));
    CHECK(pthread_sigmask(SIG_UNBLOCK, &own, NULL) == 0);
    rig.modem = new_modem_on(rig.port);
    CHECK_OK(nlftp_modem_fd(rig.modem, &rig.fd));
    rig_connect(&rig);
    char *file = path_in(folder, "file");
    write_file(file, "content", 7);
    CHECK_OK(nlftp_ftp_put_file(rig.modem, file, "file", NULL, &op));
    CHECK_OK(rig_follow(&rig, op));
    CHECK_OK(nlftp_op_free(op));

    CHECK(pthread_sigmask(SIG_BLOCK, &own, NULL) == 0);
    CHECK(kill(getpid(), SIGUSR1) == 0);
    /* Both threads of the library run. */
    CHECK_OK(nlftp_ftp_noop(rig.modem, NULL));
    CHECK_OK(nlftp_ftp_put_file(rig.modem, file, "file", NULL, &op));
    CHECK_OK(rig_follow(&rig, op));
    CHECK_OK(nlftp_op_free(op));
    CHECK(handled == 0);
    CHECK(sigtimedwait(&own, NULL, &at_once) == SIGUSR1);
    free(file);
    rig_stop(&rig);
}
