//! Programs that compilers build with an installed library.

use super::consumer::{Consumer, answers, runs};
use super::elf;
use super::prefix::Prefix;
use super::support::Compiler;

/// C and C++ programs linked with the shared library, with the static one, and with nothing shared,
/// by these compilers.
pub fn link_in_every_way(prefix: &Prefix, c: &[String], cpp: &[String]) {
    let consumer = Consumer::new();
    for (compiler, source) in [(c, "main.c"), (cpp, "main.cpp")] {
        let object = consumer.compile(compiler, source, &prefix.include_flags());
        let program = consumer.link(compiler, &object, &prefix.link_flags(&["-lnlftp"]));
        uses_the_shared_library(&elf::dynamic(&program));
        runs(&program, Some(&prefix.lib()));

        let mut flags = prefix.link_flags(&["-l:libnlftp.a"]);
        flags.extend(prefix.private_libraries());
        let program = consumer.link(compiler, &object, &flags);
        needs_no_more_than_c(&elf::dynamic(&program), source.ends_with(".cpp"));
        runs(&program, None);

        flags.insert(0, "-static".to_owned());
        let program = consumer.link(compiler, &object, &flags);
        assert_eq!(elf::dynamic(&program).needed, [""; 0]);
        runs(&program, None);
    }
}

/// A program that uses the virtual modem of this prefix.
pub fn use_the_virtual_modem(prefix: &Prefix) {
    let consumer = Consumer::new();
    let compiler = Compiler::C.command();
    let object = consumer.compile(&compiler, "sim.c", &prefix.include_flags());
    let flags = prefix.link_flags(&["-lnlftp", "-lnlftp_sim"]);
    let program = consumer.link(&compiler, &object, &flags);
    answers(&program, Some(&prefix.lib()));
}

/// A program finds the library by its SONAME.
pub fn uses_the_shared_library(dynamic: &elf::Dynamic) {
    let needed = &dynamic.needed;
    assert!(needed.contains(&"libnlftp.so.0".into()), "{needed:?}");
}

/// The C library with its parts and its dynamic linker, and the unwinder; the standard library of
/// C++ with it.
pub fn needs_no_more_than_c(dynamic: &elf::Dynamic, cpp: bool) {
    const PARTS_OF_C: [&str; 7] = [
        "libc",
        "libm",
        "libgcc_s",
        "libpthread",
        "libdl",
        "librt",
        "libutil",
    ];
    for needed in &dynamic.needed {
        let name = needed.split(".so").next().unwrap();
        let of_c = PARTS_OF_C.contains(&name)
            || name.starts_with("ld-linux")
            || name.starts_with("ld64")
            || name.starts_with("libc.musl");
        assert!(
            of_c || (cpp && name == "libstdc++"),
            "{needed} is needed: {dynamic:?}"
        );
    }
}
