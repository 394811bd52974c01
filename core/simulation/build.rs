//! Puts a planted bug back into the driver's sources, as they are compiled here and nowhere else.

fn main() {
    println!("cargo::rerun-if-env-changed=NLFTP_PLANTED");
    if let Ok(name) = std::env::var("NLFTP_PLANTED") {
        println!("cargo::rustc-cfg=nlftp_planted=\"{name}\"");
        println!("cargo::rustc-env=NLFTP_PLANTED={name}");
    }
}
