//! Blocks of consecutive texts.

use super::text::{Ends, Text, View};

/// Consecutive texts in one block of memory.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    /// For each text the ends of its parts, followed by the parts.
    pub(super) bytes: Vec<u8>,
    pub(super) starts: Vec<u32>,
}

impl Block {
    pub(super) fn start(&self, at: usize) -> usize {
        self.starts.get(at).map_or(self.bytes.len(), |start| *start as usize)
    }

    pub(super) fn text(&self, at: usize) -> View<'_> {
        let (ends, parts) =
            self.bytes[self.start(at)..self.start(at + 1)].split_first_chunk().expect("a text begins with its ends");
        View { parts, ends: Ends::from_bytes(*ends), signatures: None }
    }

    pub(super) fn put(&mut self, at: usize, text: &Text) {
        let (start, end) = (self.start(at), self.start(at + 1));
        self.bytes.splice(start..end, text.ends.to_bytes().into_iter().chain(text.parts.iter().copied()));
        if at == self.starts.len() {
            self.starts.push(place_in_block(start));
        }
        let longer = Ends::BYTES + text.parts.len();
        for later in &mut self.starts[at + 1..] {
            *later = place_in_block(*later as usize - (end - start) + longer);
        }
    }
}

fn place_in_block(at: usize) -> u32 {
    u32::try_from(at).expect("a block is small")
}
