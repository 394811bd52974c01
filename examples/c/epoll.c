/* Uploads two files at once through two modems, in one thread that waits in epoll and blocks nowhere else.
 *
 * Build:  cc epoll.c $(pkg-config --cflags --libs nlftp) -o epoll
 * Run:    ./epoll ftp.example.com 21 USER PASSWORD /dev/ttyUSB2 FILE /dev/ttyUSB6 FILE
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <nlftp.h>

#define TRY(call)                                                                            \
    do {                                                                                     \
        status = (call);                                                                     \
        if (status != NLFTP_OK) {                                                            \
            goto end;                                                                        \
        }                                                                                    \
    } while (0)

struct job {
    nlftp_modem *modem;
    nlftp_op *op; /* what runs now */
    const char *file;
    int step;
};

/* Starts a job's next step. Behind the last there is none, and op stays NULL. */
static nlftp_status start_next(struct job *job, const nlftp_login *login)
{
    const char *slash = strrchr(job->file, '/');
    const char *name = slash != NULL ? slash + 1 : job->file;
    nlftp_op_free(job->op);
    job->op = NULL;
    switch (job->step++) {
    case 0:
        return nlftp_modem_open(job->modem, &job->op);
    case 1:
        return nlftp_ftp_open(job->modem, login, &job->op);
    case 2:
        return nlftp_ftp_put_file(job->modem, job->file, name, NULL, &job->op);
    }
    printf("%s is on the server\n", name);
    return NLFTP_OK;
}

int main(int argc, char **argv)
{
    struct job jobs[2] = {{NULL, NULL, NULL, 0}, {NULL, NULL, NULL, 0}};
    nlftp_config *config = NULL;
    nlftp_login *login = NULL;
    nlftp_status status;
    int epoll = epoll_create1(EPOLL_CLOEXEC);

    if (argc != 9) {
        fprintf(stderr, "usage: %s HOST SERVER_PORT USER PASSWORD PORT FILE PORT FILE\n", argv[0]);
        return NLFTP_INVALID_ARGUMENT;
    }
    TRY(nlftp_login_new(argv[1], argv[3], argv[4], &login));
    TRY(nlftp_login_set_port(login, (uint16_t)atoi(argv[2])));
    for (int i = 0; i < 2; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &jobs[i]};
        int fd;
        jobs[i].file = argv[6 + 2 * i];
        TRY(nlftp_config_new(argv[5 + 2 * i], &config));
        TRY(nlftp_modem_new(config, &jobs[i].modem));
        nlftp_config_free(config);
        config = NULL;
        TRY(nlftp_modem_fd(jobs[i].modem, &fd)); /* the same from here on, whether the port is open or not */
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
        TRY(start_next(&jobs[i], login));
    }
    while (jobs[0].op != NULL || jobs[1].op != NULL) {
        struct epoll_event event = {.data.ptr = NULL};
        if (epoll_wait(epoll, &event, 1, -1) < 1) {
            continue; /* a signal */
        }
        struct job *job = event.data.ptr;
        nlftp_op *done;
        TRY(nlftp_modem_dispatch(job->modem, &done));
        if (done != NULL) { /* that is job->op, which has finished */
            TRY(nlftp_op_status(done));
            TRY(start_next(job, login));
        }
    }
end:
    if (status != NLFTP_OK) {
        fprintf(stderr, "%s: %s\n", nlftp_status_name(status), nlftp_last_error());
    }
    for (int i = 0; i < 2; i++) {
        nlftp_op_free(jobs[i].op);
        nlftp_modem_free(jobs[i].modem);
    }
    nlftp_config_free(config);
    nlftp_login_free(login);
    close(epoll);
    return status;
}
