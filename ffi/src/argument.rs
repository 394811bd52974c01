//! The arguments of C: pointers that may be NULL, texts that may be anything. Each is checked before it is used, and
//! named where it is refused.

// C hands over raw pointers: they are read and written here and in `handle`.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char};

use crate::error::{Failure, Outcome};

/// An argument with its name.
#[derive(Clone, Copy)]
pub(crate) struct Arg<P> {
    value: P,
    name: &'static str,
}

/// Makes an argument of a parameter of a function of C.
macro_rules! arg {
    ($parameter:ident) => {{
        // SAFETY: whoever calls the library keeps to its header: a pointer is NULL, or leads to what the parameter
        // says, for as long as the call lasts.
        #[allow(unused_unsafe, reason = "the macro may stand in an unsafe block")]
        let argument = unsafe { $crate::argument::Arg::new($parameter, stringify!($parameter)) };
        argument
    }};
}
pub(crate) use arg;

impl<P> Arg<P> {
    /// # Safety
    /// A pointer is NULL, or leads to what its type says, for as long as this argument and what is made of it is used.
    pub(crate) unsafe fn new(value: P, name: &'static str) -> Arg<P> {
        Arg { value, name }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    fn null(&self) -> Failure {
        null(self.name)
    }
}

impl<T> Arg<*mut T> {
    pub(crate) fn pointer(&self) -> *mut T {
        self.value
    }

    pub(crate) fn is_null(&self) -> bool {
        self.value.is_null()
    }

    pub(crate) fn as_const(self) -> Arg<*const T> {
        Arg {
            value: self.value,
            name: self.name,
        }
    }

    /// Where a result goes.
    pub(crate) fn out(self) -> Outcome<Out<T>> {
        self.optional_out()?.ok_or_else(|| self.null())
    }

    /// The same, where NULL says that it is not wanted.
    pub(crate) fn optional_out(&self) -> Outcome<Option<Out<T>>> {
        if self.value.is_null() {
            return Ok(None);
        }
        aligned(self.value, self.name)?;
        Ok(Some(Out(self.value)))
    }
}

impl<T> Arg<*const T> {
    /// The pointer, which is neither NULL nor at an address where no T can be.
    pub(crate) fn present(&self) -> Outcome<*const T> {
        if self.value.is_null() {
            return Err(self.null());
        }
        aligned(self.value, self.name)?;
        Ok(self.value)
    }

    pub(crate) fn is_null(&self) -> bool {
        self.value.is_null()
    }
}

// What all types of arguments share is made once.

fn null(name: &str) -> Failure {
    Failure::invalid(format!("{name} is NULL"))
}

fn out_of_line(name: &str) -> Failure {
    Failure::invalid(format!("{name} is no valid address: it is not aligned"))
}

fn aligned<T>(pointer: *const T, name: &str) -> Outcome {
    if pointer.is_aligned() {
        Ok(())
    } else {
        Err(out_of_line(name))
    }
}

/// Functions of the program's: NULL is `None`.
impl<F: Copy> Arg<Option<F>> {
    pub(crate) fn function(&self) -> Outcome<F> {
        self.value.ok_or_else(|| self.null())
    }
}

impl<'a> Arg<*const c_char> {
    /// The octets of a text, without the NUL at its end.
    pub(crate) fn octets(&self) -> Outcome<&'a [u8]> {
        self.optional_octets()?.ok_or_else(|| self.null())
    }

    /// The same, where NULL is allowed.
    pub(crate) fn optional_octets(&self) -> Outcome<Option<&'a [u8]>> {
        if self.value.is_null() {
            return Ok(None);
        }
        // SAFETY: not NULL, and a NUL-terminated text by the promise that this argument was made with.
        Ok(Some(unsafe { CStr::from_ptr(self.value) }.to_bytes()))
    }

    /// A text that has to be UTF-8.
    pub(crate) fn text(&self) -> Outcome<&'a str> {
        let octets = self.octets()?;
        std::str::from_utf8(octets).map_err(|error| {
            Failure::invalid(format!(
                "{} is not UTF-8 from octet {} on",
                self.name,
                error.valid_up_to()
            ))
        })
    }
}

/// Memory of the program's: an address and a size that a file can be moved from or to.
pub(crate) fn memory<T>(pointer: Arg<*const T>, size: usize) -> Outcome {
    if size > 0 && pointer.is_null() {
        return Err(Failure::invalid(format!(
            "{} is NULL, but its size is {size}",
            pointer.name
        )));
    }
    // What no object can have: pointers into it could not be told apart.
    if isize::try_from(size).is_err() || pointer.value.addr().checked_add(size).is_none() {
        return Err(Failure::invalid(format!(
            "{} cannot have {size} bytes: no memory is that large",
            pointer.name
        )));
    }
    Ok(())
}

/// A place for a result, which is written only where a call succeeds.
pub(crate) struct Out<T>(*mut T);

impl<T> Out<T> {
    pub(crate) fn write(self, value: T) {
        // SAFETY: made of an argument that is neither NULL nor out of line, where a T can be written by the promise
        // that it was made with.
        unsafe { self.0.write(value) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr;

    #[test]
    fn a_place_is_checked_before_it_is_written() {
        let mut place = [0u64; 2];
        let number = place.as_mut_ptr();
        arg!(number).out().ok().unwrap().write(7);
        assert_eq!(place[0], 7);
        let number: *mut u64 = place.as_mut_ptr().wrapping_byte_add(3);
        let failure = arg!(number).out().err().unwrap();
        assert!(
            failure.message.contains("number is no valid address"),
            "{}",
            failure.message
        );
        let number: *mut u64 = ptr::null_mut();
        assert!(arg!(number).optional_out().ok().unwrap().is_none());
        assert_eq!(arg!(number).out().err().unwrap().message, "number is NULL");
    }

    #[test]
    fn texts_are_octets_or_utf8() {
        let host = c"f\xfftp".as_ptr();
        assert_eq!(arg!(host).octets().unwrap(), b"f\xfftp");
        assert_eq!(
            arg!(host).text().unwrap_err().message,
            "host is not UTF-8 from octet 1 on"
        );
        let host = c"ftp".as_ptr();
        assert_eq!(arg!(host).text().unwrap(), "ftp");
        let host = ptr::null();
        assert_eq!(arg!(host).text().unwrap_err().message, "host is NULL");
        assert!(arg!(host).optional_octets().unwrap().is_none());
    }

    #[test]
    fn memory_is_as_large_as_memory_can_be() {
        let bytes = [0u8; 4];
        let data = bytes.as_ptr();
        assert!(memory(arg!(data), 4).is_ok());
        assert!(memory(arg!(data), 0).is_ok());
        assert!(memory(arg!(data), usize::MAX).is_err());
        assert!(memory(arg!(data), isize::MAX as usize + 1).is_err());
        let data: *const u8 = ptr::null();
        assert!(memory(arg!(data), 0).is_ok());
        assert_eq!(
            memory(arg!(data), 1).unwrap_err().message,
            "data is NULL, but its size is 1"
        );
    }
}
