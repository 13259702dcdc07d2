//! The heap memory of texts, in bytes.

pub(super) fn text_bytes(text: &Option<Box<str>>) -> usize {
    text.as_deref().map_or(0, str::len)
}

pub(super) fn texts_bytes(texts: &Vec<Box<str>>) -> usize {
    texts.capacity() * size_of::<Box<str>>() + texts.iter().map(|text| text.len()).sum::<usize>()
}
