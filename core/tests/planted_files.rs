//! What somebody else has put under the names of a download's part file and record is never followed, nor written to.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/part_files.rs"]
mod part_files;
#[path = "support/rig.rs"]
mod rig;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use nlftp_core::{ErrorKind, Via};
use part_files::{Here, cut, get, resuming};
use rig::{Rig, options, random};
use rustix::fs::{CWD, FileType, Mode, mknodat};

const BOTH: [Via; 2] = [Via::Stream, Via::Block];

/// Puts something that leads to `victim` under a name.
type Plant = fn(victim: &Path, at: &Path);

fn fifo(_: &Path, at: &Path) {
    mknodat(CWD, at, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

const PLANTS: [(&str, Plant); 5] = [
    ("symbolic link", |victim, at| symlink(victim, at).unwrap()),
    ("symbolic link", |_, at| symlink("/nowhere/x", at).unwrap()),
    ("no plain file", |victim, at| {
        fs::hard_link(victim, at).unwrap()
    }),
    ("no plain file", fifo),
    ("directory", |_, at| fs::create_dir(at).unwrap()),
];

#[test]
fn a_part_file_that_leads_elsewhere_is_refused_and_left() {
    let rig = Rig::new();
    fs::write(rig.remote("f"), random(100_000, 1)).unwrap();
    let (_modem, ftp) = rig.ftp();
    for (what, plant) in PLANTS {
        for resume in [false, true] {
            let here = Here::new();
            let victim = here.path("victim");
            fs::write(&victim, "precious").unwrap();
            plant(&victim, &here.part());
            let options = options(|o| o.resume = resume);
            let error = ftp.get("f", here.target().as_path(), options).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::LocalFile, "{error}");
            assert!(error.to_string().contains(what), "{error}");
            assert_eq!(fs::read(&victim).unwrap(), b"precious");
            assert!(fs::symlink_metadata(here.part()).is_ok(), "{what} is gone");
            assert!(!here.target().exists());
        }
    }
    ftp.noop().unwrap();
}

#[test]
fn a_record_that_leads_elsewhere_is_replaced_or_refused_and_never_followed() {
    let data = random(100_000, 2);
    let rig = Rig::new();
    fs::write(rig.remote("f"), &data).unwrap();
    let (_modem, ftp) = rig.ftp();
    for via in BOTH {
        for (what, plant) in PLANTS {
            let here = Here::new();
            let victim = here.path("victim");
            fs::write(&victim, "precious").unwrap();
            plant(&victim, &here.record());
            // With resume it is read; without it is removed first.
            let resumed = ftp.get("f", here.target().as_path(), resuming(via));
            match resumed {
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::LocalFile, "{error}");
                    let sentence = error.to_string();
                    assert!(sentence.contains("f.nlftp-part.record is"), "{error}");
                    assert!(!here.target().exists());
                }
                Ok(_) => panic!("{what} was taken for a record"),
            }
            assert_eq!(fs::read(&victim).unwrap(), b"precious");
            if what != "directory" {
                plant_anew(plant, &victim, &here);
                ftp.get("f", here.target().as_path(), options(|o| o.via = via))
                    .unwrap();
                assert!(fs::read(here.target()).unwrap() == data);
            }
            assert_eq!(fs::read(&victim).unwrap(), b"precious");
        }
    }
}

fn plant_anew(plant: Plant, victim: &Path, here: &Here) {
    let _ = fs::remove_file(here.record());
    plant(victim, &here.record());
}

#[test]
fn what_is_planted_while_a_download_is_cut_is_not_followed_either() {
    let data = random(part_files::SLACK + 300_000, 3);
    let rig = Rig::new();
    fs::write(rig.remote("f"), &data).unwrap();
    let (modem, ftp) = rig.ftp();
    let here = Here::new();
    cut(&ftp, &modem, &here, Via::Stream, 100_000);
    let victim = here.path("victim");
    fs::rename(here.part(), &victim).unwrap();
    let before = fs::read(&victim).unwrap();
    symlink(&victim, here.part()).unwrap();
    ftp.get("f", here.target().as_path(), resuming(Via::Stream))
        .unwrap_err();
    assert!(fs::read(&victim).unwrap() == before, "it was written to");
    // With the link gone there is nothing to go on with, and the file comes whole.
    fs::remove_file(here.part()).unwrap();
    fs::remove_file(&victim).unwrap();
    let done = get(&ftp, &here, Via::Stream);
    here.holds(&data);
    assert_eq!(done.resumed_from, 0);
}
