//! What seeds have found and what was mended: each stays as a case.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use nlftp_simulation::run;
use nlftp_simulation::scenario::Scenario;

#[test]
fn every_case_ends_well() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut failures = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "case") {
            continue;
        }
        count += 1;
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let scenario =
            Scenario::parse(&std::fs::read_to_string(&path).unwrap()).unwrap_or_else(|error| {
                panic!("{name}: {error}");
            });
        failures.extend(
            run(&scenario)
                .failure
                .map(|failure| format!("{name}: {failure}")),
        );
    }
    assert!(count > 0);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
