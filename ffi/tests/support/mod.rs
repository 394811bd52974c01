//! Builds C and C++ programs against the library of this very build, and runs them.
// Each test program uses its own part of this.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::collections::hash_map::DefaultHasher;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use nlftp_vmodem::server::{FtpServer, ServerOptions};
use nlftp_vmodem::{ModemConfig, Options, VirtualModem};

/// How long a program may run: no test waits for it, it only ends one that hangs.
const HANG: Duration = Duration::from_secs(120);
/// What a static Rust library needs on Linux (`rustc --print native-static-libs`).
pub const STATIC_LIBS: &[&str] = &[
    "-lgcc_s",
    "-lutil",
    "-lrt",
    "-lpthread",
    "-lm",
    "-ldl",
    "-lc",
];
/// What every program here is compiled with; flags of the caller stand behind them and may take one back.
pub const WARNINGS: &[&str] = &["-g", "-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// The language, and so the compiler: `$CC` or cc, `$CXX` or c++.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compiler {
    /// C99, if no flag says otherwise.
    C,
    /// C++17, if no flag says otherwise.
    Cpp,
}

/// Which libnlftp a program gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Link {
    /// libnlftp.so, found again at run time by its SONAME.
    Shared,
    /// libnlftp.a with all that it needs.
    Static,
}

impl Compiler {
    /// The command of this compiler: a program and perhaps its first arguments.
    pub fn command(self) -> Vec<String> {
        let (variable, default) = match self {
            Compiler::C => ("CC", "cc"),
            Compiler::Cpp => ("CXX", "c++"),
        };
        let set = env::var(variable).unwrap_or_default();
        let words: Vec<String> = set.split_whitespace().map(str::to_owned).collect();
        if words.is_empty() {
            vec![default.to_owned()]
        } else {
            words
        }
    }

    fn standard(self) -> &'static str {
        match self {
            Compiler::C => "-std=c99",
            Compiler::Cpp => "-std=c++17",
        }
    }
}

/// The root of the repository.
pub fn repository() -> PathBuf {
    let crate_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_dir.parent().unwrap().to_owned()
}

/// The folder of nlftp.h, nlftp.hpp and nlftp_sim.h.
pub fn include_dir() -> PathBuf {
    repository().join("include")
}

/// A file of this folder of tests.
pub fn test_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name)
}

/// The program of that name: from the folder of fetched tools (`NLFTP_TOOLS`, else target/tools) or from PATH.
pub fn tool(name: &str) -> Option<PathBuf> {
    let tools = env::var_os("NLFTP_TOOLS").map_or_else(|| "target/tools".into(), PathBuf::from);
    let fetched = repository().join(tools).join("bin");
    let path = env::var_os("PATH").unwrap_or_default();
    std::iter::once(fetched)
        .chain(env::split_paths(&path))
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// Where programs are built. Files in it are replaced as a whole, so that tests in parallel do not see halves.
pub fn build_dir() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| {
        // One for each profile: their libraries are not the same.
        let profile = if cfg!(debug_assertions) {
            "debug"
        } else {
            "release"
        };
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("nlftp-ffi")
            .join(profile);
        fs::create_dir_all(&dir).unwrap();
        dir
    })
}

/// A name in `build_dir` that no other test uses.
fn unique(name: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    build_dir().join(format!("{name}.{}.{count}", std::process::id()))
}

/// A file that cargo built for this test program: beside it, or where the results of a build are put.
fn built(matches: impl Fn(&str) -> bool) -> Option<PathBuf> {
    let program = env::current_exe().unwrap();
    let deps = program.parent().unwrap();
    for folder in [deps, deps.parent().unwrap()] {
        // A name with a hash may be there from builds before: the newest is this one's.
        let newest = fs::read_dir(folder)
            .unwrap()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_name().to_str().is_some_and(&matches))
            .max_by_key(|entry| entry.metadata().and_then(|data| data.modified()).ok());
        if let Some(found) = newest {
            return Some(found.path());
        }
    }
    None
}

