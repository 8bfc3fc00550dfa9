//! One serialised object of Java, passed over: secret keys stand like that between the certificates of a JCEKS store.
//!
//! The stream says the layout of its objects before them (Object Serialization Stream Protocol, chapter 6). Only what a
//! sealed object consists of is known here: objects, strings, arrays of bytes, and references back.

use crate::expiry::limits::NESTING_MAX;

const HEADER: &[u8] = &[0xAC, 0xED, 0, 5];
const NULL: u8 = 0x70;
const REFERENCE: u8 = 0x71;
const CLASS: u8 = 0x72;
const OBJECT: u8 = 0x73;
const STRING: u8 = 0x74;
const ARRAY: u8 = 0x75;
const END: u8 = 0x78;
/// The first number that a reference may have.
const HANDLES: u32 = 0x7E_0000;

/// The fields of a class, as one letter each, and its number of the class above.
#[derive(Clone)]
struct Layout {
    fields: Vec<u8>,
    above: Option<usize>,
}

struct Stream<'a, 'b> {
    rest: &'b mut &'a [u8],
    /// What has a number, in order; classes with their layout.
    numbered: Vec<Option<Layout>>,
    depth: usize,
}

/// Passes over an object, header and all; `None` when it is of another kind or cut off.
pub(super) fn object(rest: &mut &[u8]) -> Option<()> {
    *rest = rest.strip_prefix(HEADER)?;
    let mut stream = Stream { rest, numbered: Vec::new(), depth: 0 };
    stream.value()
}

impl<'a> Stream<'a, '_> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        *self.rest = rest;
        Some(taken)
    }

    fn number(&mut self, count: usize) -> Option<u32> {
        Some(self.bytes(count)?.iter().fold(0, |value, byte| value << 8 | u32::from(*byte)))
    }

    fn byte(&mut self) -> Option<u8> {
        self.bytes(1).map(|bytes| bytes[0])
    }

    /// One value, whatever it is.
    fn value(&mut self) -> Option<()> {
        self.depth += 1;
        if self.depth > NESTING_MAX {
            return None;
        }
        match self.byte()? {
            NULL => Some(()),
            REFERENCE => self.bytes(4).map(drop),
            STRING => {
                self.numbered.push(None);
                self.text()
            }
            ARRAY => self.array(),
            OBJECT => self.instance(),
            _ => None,
        }?;
        self.depth -= 1;
        Some(())
    }

    fn text(&mut self) -> Option<()> {
        let length = self.number(2)?;
        self.bytes(length as usize).map(drop)
    }

    /// An array of bytes; its elements have no layout of their own.
    fn array(&mut self) -> Option<()> {
        self.class()?;
        self.numbered.push(None);
        let length = self.number(4)?;
        self.bytes(length as usize).map(drop)
    }

    fn instance(&mut self) -> Option<()> {
        let mut class = self.class()?;
        self.numbered.push(None);
        let mut layouts = Vec::new();
        while let Some(number) = class {
            let layout = self.numbered.get(number)?.clone()?;
            // A class is above another only once.
            if layouts.len() >= NESTING_MAX {
                return None;
            }
            class = layout.above;
            layouts.push(layout);
        }
        // Fields of the topmost class come first.
        layouts
            .iter()
            .rev()
            .try_for_each(|layout| layout.fields.iter().try_for_each(|field| self.field(*field)))
    }

    fn field(&mut self, kind: u8) -> Option<()> {
        match kind {
            b'B' | b'Z' => self.bytes(1).map(drop),
            b'C' | b'S' => self.bytes(2).map(drop),
            b'I' | b'F' => self.bytes(4).map(drop),
            b'J' | b'D' => self.bytes(8).map(drop),
            b'[' | b'L' => self.value(),
            _ => None,
        }
    }

    /// A description of a class, and its number.
    #[expect(clippy::option_option, reason = "the stream is right or not, and there is a class or none")]
    fn class(&mut self) -> Option<Option<usize>> {
        match self.byte()? {
            NULL => Some(None),
            REFERENCE => {
                let number = self.number(4)?.checked_sub(HANDLES)? as usize;
                Some(Some(number))
            }
            CLASS => self.description().map(Some),
            _ => None,
        }
    }

    fn description(&mut self) -> Option<usize> {
        self.text()?;
        self.bytes(8)?;
        let number = self.numbered.len();
        self.numbered.push(None);
        // Only classes that write nothing but their fields: whatever else they write has no layout.
        if self.byte()? != 2 {
            return None;
        }
        let mut fields = Vec::new();
        for _ in 0..self.number(2)? {
            let kind = self.byte()?;
            self.text()?;
            if matches!(kind, b'[' | b'L') {
                self.value()?;
            }
            fields.push(kind);
        }
        if self.byte()? != END {
            return None;
        }
        self.depth += 1;
        if self.depth > NESTING_MAX {
            return None;
        }
        let above = self.class()?;
        self.depth -= 1;
        *self.numbered.get_mut(number)? = Some(Layout { fields, above });
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::{ARRAY, CLASS, END, HANDLES, HEADER, NESTING_MAX, NULL, OBJECT, REFERENCE, STRING, object};

    fn text(text: &str) -> Vec<u8> {
        let length = u16::try_from(text.len()).expect("short");
        [&length.to_be_bytes()[..], text.as_bytes()].concat()
    }

    /// A class with one field, which holds an object; `above` is what stands for the class above.
    fn class(above: &[u8]) -> Vec<u8> {
        let field = [&[0, 1, b'L'][..], &text("f"), &[STRING], &text("LC;")].concat();
        [&[CLASS][..], &text("C"), &[0; 8], &[2], &field, &[END], above].concat()
    }

    fn is_passed_over(value: &[u8]) -> bool {
        let bytes = [HEADER, value, b"rest"].concat();
        let mut rest = &bytes[..];
        object(&mut rest).is_some() && rest == b"rest"
    }

    #[test]
    fn objects_in_objects_up_to_nesting_max() {
        // The innermost is nothing; the class is said once and has the number 0, the name of its field's type 1.
        let inner = [&[OBJECT, REFERENCE][..], &HANDLES.to_be_bytes()].concat();
        let of = |depth: usize| {
            is_passed_over(&[&[OBJECT][..], &class(&[NULL]), &inner.repeat(depth - 2), &[NULL]].concat())
        };
        assert!(of(NESTING_MAX));
        assert!(!of(NESTING_MAX + 1));
    }

    #[test]
    fn classes_above_classes_up_to_nesting_max() {
        // Of an object, one level is its own.
        let of = |count: usize| {
            let classes = (0..count).fold(vec![NULL], |above, _| class(&above));
            is_passed_over(&[&[OBJECT][..], &classes, &vec![NULL; count]].concat())
        };
        assert!(of(NESTING_MAX - 1));
        assert!(!of(NESTING_MAX + 1));
    }

    #[test]
    fn a_class_above_itself_ends() {
        let itself = [&[REFERENCE][..], &HANDLES.to_be_bytes()].concat();
        assert!(!is_passed_over(&[&[OBJECT][..], &class(&itself), &[NULL; 100]].concat()));
    }

    #[test]
    fn an_array_longer_than_what_is_there_is_none() {
        let of = |length: u32| {
            let class = [&[CLASS][..], &text("[B"), &[0; 8], &[2, 0, 0, END, NULL]].concat();
            is_passed_over(&[&[ARRAY][..], &class, &length.to_be_bytes(), &[7; 3]].concat())
        };
        assert!(of(3));
        assert!(!of(u32::MAX));
    }
}
