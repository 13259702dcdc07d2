#![no_main]

use std::sync::LazyLock;

use scenarios::hostile::Door;

static DOOR: LazyLock<Door> = LazyLock::new(Door::default);

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| DOOR.request(bytes));
