//! The options that stand before or after any verb: port, network, limits, what is printed.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use nlftp_core::{Config, Dialect, FlowControl, PdpContext, limits};

use crate::args::dialect;
use crate::failure::Failure;
use crate::text;

/// Options that stand before or after any verb.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options for every verb")]
pub(crate) struct Global {
    /// The serial port that the modem answers on, such as /dev/ttyUSB2 [env: NLFTP_PORT]
    #[arg(short, long, global = true, value_name = "PORT")]
    port: Option<PathBuf>,
    /// Bits per second of the port [default: 115200]; for sim: the pace of its port [default: as fast as it goes]
    #[arg(short, long, global = true, value_name = "RATE", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) baud: Option<u32>,
    /// What holds a sender on the line back [default: none]
    #[arg(long, global = true, value_name = "HOW")]
    flow: Option<Flow>,
    /// Attach to the network with this access point name first
    #[arg(long, global = true, value_name = "NAME")]
    apn: Option<String>,
    /// The user name that the access point asks for
    #[arg(long, global = true, value_name = "NAME")]
    apn_user: Option<String>,
    /// Its password [env: NLFTP_APN_PASSWORD, which other users of this machine cannot read]
    #[arg(long, global = true, value_name = "PASSWORD")]
    apn_password: Option<OsString>,
    /// Where the firmware departs from the manual: tls-field=eighth|seventh, port-field=sixth|fifth
    #[arg(long, global = true, value_name = "NAME=VALUE,…", value_parser = dialect::parse)]
    dialect: Option<Dialect>,
    /// Longest wait for any one answer, and longest stall of a transfer (0.5, 30, …)
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,
    /// Longest wait for a port that was unplugged, or is yet to be plugged in [default: none]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    port_timeout: Option<Duration>,
    /// Longest time for each whole call, such as opening the port, logging in, or a transfer
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    deadline: Option<Duration>,
    /// Passive data connections, the default
    #[arg(long, global = true, conflicts_with = "active")]
    passive: bool,
    /// Active data connections
    #[arg(long, global = true)]
    pub(crate) active: bool,
    /// Record the traffic on the port in this file, passwords masked
    #[arg(long, global = true, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Print one JSON value, for results and for errors
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print no progress, no summary and no warning
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Print what the modem says unasked, and the FTP control connection's lines, on standard error
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

impl Global {
    /// The port from the option or the environment.
    pub(crate) fn port(&self) -> Result<PathBuf, Failure> {
        self.port
            .clone()
            .or_else(|| {
                std::env::var_os("NLFTP_PORT")
                    .filter(|port| !port.is_empty())
                    .map(PathBuf::from)
            })
            .ok_or_else(|| {
                Failure::invalid(
                    "no port is given: name it with -p or in NLFTP_PORT, such as -p /dev/ttyUSB2 \
                     (`nlftp sim` gives one without hardware)",
                )
            })
    }

    /// Whether the command line itself names a port; the environment does not count.
    pub(crate) fn names_port(&self) -> bool {
        self.port.is_some()
    }

    /// What the driver needs to know before it opens the port.
    pub(crate) fn config(&self) -> Config {
        let mut config = Config::default();
        if let Some(baud) = self.baud {
            config.baud_rate = baud;
        }
        config.flow_control = match self.flow {
            None | Some(Flow::None) => FlowControl::None,
            Some(Flow::Rtscts) => FlowControl::RtsCts,
            Some(Flow::Xonxoff) => FlowControl::XonXoff,
        };
        if let Some(timeout) = self.timeout {
            config.timeout = timeout;
            config.outcome_timeout = timeout;
            config.stall_timeout = timeout;
        }
        config.port_timeout = self.port_timeout.unwrap_or_default();
        config.deadline = self.deadline;
        config.trace = self.trace.clone();
        config.dialect = self.dialect.unwrap_or_default();
        config
    }

    /// The access point to attach to, where one is named: here, or as a verb's own argument.
    pub(crate) fn access_point(
        &self,
        of_verb: Option<&str>,
    ) -> Result<Option<PdpContext>, Failure> {
        let apn = match (of_verb, self.apn.as_deref()) {
            (Some(name), Some(other)) if name != other => {
                return Err(Failure::invalid(
                    "two different access point names are given: leave one of them out",
                ));
            }
            (of_verb, of_option) => of_verb.or(of_option),
        };
        let Some(apn) = apn else {
            if self.apn_user.is_some() || self.apn_password.is_some() {
                return Err(Failure::invalid(
                    "an access point's login is given, but no access point: name it with --apn",
                ));
            }
            return Ok(None);
        };
        if apn.is_empty() {
            return Err(Failure::invalid("the access point name is empty: give one"));
        }
        text::check("the access point name", apn.as_bytes(), limits::NAME)?;
        let context = PdpContext::new(apn);
        let Some(user) = &self.apn_user else {
            if self.apn_password.is_some() {
                return Err(Failure::invalid(
                    "the access point's password is given, but no user: name it with --apn-user",
                ));
            }
            return Ok(Some(context));
        };
        text::check(
            "the access point's user name",
            user.as_bytes(),
            limits::NAME,
        )?;
        let password = self
            .apn_password
            .clone()
            .or_else(|| std::env::var_os("NLFTP_APN_PASSWORD"))
            .unwrap_or_default();
        text::check(
            "the access point's password",
            password.as_bytes(),
            limits::NAME,
        )?;
        Ok(Some(context.with_login(user.as_str(), password.as_bytes())))
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Flow {
    None,
    Rtscts,
    Xonxoff,
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "not a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err("must be above 0".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::parse;

    #[test]
    fn options_stand_before_and_after_the_verb() {
        for line in [
            ["nlftp", "-p", "/dev/x", "--timeout", "1.5", "at", "AT"],
            ["nlftp", "at", "AT", "--timeout", "1.5", "-p", "/dev/x"],
        ] {
            let cli = parse(line).unwrap();
            assert_eq!(cli.global.port().unwrap(), PathBuf::from("/dev/x"));
            let config = cli.global.config();
            assert_eq!(config.timeout, Duration::from_millis(1500));
            assert_eq!(config.outcome_timeout, config.stall_timeout);
            assert_eq!(config.deadline, None);
        }
    }

    #[test]
    fn times_are_positive_decimal_numbers() {
        assert_eq!(seconds("0.25"), Ok(Duration::from_millis(250)));
        for bad in ["0", "-1", "x", "", "inf", "nan", "1e40"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_access_point_is_named_once() {
        let cli = parse(["nlftp", "--apn", "a", "at", "AT"]).unwrap();
        assert!(cli.global.access_point(None).unwrap().is_some());
        assert!(cli.global.access_point(Some("a")).unwrap().is_some());
        assert!(cli.global.access_point(Some("b")).is_err());
        let cli = parse(["nlftp", "at", "AT"]).unwrap();
        assert!(cli.global.access_point(None).unwrap().is_none());
        assert!(cli.global.access_point(Some("b")).unwrap().is_some());
    }
}
