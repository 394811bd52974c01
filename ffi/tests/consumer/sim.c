/* A test of somebody else's: opens the port of a virtual modem that it starts itself, and sends it a command. */
#include <stdio.h>

#include <nlftp.h>
#include <nlftp_sim.h>

static int failed(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    return 1;
}

int main(void)
{
    nlftp_sim *sim = NULL;
    nlftp_config *config = NULL;
    nlftp_modem *modem = NULL;
    const char *port = NULL;
    size_t commands = 0;

    if (nlftp_sim_start(NULL, &sim) != NLFTP_SIM_OK || nlftp_sim_port(sim, &port) != NLFTP_SIM_OK) {
        return failed("virtual modem", nlftp_sim_last_error());
    }
    if (nlftp_config_new(port, &config) != NLFTP_OK || nlftp_modem_new(config, &modem) != NLFTP_OK ||
        nlftp_modem_open(modem, NULL) != NLFTP_OK || nlftp_modem_command(modem, "AT", NULL, NULL) != NLFTP_OK) {
        return failed("modem", nlftp_last_error());
    }
    nlftp_modem_free(modem);
    nlftp_config_free(config);
    if (nlftp_sim_command_count(sim, &commands) != NLFTP_SIM_OK) {
        return failed("virtual modem", nlftp_sim_last_error());
    }
    printf("%s\n", commands > 0 ? "answered" : "no command arrived");
    nlftp_sim_stop(sim);
    return 0;
}
