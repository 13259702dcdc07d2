//! Hash buckets of n-grams, and intersections of posting lists.

use roaring::RoaringBitmap;

/// Number of hash buckets for each kind of n-gram.
pub(super) const LISTS: usize = 4096;

/// The intersection of lists, the shortest first; empty without lists.
pub(super) fn in_all(mut lists: Vec<&RoaringBitmap>) -> RoaringBitmap {
    lists.sort_unstable_by_key(|list| list.len());
    match lists[..] {
        [] => RoaringBitmap::new(),
        [only] => only.clone(),
        [shortest, second, ref rest @ ..] => rest.iter().fold(shortest & second, |all, list| all & *list),
    }
}

/// Multiplicative hash: adjacent code points share a radical and often occur together, so they must be spread.
pub(super) fn scattered(piece: u64) -> u16 {
    const BITS: u32 = LISTS.ilog2();
    let place = piece.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - BITS);
    u16::try_from(place).expect("there are fewer lists than that")
}
