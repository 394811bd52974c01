//! What an ELF file says it needs.

use std::fs;
use std::path::Path;

use object::Endianness;
use object::elf;
use object::read::FileKind;
use object::read::elf::{Dyn, FileHeader};

/// The dynamic section of a program or shared library, as far as tests look at it.
#[derive(Debug, Default)]
pub struct Dynamic {
    /// The libraries that the dynamic linker loads with it.
    pub needed: Vec<String>,
    /// Its name in the programs that are linked with it.
    pub soname: Option<String>,
    /// Where it makes the dynamic linker search.
    pub search_path: Option<String>,
    /// Whether its code is changed when it is loaded, and so not shared.
    pub text_relocations: bool,
}

/// The dynamic section of a file; an empty one for a static program.
pub fn dynamic(path: &Path) -> Dynamic {
    let data = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    match FileKind::parse(&*data).unwrap() {
        FileKind::Elf32 => read::<elf::FileHeader32<Endianness>>(&data),
        FileKind::Elf64 => read::<elf::FileHeader64<Endianness>>(&data),
        other => panic!("{} is {other:?}", path.display()),
    }
}

fn read<Elf: FileHeader<Endian = Endianness>>(data: &[u8]) -> Dynamic {
    let header = Elf::parse(data).unwrap();
    let endian = header.endian().unwrap();
    let sections = header.sections(endian, data).unwrap();
    let mut found = Dynamic::default();
    let Some((entries, link)) = sections.dynamic(endian, data).unwrap() else {
        return found;
    };
    let strings = sections.strings(endian, data, link).unwrap();
    for entry in entries {
        let text = || String::from_utf8(entry.string(endian, strings).unwrap().to_vec()).unwrap();
        match entry.tag(endian) {
            elf::DT_NEEDED => found.needed.push(text()),
            elf::DT_SONAME => found.soname = Some(text()),
            elf::DT_RPATH | elf::DT_RUNPATH => found.search_path = Some(text()),
            elf::DT_TEXTREL => found.text_relocations = true,
            _ => {}
        }
    }
    found
}
