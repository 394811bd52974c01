/* Prints what the modem says unasked (URCs) and what passes on the FTP control connection (FTPINFO), each line with its
 * time, until Ctrl-C or until it has sent so many NOOPs: one for each quiet second, which keeps the connection up.
 *
 * Build:  cc monitor.c $(pkg-config --cflags --libs nlftp) -o monitor
 * Run:    ./monitor /dev/ttyUSB2 ftp.example.com 21 USER PASSWORD [NOOPS]
 */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <nlftp.h>

#define TRY(call)                                                                            \
    do {                                                                                     \
        status = (call);                                                                     \
        if (status != NLFTP_OK) {                                                            \
            goto end;                                                                        \
        }                                                                                    \
    } while (0)

static nlftp_modem *modem;
static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
    nlftp_modem_cancel(modem); /* this and nlftp_op_cancel are for signal handlers, no other call is */
}

static void print_line(const char *line, void *user_data)
{
    char clock[9];
    time_t now = time(NULL);
    strftime(clock, sizeof clock, "%H:%M:%S", localtime(&now));
    printf("%s %s %s\n", clock, (const char *)user_data, line);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct sigaction action = {0};
    nlftp_config *config = NULL;
    nlftp_login *login = NULL;
    nlftp_status status;
    struct pollfd wait = {-1, POLLIN, 0};
    long noops = argc == 7 ? atol(argv[6]) : -1;

    if (argc != 6 && argc != 7) {
        fprintf(stderr, "usage: %s PORT HOST SERVER_PORT USER PASSWORD [NOOPS]\n", argv[0]);
        return NLFTP_INVALID_ARGUMENT;
    }
    TRY(nlftp_config_new(argv[1], &config));
    TRY(nlftp_modem_new(config, &modem));
    TRY(nlftp_login_new(argv[2], argv[4], argv[5], &login));
    TRY(nlftp_login_set_port(login, (uint16_t)atoi(argv[3])));
    action.sa_handler = interrupt;
    sigaction(SIGINT, &action, NULL);

    TRY(nlftp_modem_on_urc(modem, print_line, "URC"));
    TRY(nlftp_modem_open(modem, NULL));
    TRY(nlftp_ftp_open(modem, login, NULL));
    TRY(nlftp_ftp_on_info(modem, print_line, "FTP", NULL));
    TRY(nlftp_modem_fd(modem, &wait.fd));
    while (!interrupted && noops != 0) {
        int ready = poll(&wait, 1, 1000);
        if (ready > 0) {
            TRY(nlftp_modem_dispatch(modem, NULL)); /* runs the callbacks; a blocking call does, too */
        } else if (ready == 0) {
            TRY(nlftp_ftp_noop(modem, NULL));
            noops -= noops > 0;
        }
    }

end:
    if (status != NLFTP_OK) {
        fprintf(stderr, "%s: %s\n", nlftp_status_name(status), nlftp_last_error());
    }
    signal(SIGINT, SIG_DFL); /* the handler's modem is about to go */
    nlftp_modem_free(modem);
    nlftp_login_free(login);
    nlftp_config_free(config);
    return status;
}
