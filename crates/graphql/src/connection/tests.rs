//! Pages and cursors.

use catalogue::{By, Listed, Order, Spot, UNPROMISED};
use proptest::prelude::*;
use registry::error::Error;
use registry::limits::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};

use super::arguments::Paging;
use super::cursor::{Cursor, write_spot};
use super::page::Page;
use crate::scalar::int;

fn list(keys: &std::collections::BTreeSet<(u32, u32)>) -> Vec<Listed<u32, (u32, u32)>> {
    keys.iter().map(|&(rank, code)| Listed { rank, code, item: (rank, code) }).collect()
}

fn page(
    list: Vec<Listed<u32, (u32, u32)>>,
    paging: [Option<i32>; 2],
    after: Option<&str>,
    before: Option<&str>,
) -> Page<(u32, u32)> {
    let [first, last] = paging;
    let paging = Paging::new(first, after.map(str::to_owned), last, before.map(str::to_owned)).expect("a page");
    paging.cut(list).expect("cursors of this list")
}

#[test]
fn a_page_size_out_of_range_is_refused_and_not_clamped() {
    for (first, last, argument) in
        [(Some(101), None, "first"), (Some(-1), None, "first"), (None, Some(101), "last"), (Some(1), Some(1), "first")]
    {
        let refused = Paging::new(first, None, last, None);
        assert!(
            matches!(refused, Err(Error::BadInput { argument: named, .. }) if named == argument),
            "{first:?} {last:?}"
        );
    }
    assert_eq!(Paging::new(None, None, None, None).expect("the usual").count, DEFAULT_PAGE_SIZE);
    assert_eq!(Paging::new(Some(100), None, None, None).expect("the most").count, MAX_PAGE_SIZE);
    assert_eq!(Paging::new(Some(0), None, None, None).expect("none").count, 0);
}

#[test]
fn a_cursor_of_another_list_is_refused() {
    for garbage in ["", "%%%", "djE6MA", "bm9uc2Vuc2U"] {
        let paging = Paging::new(None, Some(garbage.to_owned()), None, None).expect("a page");
        assert!(
            matches!(paging.cut(list(&[(0, 1)].into())), Err(Error::BadInput { argument, .. }) if argument == "after"),
            "{garbage}"
        );
    }
}

#[test]
fn a_cursor_is_valid_only_for_its_own_order() {
    let spots = [
        By::Relevance(7),
        By::Name("chong qing shi".into()),
        By::PromisedDays(5),
        By::PromisedDays(UNPROMISED),
        By::Code,
    ];
    let orders = [Order::Relevance, Order::Name, Order::PromisedDays, Order::Code];
    for by in spots {
        let spot = Spot { by, code: 42u32 };
        for order in orders {
            let paging = Paging::new(None, Some(write_spot(&spot)), None, None).expect("a page");
            match paging.slice::<u32>(order) {
                Ok(slice) => assert_eq!((slice.after.as_ref(), order), (Some(&spot), spot.by.order())),
                Err(refused) => {
                    assert!(matches!(refused, Error::BadInput { argument, .. } if argument == "after"));
                    assert_ne!(order, spot.by.order());
                }
            }
        }
    }
}

#[test]
fn a_cursor_survives_encoding() {
    let cursor = Cursor { rank: 3, code: "南沙区:窗口".to_owned() };
    assert_eq!(cursor.to_string().parse(), Ok(cursor));
}

proptest! {
    #[test]
    fn all_pages_in_either_direction_are_the_list(keys in prop::collection::btree_set((0u32..3, 0u32..40), 0..60), size in 1i32..8) {
        let all: Vec<_> = keys.iter().copied().collect();
        let mut forward = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let page = page(list(&keys), [Some(size), None], cursor.as_deref(), None);
            prop_assert_eq!(page.info.has_previous_page, !forward.is_empty());
            prop_assert_eq!(page.total, int(all.len()));
            forward.extend(page.items().copied());
            prop_assert_eq!(page.info.has_next_page, forward.len() < all.len());
            if !page.info.has_next_page { break; }
            cursor = page.info.end_cursor.map(|cursor| cursor.to_string());
        }
        prop_assert_eq!(&forward, &all);

        let mut backward = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let page = page(list(&keys), [None, Some(size)], None, cursor.as_deref());
            prop_assert_eq!(page.info.has_next_page, !backward.is_empty());
            backward.splice(0..0, page.items().copied());
            prop_assert_eq!(page.info.has_previous_page, backward.len() < all.len());
            if !page.info.has_previous_page { break; }
            cursor = page.info.start_cursor.map(|cursor| cursor.to_string());
        }
        prop_assert_eq!(&backward, &all);
    }

    #[test]
    fn a_cursor_stays_valid_when_its_entry_is_gone(keys in prop::collection::btree_set((0u32..3, 0u32..40), 2..60), at in any::<prop::sample::Index>()) {
        let gone = *at.get(&keys.iter().copied().collect::<Vec<_>>());
        let cursor = Cursor { rank: gone.0, code: gone.1 }.to_string();
        let mut left = keys.clone();
        left.remove(&gone);
        let after = page(list(&left), [Some(100), None], Some(&cursor), None);
        prop_assert!(after.items().copied().eq(left.iter().copied().filter(|key| *key > gone)));
        let before = page(list(&left), [None, Some(100)], None, Some(&cursor));
        prop_assert!(before.items().copied().eq(left.iter().copied().filter(|key| *key < gone)));
    }
}
