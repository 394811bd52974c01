//! Configurations and command lines of the servers, each for one user, one folder and a range of
//! ports.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::certificates::Issued;
use super::{open_to_all, servers_folder};

const USER: &str = "tester";
pub(super) const PASSWORD: &str = "over-the-air";
/// PASSWORD as crypt(3) has it, SHA-256, so that no tool is needed to make it.
const PASSWORD_CRYPT: &str = "$5$enFKb4fmgDAWksr0$XkNzxTwJmD2afSQOSKMerv9AMm64s0q92YXNxYQAjC8";

/// A server of one user; root folder, ports, user, password, kind of TLS and its certificate are
/// its arguments. It has no implicit TLS of its own, but lets itself be taught.
const PYFTPDLIB: &str = "
import sys
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.servers import ThreadedFTPServer

root, port, low, high, user, password, tls, certificate = sys.argv[1:]


class Handler(TLS_FTPHandler if tls else FTPHandler):
    authorizer = DummyAuthorizer()
    passive_ports = range(int(low), int(high) + 1)
    certfile = certificate
    tls_control_required = True
    tls_data_required = True

    def handle(self):
        if tls == 'implicit':
            self.secure_connection(self.get_ssl_context())
        else:
            super().handle()

    def handle_ssl_established(self):
        if tls == 'implicit':
            super().handle()


Handler.authorizer.add_user(user, password, root, perm='elradfmwMT')
ThreadedFTPServer(('127.0.0.1', int(port)), Handler).serve_forever()
";

/// What the servers' configurations are made of.
pub(super) struct Setup<'a> {
    pub(super) program: PathBuf,
    pub(super) folder: &'a Path,
    pub(super) root: &'a Path,
    pub(super) port: u16,
    pub(super) passive: (u16, u16),
    pub(super) is_superuser: bool,
    /// The certificate, and whether TLS is implicit.
    pub(super) tls: Option<(TlsFiles, bool)>,
}

/// A certificate and its key, in files of their own and both in one.
pub(super) struct TlsFiles {
    certificate: PathBuf,
    key: PathBuf,
    both: PathBuf,
}

impl TlsFiles {
    pub(super) fn write(folder: &Path, issued: &Issued) -> io::Result<TlsFiles> {
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::write(&path, text)?;
            open_to_all(&path, 0o600)?;
            Ok::<_, io::Error>(path)
        };
        Ok(TlsFiles {
            certificate: write("certificate.pem", &issued.certificate)?,
            key: write("key.pem", &issued.key)?,
            both: write("both.pem", &format!("{}{}", issued.key, issued.certificate))?,
        })
    }
}

