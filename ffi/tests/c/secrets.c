/* Says all that the library says, of logins that go well and of those that do not: the test looks for secrets in it.
 *
 * Arguments: the user's password, the account, the access point's password, and a path for the record of the traffic.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "nlftp_sim.h"

#define SIM_OK(call) CHECK((call) == NLFTP_SIM_OK)

static void on_log(nlftp_log_level level, const char *message, void *user_data)
{
    (void)user_data;
    printf("log %d: %s\n", (int)level, message);
}

static void on_line(const char *line, void *user_data)
{
    printf("%s: %s\n", (const char *)user_data, line);
}

/* What there is to know of a call that may have failed. */
static void tell(nlftp_status status)
{
    const char *text = NULL;
    const char *what = NULL;
    printf("status: %s, %s\n", nlftp_status_name(status), nlftp_status_text(status));
    printf("error: %s\n", nlftp_last_error());
    if (nlftp_last_error_text(&text) == NLFTP_OK) {
        printf("text: %s\n", text);
    }
    if (nlftp_last_error_left_behind(&what) == NLFTP_OK) {
        printf("left: %s\n", what);
    }
}

static void log_in(nlftp_modem *modem, const char *password, const char *account, bool tls, nlftp_status expected)
{
    nlftp_login *login = NULL;
    CHECK_OK(nlftp_login_new("ftp.example.com", "user", password, &login));
    CHECK_OK(nlftp_login_set_account(login, account));
    CHECK_OK(nlftp_login_set_tls(login, tls));
    nlftp_status status = nlftp_ftp_open(modem, login, NULL);
    tell(status);
    CHECK(status == expected);
    CHECK_OK(nlftp_login_free(login));
}

int main(int argc, char **argv)
{
    CHECK(argc == 5);
    const char *password = argv[1];
    const char *account = argv[2];
    const char *access = argv[3];
    char user_data[] = "urc";
    char info_data[] = "info";
    char line[600];
    nlftp_sim_options *options = NULL;
    nlftp_sim *sim = NULL;
    const char *port = NULL;
    SIM_OK(nlftp_sim_options_new(&options));
    SIM_OK(nlftp_sim_options_set(options, "detached", "true"));
    SIM_OK(nlftp_sim_options_set(options, "apn-user", "user"));
    SIM_OK(nlftp_sim_options_set(options, "apn-password", access));
    SIM_OK(nlftp_sim_options_set(options, "user", "user"));
    SIM_OK(nlftp_sim_options_set(options, "password", password));
    SIM_OK(nlftp_sim_start(options, &sim));
    SIM_OK(nlftp_sim_options_free(options));
    SIM_OK(nlftp_sim_port(sim, &port));

    CHECK_OK(nlftp_set_log_callback(NLFTP_LOG_TRACE, on_log, NULL));
    nlftp_config *config = NULL;
    nlftp_modem *modem = NULL;
    char *address = NULL;
    CHECK_OK(nlftp_config_new(port, &config));
    CHECK_OK(nlftp_config_set_trace(config, argv[4]));
    CHECK_OK(nlftp_modem_new(config, &modem));
    CHECK_OK(nlftp_config_free(config));
    CHECK_OK(nlftp_modem_on_urc(modem, on_line, user_data));
    CHECK_OK(nlftp_modem_open(modem, NULL));
    CHECK_OK(nlftp_modem_command(modem, "ATE1", NULL, NULL));
    tell(nlftp_modem_attach_with_login(modem, "apn", "user", password, NULL, NULL));
    CHECK_OK(nlftp_modem_attach_with_login(modem, "apn", "user", access, &address, NULL));
    CHECK_OK(nlftp_string_free(address));

    log_in(modem, account, access, false, NLFTP_NOT_CONNECTED);
    log_in(modem, password, account, true, NLFTP_NOT_CONNECTED);
    sprintf(line, "%s\"", password);
    log_in(modem, line, account, false, NLFTP_INVALID_ARGUMENT);
    sprintf(line, "AT+CGAUTH=1,1,\"user\",\"%s\"", access);
    tell(nlftp_modem_command(modem, line, NULL, NULL));
    sprintf(line, "AT+FTPOPEN=\"h\",\"user\",\"%s\"\r", password);
    tell(nlftp_modem_command(modem, line, NULL, NULL));
    log_in(modem, password, account, false, NLFTP_OK);
    CHECK_OK(nlftp_ftp_on_info(modem, on_line, info_data, NULL));
    CHECK_OK(nlftp_ftp_noop(modem, NULL));
    tell(nlftp_ftp_cwd(modem, "nowhere", NULL));
    CHECK_OK(nlftp_ftp_close(modem, NULL));
    CHECK_OK(nlftp_modem_free(modem));
    CHECK_OK(nlftp_set_log_callback(NLFTP_LOG_OFF, NULL, NULL));
    SIM_OK(nlftp_sim_stop(sim));
    puts("all is well");
    return 0;
}
