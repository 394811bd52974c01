/* Downloads a file with a progress line, and goes on where an earlier run of it was cut off.
 *
 * Build:  cc download.c $(pkg-config --cflags --libs nlftp) -o download
 * Run:    ./download /dev/ttyUSB2 ftp.example.com 21 USER PASSWORD REMOTE LOCAL
 *
 * LOCAL is there only when it is complete; until then what has come is kept in a part file beside it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <nlftp.h>

#define TRY(call)                                                                            \
    do {                                                                                     \
        status = (call);                                                                     \
        if (status != NLFTP_OK) {                                                            \
            goto end;                                                                        \
        }                                                                                    \
    } while (0)

static void show_progress(uint64_t done, int64_t total, double rate, void *user_data)
{
    (void)user_data;
    fprintf(stderr, "\r%" PRIu64, done);
    if (total >= 0) {
        fprintf(stderr, " of %" PRId64, total);
    }
    fprintf(stderr, " bytes, %.0f bytes/s ", rate);
}

int main(int argc, char **argv)
{
    nlftp_config *config = NULL;
    nlftp_login *login = NULL;
    nlftp_get_options *options = NULL;
    nlftp_modem *modem = NULL;
    nlftp_op *op = NULL;
    const nlftp_transfer *transfer;
    uint64_t bytes, resumed_from;
    int64_t milliseconds;
    nlftp_status status;

    if (argc != 8) {
        fprintf(stderr, "usage: %s PORT HOST SERVER_PORT USER PASSWORD REMOTE LOCAL\n", argv[0]);
        return NLFTP_INVALID_ARGUMENT;
    }
    TRY(nlftp_config_new(argv[1], &config));
    TRY(nlftp_modem_new(config, &modem));
    TRY(nlftp_login_new(argv[2], argv[4], argv[5], &login));
    TRY(nlftp_login_set_port(login, (uint16_t)atoi(argv[3])));
    TRY(nlftp_transfer_options_new(&options));
    TRY(nlftp_transfer_options_set_resume(options, true));
    TRY(nlftp_transfer_options_set_progress(options, show_progress, NULL));

    TRY(nlftp_modem_open(modem, NULL));
    TRY(nlftp_ftp_open(modem, login, NULL));
    /* Started, then waited for: so it can be asked for its result. */
    TRY(nlftp_ftp_get_file(modem, argv[6], argv[7], options, &op));
    status = nlftp_op_wait(op, -1);
    fputc('\n', stderr);
    TRY(status);
    TRY(nlftp_op_transfer(op, &transfer));
    TRY(nlftp_transfer_bytes(transfer, &bytes));
    TRY(nlftp_transfer_resumed_from(transfer, &resumed_from));
    TRY(nlftp_transfer_duration(transfer, &milliseconds));
    printf("%" PRIu64 " bytes in %" PRId64 " ms, from offset %" PRIu64 "\n", bytes, milliseconds, resumed_from);

end:
    if (status != NLFTP_OK) {
        fprintf(stderr, "%s: %s\n", nlftp_status_name(status), nlftp_last_error());
    }
    nlftp_op_free(op);
    nlftp_modem_free(modem);
    nlftp_transfer_options_free(options);
    nlftp_login_free(login);
    nlftp_config_free(config);
    return status;
}
