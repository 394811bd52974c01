//! The library of this build: its symbols, and its name for the dynamic linker.

use std::collections::BTreeSet;
use std::fs;

use object::elf::DT_SONAME;
use object::read::elf::{ElfFile, FileHeader};
use object::{Object, ObjectSymbol, elf};

use crate::support;

#[cfg(target_pointer_width = "64")]
type Header = elf::FileHeader64<object::Endianness>;
#[cfg(target_pointer_width = "32")]
type Header = elf::FileHeader32<object::Endianness>;

fn with<T>(look: impl FnOnce(&ElfFile<'_, Header>) -> T) -> T
where
    Header: FileHeader,
{
    let path = support::library("libnlftp.so").unwrap();
    let bytes = fs::read(path).unwrap();
    look(&ElfFile::parse(&*bytes).unwrap())
}

/// The names of all symbols that a program can be linked with.
pub fn exported() -> BTreeSet<String> {
    with(|library| {
        let symbols = library.dynamic_symbols();
        let defined = symbols.filter(|symbol| !symbol.is_undefined());
        defined
            .map(|symbol| symbol.name().unwrap().to_owned())
            .collect()
    })
}

/// What programs that are linked with it ask for.
pub fn soname() -> String {
    with(|library| {
        let dynamic = library.elf_dynamic_table().unwrap();
        let soname = dynamic.iter().find(|entry| entry.tag == DT_SONAME).unwrap();
        String::from_utf8(dynamic.string(soname).unwrap().to_vec()).unwrap()
    })
}