/// The file `libnlftp.so`, `libnlftp.a` or `libnlftp_sim.so` of this build.
pub fn library(file: &str) -> Option<PathBuf> {
    let (stem, extension) = file.rsplit_once('.').unwrap();
    built(|name| name == file).or_else(|| {
        built(|name| {
            name.strip_prefix(stem)
                .is_some_and(|rest| rest.starts_with('-') && rest.ends_with(extension))
        })
    })
}

/// A folder with this build's libraries under the names that linkers and loaders look for.
pub fn lib_dir() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| {
        let dir = build_dir().join("lib");
        fs::create_dir_all(&dir).unwrap();
        for (file, names) in [
            ("libnlftp.so", &["libnlftp.so", "libnlftp.so.0"][..]),
            ("libnlftp.a", &["libnlftp.a"]),
            ("libnlftp_sim.so", &["libnlftp_sim.so", "libnlftp_sim.so.0"]),
        ] {
            let Some(path) = library(file) else {
                // The virtual modem's library is there only where it is among the dev-dependencies.
                assert!(file.contains("sim"), "cargo did not build {file}");
                continue;
            };
            for name in names {
                let link = unique(name);
                std::os::unix::fs::symlink(&path, &link).unwrap();
                fs::rename(link, dir.join(name)).unwrap();
            }
        }
        dir
    })
}

/// Compiles and links a program; what the compiler says is the failure. `-lnlftp_sim` may stand among the flags.
pub fn compile<S: AsRef<Path>>(
    compiler: Compiler,
    sources: &[S],
    flags: &[&str],
    link: Link,
) -> PathBuf {
    compile_with(&compiler.command(), compiler, sources, flags, link)
}

/// As `compile`, with a compiler of choice.
pub fn compile_with<S: AsRef<Path>>(
    command: &[String],
    compiler: Compiler,
    sources: &[S],
    flags: &[&str],
    link: Link,
) -> PathBuf {
    let sources: Vec<&Path> = sources.iter().map(AsRef::as_ref).collect();
    let name = sources[0].file_stem().unwrap().to_str().unwrap().to_owned();
    let mut arguments: Vec<String> = vec![compiler.standard().into()];
    arguments.extend(WARNINGS.iter().map(|&flag| flag.into()));
    arguments.push(format!("-I{}", include_dir().display()));
    arguments.extend(sources.iter().map(|source| source.display().to_string()));
    arguments.extend(flags.iter().map(|&flag| flag.into()));
    let lib = lib_dir().display();
    arguments.push(format!("-L{lib}"));
    arguments.push(format!("-Wl,-rpath,{lib}"));
    match link {
        Link::Shared => arguments.push("-lnlftp".into()),
        Link::Static => {
            arguments.push(format!("{lib}/libnlftp.a"));
            arguments.extend(STATIC_LIBS.iter().map(|&flag| flag.into()));
        }
    }
    let mut hasher = DefaultHasher::new();
    (command, &arguments).hash(&mut hasher);
    let program = build_dir().join(format!("{name}-{:016x}", hasher.finish()));
    if is_up_to_date(&program, &sources) {
        return program;
    }
    let fresh = unique(&name);
    let output = Command::new(&command[0])
        .args(&command[1..])
        .args(&arguments)
        .arg("-o")
        .arg(&fresh)
        .output()
        .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    assert!(
        output.status.success(),
        "{command:?} {arguments:?}:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    fs::rename(fresh, &program).unwrap();
    program
}

/// Whether that program was made of what is there now: every test is a process of its own and would build it again.
fn is_up_to_date(program: &Path, sources: &[&Path]) -> bool {
    let mut inputs = files_below(&include_dir());
    inputs.extend(files_below(lib_dir()));
    for source in sources {
        inputs.push(source.to_path_buf());
        let beside = fs::read_dir(source.parent().unwrap()).unwrap();
        let beside = beside.map(|entry| entry.unwrap().path());
        inputs.extend(beside.filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "h" || extension == "hpp")
        }));
    }
    // Of the file that a link leads to.
    let changed = |path: &PathBuf| fs::metadata(path).and_then(|data| data.modified()).ok();
    let made = changed(&program.to_path_buf());
    made.is_some() && inputs.iter().all(|input| changed(input) < made)
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// Runs a program to its end. One that hangs is killed, and the test fails with what it printed until then.
pub fn run<A: AsRef<OsStr>>(
    program: &Path,
    args: &[A],
    env: &[(&str, &str)],
    stdin: &[u8],
) -> Output {
    run_for(HANG, program, args, env, stdin)
}

