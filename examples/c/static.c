/* An upload in a program that has the library inside: libnlftp.a is linked, and no libnlftp.so is needed to run it.
 *
 * Build:  cc static.c $(pkg-config --static --cflags --libs nlftp | sed s/-lnlftp/-l:libnlftp.a/) -o static
 * Run:    ./static /dev/ttyUSB2 ftp.example.com 21 USER PASSWORD LOCAL REMOTE
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

int main(int argc, char **argv)
{
    nlftp_config *config = NULL;
    nlftp_login *login = NULL;
    nlftp_modem *modem = NULL;
    nlftp_op *op = NULL;
    const nlftp_transfer *transfer;
    uint64_t bytes;
    int64_t milliseconds;
    nlftp_status status;

    printf("nlftp %s\n", nlftp_version());
    if (argc != 8) {
        fprintf(stderr, "usage: %s PORT HOST SERVER_PORT USER PASSWORD LOCAL REMOTE\n", argv[0]);
        return NLFTP_INVALID_ARGUMENT;
    }
    TRY(nlftp_config_new(argv[1], &config));
    TRY(nlftp_modem_new(config, &modem));
    TRY(nlftp_login_new(argv[2], argv[4], argv[5], &login));
    TRY(nlftp_login_set_port(login, (uint16_t)atoi(argv[3])));

    TRY(nlftp_modem_open(modem, NULL));
    TRY(nlftp_ftp_open(modem, login, NULL));
    TRY(nlftp_ftp_put_file(modem, argv[6], argv[7], NULL, &op));
    TRY(nlftp_op_wait(op, -1));
    TRY(nlftp_op_transfer(op, &transfer));
    TRY(nlftp_transfer_bytes(transfer, &bytes));
    TRY(nlftp_transfer_duration(transfer, &milliseconds));
    printf("%" PRIu64 " bytes in %" PRId64 " ms\n", bytes, milliseconds);

end:
    if (status != NLFTP_OK) {
        fprintf(stderr, "%s: %s\n", nlftp_status_name(status), nlftp_last_error());
    }
    nlftp_op_free(op);
    nlftp_modem_free(modem);
    nlftp_login_free(login);
    nlftp_config_free(config);
    return status;
}