/// Command line, user, remote folder.
pub(super) type Started = (Vec<String>, &'static str, String);

impl Setup<'_> {
    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// `sh` runs it from another folder: the program's path has to be absolute.
    fn program(&self) -> io::Result<String> {
        Ok(self.program.canonicalize()?.display().to_string())
    }

    /// Anonymous users only: they need no account on this machine. Their root may not be
    /// writable, so they work in a folder in it.
    pub(super) fn vsftpd(&self) -> io::Result<Started> {
        let (low, high) = self.passive;
        let anonymous_root = self.folder.display();
        let rights = if self.is_superuser {
            let empty = self.path("empty");
            fs::create_dir(&empty)?;
            format!("nopriv_user=nobody\nsecure_chroot_dir={empty}\n")
        } else {
            String::from("run_as_launching_user=YES\none_process_model=YES\n")
        };
        let tls = match &self.tls {
            None => String::new(),
            Some((files, implicit)) => format!(
                "ssl_enable=YES\nallow_anon_ssl=YES\nforce_anon_logins_ssl=YES\n\
                 force_anon_data_ssl=YES\nrequire_ssl_reuse=YES\nssl_ciphers=HIGH\n\
                 rsa_cert_file={}\nrsa_private_key_file={}\nimplicit_ssl={}\n",
                files.certificate.display(),
                files.key.display(),
                if *implicit { "YES" } else { "NO" }
            ),
        };
        let port = self.port;
        let text = format!(
            "listen=YES\nlisten_ipv6=NO\nlisten_address=127.0.0.1\nlisten_port={port}\n\
             background=NO\nlocal_enable=NO\nanonymous_enable=YES\nwrite_enable=YES\n\
             anon_root={anonymous_root}\nanon_upload_enable=YES\nanon_mkdir_write_enable=YES\n\
             anon_other_write_enable=YES\nanon_world_readable_only=NO\nanon_umask=022\n\
             ftp_username=daemon\n\
             pasv_address=127.0.0.1\npasv_min_port={low}\npasv_max_port={high}\n\
             connect_from_port_20=NO\nascii_upload_enable=YES\nascii_download_enable=YES\n\
             seccomp_sandbox=NO\nxferlog_enable=NO\n{rights}{tls}"
        );
        let configuration = self.path("vsftpd.conf");
        fs::write(&configuration, text)?;
        // It refuses a configuration that others may write.
        open_to_all(Path::new(&configuration), 0o644)?;
        Ok((
            vec![self.program()?, configuration],
            "anonymous",
            String::from("/files"),
        ))
    }

    pub(super) fn proftpd(&self) -> io::Result<Started> {
        let (low, high) = self.passive;
        let port = self.port;
        let root = self.root.display();
        let [pid, board, users, auth_log] =
            ["proftpd.pid", "scoreboard", "users", "system.log"].map(|name| self.path(name));
        let metadata = fs::metadata(self.root)?;
        let (uid, gid) = match self.is_superuser {
            true => (65_534, 65_534),
            false => (metadata.uid(), metadata.gid()),
        };
        // Without rights it cannot change its root or its user.
        let rights = match self.is_superuser {
            true => "User nobody\nGroup nogroup\nDefaultRoot ~\n",
            false => "",
        };
        fs::write(
            &users,
            format!("{USER}:{PASSWORD_CRYPT}:{uid}:{gid}::{root}:/bin/false\n"),
        )?;
        open_to_all(Path::new(&users), 0o640)?;
        let text = format!(
            "ServerType standalone\nDefaultAddress 127.0.0.1\nSocketBindTight on\nPort {port}\n\
             UseIPv6 off\nUseReverseDNS off\nPidFile {pid}\nScoreboardFile {board}\n\
             SystemLog {auth_log}\nDelayEngine off\nWtmpLog off\nTransferLog none\n\
             AuthOrder mod_auth_file.c\nAuthUserFile {users}\nRequireValidShell off\n\
             PassivePorts {low} {high}\nAllowOverwrite on\nAllowStoreRestart on\n\
             AllowRetrieveRestart on\n{rights}"
        );
        let tls = match &self.tls {
            None => String::new(),
            Some((files, implicit)) => format!(
                "ModulePath {}\nLoadModule mod_tls.c\nTLSEngine on\nTLSRequired on\n\
                 TLSLog {}\nTLSECCertificateFile {}\nTLSECCertificateKeyFile {}\n{}",
                self.program()?.replace("sbin/proftpd", "lib/proftpd"),
                self.path("tls.log"),
                files.certificate.display(),
                files.key.display(),
                if *implicit {
                    "TLSOptions UseImplicitSSL\n"
                } else {
                    ""
                }
            ),
        };
        let configuration = self.path("proftpd.conf");
        fs::write(&configuration, text + &tls)?;
        let arguments = ["-n", "-c", &configuration].map(String::from);
        let command = [vec![self.program()?], arguments.to_vec()].concat();
        let remote = if self.is_superuser {
            String::from("/")
        } else {
            root.to_string()
        };
        Ok((command, USER, remote))
    }

    pub(super) fn pure_ftpd(&self) -> io::Result<Started> {
        if !self.is_superuser {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "pure-ftpd changes its root folder, which only root may",
            ));
        }
        let [users, database, pid] =
            ["users", "users.pdb", "pure-ftpd.pid"].map(|name| self.path(name));
        // The fields after the home are limits, all empty.
        let root = self.root.display();
        fs::write(
            &users,
            format!("{USER}:{PASSWORD_CRYPT}:65534:65534::{root}/./::::::::::::\n"),
        )?;
        let tool = servers_folder().join("pureftpd/usr/bin/pure-pw");
        let made = Command::new(tool)
            .args(["mkdb", &database, "-f", &users])
            .output()?;
        if !made.status.success() {
            let told = String::from_utf8_lossy(&made.stderr).into_owned();
            return Err(io::Error::other(format!("pure-pw: {told}")));
        }
        let (low, high) = self.passive;
        let listen = format!("127.0.0.1,{}", self.port);
        let login = format!("puredb:{database}");
        let passive = format!("{low}:{high}");
        // -A and -E: no way out of the home, no anonymous users. -H: no name look-ups. -u: the
        // lowest user id that may log in. -c, -C: clients, clients of one address. -I: minutes.
        let tls = match &self.tls {
            None => Vec::new(),
            Some((_, true)) => {
                return Err(io::Error::new(
                    io::ErrorKind::Unsupported,
                    "pure-ftpd has TLS by AUTH only",
                ));
            }
            // -Y 2: neither names and passwords nor data in clear.
            Some((files, false)) => {
                let both = files.both.display().to_string();
                ["-Y", "2", "-2", &both].map(String::from).to_vec()
            }
        };
        let command = [
            &self.program()?,
            "-S",
            &listen,
            "-l",
            &login,
            "-p",
            &passive,
            "-A",
            "-E",
            "-H",
            "-u",
            "1",
            "-c",
            "20",
            "-C",
            "20",
            "-I",
            "5",
            "-P",
            "127.0.0.1",
            "-g",
            &pid,
            "-4",
        ];
        let command = [command.map(String::from).to_vec(), tls].concat();
        Ok((command, USER, String::from("/")))
    }

    pub(super) fn pyftpdlib(&self) -> Started {
        let (low, high) = self.passive;
        // Not canonical: a virtual environment is known by the path of its interpreter.
        let program = self.program.display().to_string();
        let root = self.root.display().to_string();
        let numbers = [self.port, low, high].map(|number| number.to_string());
        let mut command = vec![program, String::from("-c"), String::from(PYFTPDLIB), root];
        command.extend(numbers);
        let (tls, certificate) = match &self.tls {
            None => ("", String::new()),
            Some((files, true)) => ("implicit", files.both.display().to_string()),
            Some((files, false)) => ("explicit", files.both.display().to_string()),
        };
        command.extend([USER, PASSWORD, tls, &certificate].map(String::from));
        (command, USER, String::from("/"))
    }
}
