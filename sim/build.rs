//! The shared library's name for the dynamic linker: it changes when the functions change incompatibly.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libnlftp_sim.so.0");
}