/// As `run`, with another limit.
pub fn run_for<A: AsRef<OsStr>>(
    limit: Duration,
    program: &Path,
    args: &[A],
    env: &[(&str, &str)],
    stdin: &[u8],
) -> Output {
    let deadline = Instant::now() + limit;
    let mut child = Command::new(program)
        .args(args)
        .envs(env.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()));
    let mut input = child.stdin.take().unwrap();
    let bytes = stdin.to_vec();
    // A program that does not read all of it is its own business.
    thread::spawn(move || input.write_all(&bytes));
    let (sender, ends) = mpsc::channel();
    let stdout = collect(child.stdout.take().unwrap(), sender.clone());
    let stderr = collect(child.stderr.take().unwrap(), sender);
    let left = || deadline.saturating_duration_since(Instant::now());
    let ended = (0..2).all(|_| ends.recv_timeout(left()).is_ok());
    let status = ended.then(|| wait_until(&mut child, deadline)).flatten();
    let output = |status| Output {
        status,
        stdout: stdout.lock().unwrap().clone(),
        stderr: stderr.lock().unwrap().clone(),
    };
    let Some(status) = status else {
        child.kill().unwrap();
        let output = output(child.wait().unwrap());
        panic!("{} hangs: {}", program.display(), text(&output));
    };
    output(status)
}

fn wait_until(child: &mut Child, deadline: Instant) -> Option<std::process::ExitStatus> {
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if Instant::now() >= deadline {
            return None;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Reads to the end in a thread, which `ends` hears of.
fn collect(mut from: impl Read + Send + 'static, ends: mpsc::Sender<()>) -> Arc<Mutex<Vec<u8>>> {
    let bytes = Arc::new(Mutex::new(Vec::new()));
    let all = bytes.clone();
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        loop {
            match from.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(count) if count > 0 => {
                    all.lock().unwrap().extend_from_slice(&buffer[..count]);
                }
                _ => break,
            }
        }
        ends.send(()).ok();
    });
    bytes
}

/// All that a program printed, for messages.
pub fn text(output: &Output) -> String {
    format!(
        "{}\n-- standard output\n{}\n-- standard error\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Fails unless the program ended well; gives its standard output.
pub fn expect_success(output: &Output) -> String {
    assert!(output.status.success(), "{}", text(output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A virtual modem with its FTP server, for a program that is told where it is.
pub struct Rig {
    /// The FTP server.
    pub server: FtpServer,
    /// The modem, which reaches that server under every host name.
    pub vmodem: VirtualModem,
}

impl Rig {
    /// The plainest: the manual's dialect, no pacing.
    pub fn new() -> Rig {
        Rig::with(|_| ())
    }

    /// A modem that differs by `change`.
    pub fn with(change: impl FnOnce(&mut ModemConfig)) -> Rig {
        let server = FtpServer::start(ServerOptions::default()).unwrap();
        let mut modem = ModemConfig::default();
        change(&mut modem);
        let vmodem = VirtualModem::start(Options {
            modem,
            route: Some(server.address()),
            ..Options::default()
        })
        .unwrap();
        Rig { server, vmodem }
    }

    /// Port, host, user, password and the server's folder, in this order.
    pub fn args(&self) -> Vec<String> {
        vec![
            self.vmodem.port().to_str().unwrap().to_owned(),
            "ftp.example.com".to_owned(),
            self.server.user().to_owned(),
            self.server.password().to_owned(),
            self.server.root().to_str().unwrap().to_owned(),
        ]
    }
}
