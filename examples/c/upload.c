/* Uploads a file, and returns once the server has it whole.
 *
 * Build:  cc upload.c $(pkg-config --cflags --libs nlftp) -o upload
 * Run:    ./upload /dev/ttyUSB2 ftp.example.com 21 USER PASSWORD LOCAL REMOTE
 */
#include <stdio.h>
#include <stdlib.h>

#include <nlftp.h>

/* Goes on if a call succeeded. */
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
    nlftp_status status;

    if (argc != 8) {
        fprintf(stderr, "usage: %s PORT HOST SERVER_PORT USER PASSWORD LOCAL REMOTE\n", argv[0]);
        return NLFTP_INVALID_ARGUMENT;
    }
    TRY(nlftp_config_new(argv[1], &config));
    TRY(nlftp_modem_new(config, &modem));
    TRY(nlftp_login_new(argv[2], argv[4], argv[5], &login));
    TRY(nlftp_login_set_port(login, (uint16_t)atoi(argv[3])));

    /* The last argument of each is NULL: they return when it is done. */
    TRY(nlftp_modem_open(modem, NULL));
    TRY(nlftp_ftp_open(modem, login, NULL));
    TRY(nlftp_ftp_put_file(modem, argv[6], argv[7], NULL, NULL));
    printf("%s is on the server\n", argv[7]);

end:
    if (status != NLFTP_OK) {
        fprintf(stderr, "%s: %s\n", nlftp_status_name(status), nlftp_last_error());
    }
    nlftp_modem_free(modem); /* logs out and closes the port */
    nlftp_login_free(login);
    nlftp_config_free(config);
    return status;
}
